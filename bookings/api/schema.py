"""The OpenAPI 3.1 document: what an endpoint says of itself, and what is true of every endpoint."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers

from bookings.api.problems import CODES, MEDIA_TYPE
from bookings.api.schema_problems import component_of

Method = TypeVar("Method", bound=Callable[..., Any])

_IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "maxLength": 255},
    OpenApiParameter.HEADER,
    description="The same key and body again returns the first answer, with `Idempotent-Replayed: true`.",
)
_IF_MATCH = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    description="An `ETag`: refused as `stale` when it is no longer that.",
)
_IF_NONE_MATCH = OpenApiParameter(
    "If-None-Match", str, OpenApiParameter.HEADER, description="An `ETag`: 304 when it is still that."
)
_ETAG = OpenApiParameter(
    "ETag", str, OpenApiParameter.HEADER, response=[200, 201], description="The version, for If-Match."
)
_REPLAYED = OpenApiParameter(
    "Idempotent-Replayed",
    str,
    OpenApiParameter.HEADER,
    response=True,
    description="`true` when it is a replay.",
)


#: A token is welcome but not needed. (The library's annotation knows names of schemes alone.)
_PUBLIC: Any = [{}, {"bearer": []}]


def describe(
    summary: str,
    *,
    answers: Mapping[int, Any],
    body: Any = None,
    query: type[serializers.Serializer[Any]] | Sequence[type[serializers.Serializer[Any]]] = (),
    refusals: Sequence[str] = (),
    public: bool = False,
    tagged: bool = False,
    examples: Sequence[OpenApiExample] = (),
    tag: str,
) -> Callable[[Method], Method]:
    """Describe one method of an endpoint, whose docstring is the long description.

    `answers`: status → serializer, or None for no body. `body`: the serializer that reads the request.
    `refusals`: codes beyond those that follow from the rest (not signed in, wrong role, malformed input, a
    key used twice). `tagged`: the thing has an ETag. `public`: somebody not signed in may call it.
    """

    def decorate(method: Method) -> Method:
        verb = method.__name__.upper()
        queries = [query] if isinstance(query, type) else list(query)
        parameters: list[Any] = [*queries]
        codes = ["unauthenticated", *([] if public else ["forbidden"]), *refusals]
        if verb == "POST":
            parameters += [_IDEMPOTENCY_KEY, _REPLAYED]
            codes += ["invalid", "idempotency-key-reused", "idempotency-key-in-use"]
        if body is not None:
            codes += ["invalid", "unsupported-media-type", "too-large"]
        if queries:
            codes += ["invalid"]
        if tagged:
            parameters.append(_ETAG)
        if tagged and verb == "GET":
            parameters.append(_IF_NONE_MATCH)
        elif tagged and 201 not in answers:  # what is made now has no earlier version
            parameters.append(_IF_MATCH)
            codes.append("stale")
        responses: dict[Any, Any] = {status: _answer(status, kind) for status, kind in answers.items()}
        if tagged and verb == "GET":
            responses[304] = OpenApiResponse(description="It is still what the ETag says.")
        return extend_schema(
            operation_id="_".join(re.findall(r"[a-z]+", summary.lower())),
            summary=summary,
            tags=[tag],
            request=body if body is not None else None,
            parameters=parameters,
            responses={**responses, **refusals_of(codes)},
            examples=list(examples),
            auth=_PUBLIC if public else None,
        )(method)

    return decorate


def refusals_of(codes: Sequence[str]) -> dict[Any, Any]:
    """The answers with those codes, grouped by their status."""
    by_status: dict[int, list[str]] = {}
    for code in dict.fromkeys(codes):
        by_status.setdefault(CODES[code][0], []).append(code)
    return {
        (status, MEDIA_TYPE): OpenApiResponse(
            response=_one_of([{"$ref": f"#/components/schemas/{component_of(code)}"} for code in group]),
            description=" · ".join(f"`{code}`: {CODES[code][1]}" for code in group),
        )
        for status, group in by_status.items()
    }


def _one_of(schemas: list[dict[str, Any]]) -> dict[str, Any]:
    return schemas[0] if len(schemas) == 1 else {"oneOf": schemas}


def _answer(status: int, kind: Any) -> Any:
    if kind is None:
        return OpenApiResponse(description="Done; there is no body.")
    return OpenApiResponse(
        response=kind, description={200: "OK", 201: "Made", 202: "Accepted"}.get(status, "")
    )


ANY_OBJECT = OpenApiTypes.OBJECT
