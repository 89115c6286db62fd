"""Lists in cursor pages: `{"next", "previous", "results"}`, from key to key, so that no row is skipped or
repeated.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import orjson
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db.models import Model, Q, QuerySet
from drf_spectacular.utils import inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from bookings.api.problems import invalid

Row = TypeVar("Row", bound=Model)
LIMIT, MOST = 50, 200


class PageQuery(serializers.Serializer[Any]):
    """What every list understands."""

    limit = serializers.IntegerField(
        min_value=1, max_value=MOST, default=LIMIT, help_text=f"Rows in a page, {LIMIT} unless set."
    )
    cursor = serializers.CharField(
        required=False, max_length=2000, help_text="Where the page begins; from `next` or `previous`."
    )


def page_of(serializer: type[serializers.BaseSerializer[Any]], name: str) -> serializers.Serializer[Any]:
    """How the schema shows a page of such rows."""
    link = {"allow_null": True, "read_only": True}
    fields: dict[str, serializers.Field[Any, Any, Any, Any]] = {
        "next": serializers.URLField(**link),  # type: ignore[arg-type]
        "previous": serializers.URLField(**link),  # type: ignore[arg-type]
        "results": serializer(many=True, read_only=True),
    }
    return inline_serializer(name, fields)


def paged(
    request: Request,
    rows: QuerySet[Row],
    *,
    order: Sequence[str],
    represent: Callable[[list[Row]], Any],
) -> Response:
    """One page of `rows` in `order`: field names of one direction, the last of them unique (`("-id",)`).

    One query. Raises `invalid` for a limit or a cursor that makes no sense.
    """
    query = PageQuery(
        data={
            name: request.query_params[name] for name in ("limit", "cursor") if name in request.query_params
        }
    )
    query.is_valid(raise_exception=True)
    limit, cursor = query.validated_data["limit"], query.validated_data.get("cursor")
    names, descending = [name.lstrip("-") for name in order], order[0].startswith("-")
    backward, place = _read(cursor, rows.model, names) if cursor else (False, None)
    down = descending != backward
    if place is not None:
        rows = rows.filter(_beyond(names, place, down=down))
    found = list(rows.order_by(*(f"-{name}" if down else name for name in names))[: limit + 1])
    more, found = len(found) > limit, found[:limit]
    if backward:
        found.reverse()
    has_next = backward or more
    has_previous = more if backward else place is not None
    return Response(
        {
            "next": _link(request, found, names, forward=True) if has_next and found else None,
            "previous": _link(request, found, names, forward=False) if has_previous and found else None,
            "results": represent(found),
        }
    )


def _beyond(names: Sequence[str], place: Sequence[Any], *, down: bool) -> Q:
    """Past `place` in the order of all names together. The bound on the first lets an index begin there."""
    way = "lt" if down else "gt"
    beyond = Q()
    for deep, name in enumerate(names):
        beyond |= Q(**dict(zip(names[:deep], place[:deep], strict=True)), **{f"{name}__{way}": place[deep]})
    return Q(**{f"{names[0]}__{way}e": place[0]}) & beyond


def _link(request: Request, found: Sequence[Model], names: Sequence[str], *, forward: bool) -> str:
    edge = found[-1] if forward else found[0]
    cursor = orjson.dumps([int(not forward), *(getattr(edge, name) for name in names)])
    text = urlsafe_b64encode(cursor).decode().rstrip("=")
    return replace_query_param(request.build_absolute_uri(), "cursor", text)


def _read(cursor: str, model: type[Model], names: Sequence[str]) -> tuple[bool, list[Any]]:
    try:
        backward, *place = orjson.loads(urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4)))
        if len(place) != len(names) or any("\0" in part for part in place if isinstance(part, str)):
            raise ValueError(place)
        fields = [model._meta.get_field(name) for name in names]  # noqa: SLF001  Django's public Meta
        return bool(backward), [field.to_python(part) for field, part in zip(fields, place, strict=True)]
    except (ValueError, TypeError, OverflowError, ValidationError, FieldDoesNotExist):
        raise invalid("cursor", "Not a cursor of this list.") from None
