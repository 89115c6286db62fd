"""Which roles may call an endpoint. Whose things they may see there is settled by the queries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from bookings.models import Role

if TYPE_CHECKING:
    from bookings.api.endpoint import Endpoint

STAFF = frozenset({Role.FRONT_DESK, Role.NURSE, Role.PRESCRIBER, Role.MANAGER})
SIGNED_IN = STAFF | {Role.PATIENT}
EVERYONE: frozenset[Role] | None = None  # somebody not signed in as well


class HasRole(BasePermission):
    """Whether the caller's role is among the endpoint's `roles` for this method.

    Without a valid token that is 401, with the token of another role 403. Somebody whose authenticator was
    reset is let in only where they can set up another.
    """

    message = "Your role may not do this."

    def has_permission(self, request: Request, view: Endpoint) -> bool:  # type: ignore[override]
        method = "GET" if request.method == "HEAD" else request.method or ""
        if method not in view.roles:  # answered by 405; an endpoint names the roles of every method it has
            return True
        allowed = view.roles[method]
        if allowed is None:
            return True
        principal: Any = request.user
        if principal.is_staff and principal.staff.owes_second_factor and not view.open_while_owing:
            self.message = "Your authenticator was reset: set up another first, by me/second-factor/."
            return False
        return principal.role in allowed
