"""Which roles may call an endpoint. Whose things they may see there is settled by the queries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from bookings.models import Role, Scope

if TYPE_CHECKING:
    from bookings.api.endpoint import Endpoint

STAFF = frozenset({Role.FRONT_DESK, Role.NURSE, Role.PRESCRIBER, Role.MANAGER})
SIGNED_IN = STAFF | {Role.PATIENT}
EVERYONE: frozenset[Role] | None = None  # somebody not signed in as well
_BY_REACH = (Scope.READ, Scope.BOOK, Scope.MANAGE)


class HasRole(BasePermission):
    """Whether the caller's role is among the endpoint's `roles` for this method.

    Without a valid token that is 401, with the token of another role, or of a scope that does not reach so
    far, 403. Somebody whose authenticator was reset is let in only where they can set up another.
    """

    message = "Your role may not do this."

    def has_permission(self, request: Request, view: Endpoint) -> bool:  # type: ignore[override]
        method = "GET" if request.method == "HEAD" else request.method or ""
        if method not in view.roles:  # answered by 405; an endpoint names the roles of every method it has
            return True
        allowed = view.roles[method]
        principal: Any = request.user
        if principal.token is not None and not _reaches(principal.token.scope, view, method):
            self.message = "This token was made for less than this."
            return False
        if allowed is None:
            return True
        if principal.is_staff and principal.staff.owes_second_factor and not view.open_while_owing:
            self.message = "Your authenticator was reset: set up another first, by me/second-factor/."
            return False
        return principal.role in allowed


def scope_needed(view: Endpoint | type[Endpoint], method: str) -> Scope | None:
    """The least scope with which a token may call it; None where only somebody who has signed in may.

    Reading takes `read`. A change that all staff may make takes `book`, one that is kept for some roles takes
    `manage`; an endpoint that says otherwise says it in `scopes`.
    """
    if method in view.scopes:
        return view.scopes[method]
    if method == "GET":
        return Scope.READ
    allowed = view.roles[method]
    return Scope.BOOK if allowed is None or allowed >= STAFF else Scope.MANAGE


def _reaches(scope: str, view: Endpoint, method: str) -> bool:
    if not scope:  # somebody has signed in
        return True
    needed = scope_needed(view, method)
    return needed is not None and _BY_REACH.index(Scope(scope)) >= _BY_REACH.index(needed)
