"""What every view of the API is: roles for each method, bodies that are checked, answers that are JSON."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from typing import Any, ClassVar

from django.http.response import HttpResponseBase
from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.views import APIView

from bookings.actors import Actor
from bookings.api.idempotency import idempotent
from bookings.api.permissions import HasRole
from bookings.api.rendering import AlwaysJson, JsonParser, JsonRenderer
from bookings.models import Role, Scope

METHODS = ("get", "post", "put", "patch", "delete")


class Endpoint(APIView):
    """A view that says for each of its methods which roles may call it, and honours Idempotency-Key on POST.

    `zone` is the zone in which refusals name their times; a view sets it once it knows the clinic.
    """

    roles: ClassVar[Mapping[str, frozenset[Role] | None]] = {}
    scopes: ClassVar[Mapping[str, Scope | None]] = {}  # where `permissions.scope_needed` would say otherwise
    open_while_owing: ClassVar[bool] = False  # for staff who must set up an authenticator first
    permission_classes = (HasRole,)
    renderer_classes = (JsonRenderer,)
    parser_classes = (JsonParser,)
    content_negotiation_class = AlwaysJson
    metadata_class = None
    zone: tzinfo = UTC
    now: datetime  # one instant for the whole request

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        methods = {method.upper() for method in METHODS if hasattr(cls, method)}
        if methods != cls.roles.keys():
            raise TypeError(f"{cls.__name__} must name the roles of exactly {sorted(methods)}")
        if "post" in cls.__dict__:
            cls.post = idempotent(cls.__dict__["post"])  # type: ignore[attr-defined]

    @property
    def actor(self) -> Actor:
        """Who asks, as commands and queries know them."""
        return self.request.user.actor

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        self.now = timezone.now()
        super().initial(request, *args, **kwargs)

    def finalize_response(
        self, request: Request, response: HttpResponseBase, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        response = super().finalize_response(request, response, *args, **kwargs)
        response.headers.setdefault("Cache-Control", "private, no-cache")
        return response

    def body(
        self, kind: type[serializers.Serializer[Any]], *, without: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """The request's body as that serializer reads it. Raises `invalid`.

        Members that are exactly those of `without` are passed over.
        """
        sent = self.request.data
        if without and isinstance(sent, Mapping):
            sent = {
                name: value for name, value in sent.items() if name not in without or value != without[name]
            }
        return _checked(kind(data=sent))

    def query(self, kind: type[serializers.Serializer[Any]]) -> dict[str, Any]:
        """The query's parameters as that serializer reads them. Raises `invalid`."""
        return _checked(kind(data=self.request.query_params.dict()))


def _checked(serializer: serializers.Serializer[Any]) -> dict[str, Any]:
    serializer.is_valid(raise_exception=True)
    return serializer.validated_data
