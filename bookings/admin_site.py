"""The site at /admin/: the desk's form of signing in, and a policy for the scripts of its theme."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from csp.decorators import csp_update
from django.contrib.admin.apps import AdminConfig
from django.contrib.auth import logout
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from unfold.sites import UnfoldAdminSite

#: What the theme asks for beyond the policy of all other pages: its scripts read expressions from attributes,
#: which takes `unsafe-eval`, and its colours stand in a style element. Nothing comes from elsewhere.
POLICY = {
    "script-src": ["'unsafe-eval'"],
    "style-src": ["'unsafe-inline'"],
    "font-src": ["'self'"],
    "img-src": ["data:"],
}


class SetUpSite(UnfoldAdminSite):
    """Entered by the form of the desk, which asks for the second factor."""

    index_title = gettext_lazy("Set-up")

    def has_permission(self, request: HttpRequest) -> bool:
        """Active members of staff with the flag, for as long as a session of the desk may go on; not from a
        screen on the wall, nor before they have set up an authenticator that they owe.
        """
        from bookings.frontdesk.access import WALL, is_awake

        if not super().has_permission(request) or WALL in request.session:
            return False
        if not is_awake(request, now=timezone.now()):  # noqa: TID251  a door
            logout(request)
            return False
        return not request.user.owes_second_factor  # type: ignore[union-attr]

    @method_decorator(never_cache)
    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """One form for all staff, the desk's. Who may not come in here is told."""
        from django.contrib.auth.views import redirect_to_login  # once models are loaded

        if request.user.is_authenticated:
            raise PermissionDenied
        return redirect_to_login(request.GET.get("next") or reverse("admin:index"), reverse("desk-login"))

    def admin_view(self, view: Callable[..., Any], cacheable: bool = False) -> Callable[..., Any]:
        """Every page here, with the policy of the theme."""
        return csp_update(POLICY)(super().admin_view(view, cacheable))


class SetUpConfig(AdminConfig):
    """In place of `django.contrib.admin`."""

    default_site = "bookings.admin_site.SetUpSite"
