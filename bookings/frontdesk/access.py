"""Who may open which page of the desk, at which clinic; and how a refusal looks there.

A view of the desk is given a `Desk`: who asks, at which clinic, and when. It never reads the clock itself.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from bookings.actors import Actor, staff_actor
from bookings.errors import NotAllowed, NotFound, Refused
from bookings.frontdesk.sentences import said
from bookings.models import Clinic, Role, StaffMember

View = Callable[..., HttpResponseBase]

STAFF = frozenset({Role.FRONT_DESK, Role.NURSE, Role.PRESCRIBER, Role.MANAGER})
#: A screen that nobody touches for so long is signed out (45 CFR 164.312(a)(2)(iii) asks for some such time).
IDLE = timedelta(minutes=15)
#: And so is everybody after so long, touched or not.
LONGEST = timedelta(hours=12)
#: What a page sends along with what it asks for by itself: nobody sits there.
BY_ITSELF = "X-By-Itself"
LIVE_SALT = "desk-live"
#: Set in the session of a screen on the wall: the slug of the one clinic whose board it may show.
WALL = "desk_wall"
SINCE = "desk_since"  # in the session: when it began, in seconds since 1970
_SEEN = "desk_seen_at"


@dataclass(frozen=True)
class Desk:
    """One request of a member of staff."""

    staff: StaffMember
    actor: Actor
    now: datetime
    clinics: tuple[Clinic, ...]  # where they work, by name
    clinic: Clinic  # the one of the address, or the first

    @property
    def live_url(self) -> str:
        """Where this page hears that something at these clinics has changed since it was asked for."""
        ticket = signing.dumps(sorted(str(clinic.id) for clinic in self.clinics), salt=LIVE_SALT)
        return f"{settings.LIVE_URL}?ticket={ticket}&since={self.now.timestamp():.3f}"


def desk(*roles: Role, on_wall: bool = False, while_owing: bool = False) -> Callable[[View], View]:
    """Only for staff signed in at the desk, in one of the roles (all of them unless named).

    Whoever must set up an authenticator first is led there from every page but those `while_owing`.

    The view is called with `desk` instead of the address's `clinic` slug. Somebody else's clinic is 404,
    another role 403, and nobody signed in is led to the form and back. A screen on the wall is shown what is
    `on_wall` of its clinic; asked for anything else, it is signed out.
    """

    def wrap(view: View) -> View:
        @never_cache
        @wraps(view)
        def shown(
            request: HttpRequest, *args: Any, clinic: str | None = None, **kwargs: Any
        ) -> HttpResponseBase:
            now = timezone.now()
            if not isinstance(request.user, StaffMember) or not request.user.is_active:
                return _signed_out(request)
            if WALL in request.session and not (on_wall and request.session[WALL] == clinic):
                logout(request)
                return _signed_out(request)
            if not is_awake(request, now=now):
                logout(request)
                messages.warning(request, _("Nobody used this screen for a while, so it was signed out."))
                return _signed_out(request)
            try:
                here = _desk(request.user, clinic, roles or STAFF, now=now)
                if here.staff.owes_second_factor and not while_owing:
                    return _elsewhere(request, reverse("desk-second-factor", args=[here.clinic.slug]))
                with timezone.override(here.clinic.zone):  # templates write times on the clinic's wall
                    return view(request, *args, desk=here, **kwargs)
            except Refused as refusal:
                return refused(request, refusal)

        return shown

    return wrap


def refused(request: HttpRequest, refusal: Refused) -> HttpResponse:
    """A refusal as a page, or, for a script, as JSON with the sentence and the facts it may show."""
    if request.accepts("text/html"):
        return render(
            request, "frontdesk/refused.html", {"sentence": said(refusal.detail)}, status=refusal.status
        )
    return JsonResponse({"code": refusal.code, "detail": said(refusal.detail)}, status=refusal.status)


def seen_version(request: HttpRequest) -> int | None:
    """The version that the form was made from; None where it names none, so that nothing is compared."""
    version = request.POST.get("version", "")
    return int(version) if version.isdecimal() and len(version) < 9 else None


def _desk(staff: StaffMember, slug: str | None, roles: Collection[Role], *, now: datetime) -> Desk:
    actor = staff_actor(staff)
    if actor.role not in roles:
        raise NotAllowed(_("Your role may not do this."))
    clinics = tuple(Clinic.objects.filter(id__in=actor.clinics).order_by("name"))
    here = next((each for each in clinics if slug in (None, each.slug)), None)
    if here is None:
        raise NotFound(_("There is no such clinic, or you do not work there."))
    return Desk(staff=staff, actor=actor, now=now, clinics=clinics, clinic=here)


def is_awake(request: HttpRequest, *, now: datetime) -> bool:
    """Whether the session of somebody who is signed in may go on. A page that asks by itself does not keep it
    awake; a wall needs nobody beside it.
    """
    session, at = request.session, now.timestamp()
    since, seen = session.setdefault(SINCE, at), session.get(_SEEN, at)
    idle = 0 if WALL in session else at - seen
    if idle > IDLE.total_seconds() or at - since > LONGEST.total_seconds():
        return False
    if _SEEN not in session or (BY_ITSELF not in request.headers and at - seen >= 1):
        session[_SEEN] = at
    return True


def _signed_out(request: HttpRequest) -> HttpResponse:
    if _wants_a_page(request):
        back = request.get_full_path() if request.method in ("GET", "HEAD") else reverse("desk")
        return redirect_to_login(back, reverse("desk-login"))
    return HttpResponse(status=401, headers={"HX-Refresh": "true"})


def _elsewhere(request: HttpRequest, address: str) -> HttpResponse:
    if _wants_a_page(request):
        return redirect(address)
    return HttpResponse(status=403, headers={"HX-Refresh": "true"})


def _wants_a_page(request: HttpRequest) -> bool:
    return request.accepts("text/html") and "HX-Request" not in request.headers
