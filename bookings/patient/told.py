"""A visit as its patient is told of it: when and where, how to prepare, and what can still be done."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils.translation import get_language, gettext

from bookings.actors import Actor
from bookings.models import Series, Session
from bookings.patient.describing import patient_name
from bookings.patient.wording import (
    clock_words,
    day_words,
    hours_words,
    short_day_words,
    when_words,
    zone_words,
)
from bookings.preparation import Preparation, driving_from, fasting, preparation_of
from bookings.queries.sessions import allowed_verbs, sessions_of_course
from bookings.snapshot import protocol_of

_AHEAD = ("requested", "booked", "confirmed")


def told(session: Session, *, actor: Actor, now: datetime) -> dict[str, Any]:
    """What a page says of one visit. Reads nothing: the session knows its series, version and clinic."""
    zone, version = session.clinic.zone, session.series.protocol_version
    protocol, preparation = protocol_of(version), preparation_of(version.rules)
    allowed = allowed_verbs(session, actor=actor, now=now)
    ahead = session.status in _AHEAD and session.start > now
    cut_off = session.start.astimezone(UTC) - timedelta(hours=protocol.cancel_cutoff_hours)
    word, colour = status_words(session.status)
    return {
        "session": session,
        "id": session.id,
        "number": session.number,
        "of": sessions_of_course(session),
        "version": session.version,
        "day": day_words(session.start.astimezone(zone).date()),
        "short_day": short_day_words(session.start.astimezone(zone).date()),
        "clock": clock_words(session.start, zone),
        "until": clock_words(session.end, zone),
        "when": when_words(session.start, zone),
        "start": session.start.astimezone(zone),
        "zone": zone.key,
        "zone_words": zone_words(zone, session.start),
        "clinic": session.clinic,
        "status": word,
        "colour": colour,
        "cancelled": session.status in ("cancelled", "no_show"),
        "ahead": ahead,
        "prepare": _prepare(session, preparation) if ahead else [],
        "words": preparation.text(get_language() or "en") if ahead else "",
        "needs_driver": protocol.needs_escort,
        "may_confirm": "confirm" in allowed and ahead,
        "may_move": "move" in allowed and ahead,
        "may_cancel": "cancel" in allowed and ahead,
        "late": ahead and now > cut_off,
        "must_be_seen": getattr(session, "must_be_seen", False),
        "cut_off": when_words(cut_off, zone),
        "cut_off_hours": hours_words(protocol.cancel_cutoff_hours),
    }


def status_words(status: str) -> tuple[str, str]:
    """A state in words, and the colour of its tag."""
    return {
        "requested": (gettext("Waits for approval"), "warn"),
        "booked": (gettext("Booked"), ""),
        "confirmed": (gettext("Confirmed"), "good"),
        "arrived": (gettext("You are here"), "good"),
        "infusing": (gettext("Under way"), "good"),
        "recovering": (gettext("Under way"), "good"),
        "completed": (gettext("Done"), "good"),
        "no_show": (gettext("Missed"), "bad"),
        "cancelled": (gettext("Cancelled"), "bad"),
    }[status]


def treatment(series: Series) -> str:
    """The name of the treatment, for pages behind a sign-in alone."""
    return patient_name(series.protocol_version.rules)


def _prepare(session: Session, preparation: Preparation) -> list[str]:
    """What to do on the day, with its hours by the clinic's wall-clock."""
    zone = session.clinic.zone
    until = fasting(session.start, zone, preparation)
    drive = driving_from(session.end, zone, preparation)
    said = []
    if until.solids_until and until.solids_until == until.clear_fluids_until:
        facts = {"when": _near(until.solids_until, session)}
        said.append(gettext("Eat and drink nothing after %(when)s") % facts)
    else:
        if until.solids_until:
            said.append(gettext("Eat nothing after %(when)s") % {"when": _near(until.solids_until, session)})
        if until.clear_fluids_until:
            facts = {"when": _near(until.clear_fluids_until, session)}
            said.append(gettext("Drink clear fluids, such as water, only until %(when)s") % facts)
    if drive:
        said.append(gettext("Do not drive before %(when)s") % {"when": when_words(drive, zone)})
    return said


def _near(at: datetime, session: Session) -> str:
    """The hour, with its day where that is not the day of the visit."""
    zone = session.clinic.zone
    same_day = at.astimezone(zone).date() == session.start.astimezone(zone).date()
    return clock_words(at, zone) if same_day else when_words(at, zone)
