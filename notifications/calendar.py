"""Calendar entries: what mail programs take from an email, and the address that a calendar subscribes to.

Whoever looks into a shared calendar learns that there is an appointment, when and where, and no more. One
visit is one UID for good; its SEQUENCE is the visit's version, which every change raises, so that a calendar
that follows RFC 5546 takes a later state for an earlier one and not the other way round.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from email.utils import parseaddr
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext
from icalendar import Calendar, Component, Event, Timezone, vCalAddress, vText

from notifications.channels import Invitation
from notifications.content import Appointment, Content, Voice
from notifications.kinds import Kind

PRODUCT = "-//cadence//appointments//EN"
#: The kinds that put a visit into a calendar, move it there or take it out.
INVITING = frozenset(
    {Kind.CONFIRMATION, Kind.CHANGE, Kind.CANCELLATION, Kind.SERIES_CANCELLATION, Kind.RESTORED}
)
#: How often a subscribed calendar is to ask again.
REFRESH = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One visit of a subscribed calendar."""

    session: str  # id
    start: datetime
    end: datetime
    sequence: int
    certain: bool  # booked, and not a request that waits for a clinician
    clinic: Voice


def invitations(content: Content, *, recipient: str, now: datetime) -> tuple[Invitation, ...]:
    """One for each visit that the message books, moves or cancels: RFC 5546 has one UID in each."""
    if content.kind not in INVITING or content.clinic is None:
        return ()
    with translation.override(content.language):
        return tuple(_invitation(each, content.clinic, recipient, now) for each in content.appointments)


def feed(visits: Sequence[Visit], *, language: str, now: datetime) -> bytes:
    """A calendar to subscribe to: the visits that stand, as they are at `now`."""
    with translation.override(language):
        calendar = _calendar()
        calendar.add("X-WR-CALNAME", gettext("Appointments"))
        calendar.add("REFRESH-INTERVAL", REFRESH, parameters={"VALUE": "DURATION"})
        calendar.add("X-PUBLISHED-TTL", "PT1H")
        return _with(calendar, visits, now=now).to_ical()


def single(visit: Visit, *, language: str, now: datetime) -> bytes:
    """A file with one visit as it is at `now`, to be put into a calendar by hand. Its UID is that of the
    invitations and of the calendar to subscribe to, so that it is there once whichever of them come.
    """
    with translation.override(language):
        return _with(_calendar(), [visit], now=now).to_ical()


def _invitation(appointment: Appointment, clinic: Voice, recipient: str, now: datetime) -> Invitation:
    method = "CANCEL" if appointment.cancelled else "REQUEST"
    calendar = _calendar()
    calendar.add("METHOD", method)
    calendar.add_component(_zone(clinic.zone, [appointment.start.astimezone(clinic.zone).date()]))
    event = _event(appointment.session, appointment.start, appointment.end, appointment.sequence, clinic, now)
    event.add("STATUS", "CANCELLED" if appointment.cancelled else "CONFIRMED")
    organizer = vCalAddress(f"mailto:{parseaddr(settings.DEFAULT_FROM_EMAIL)[1]}")
    organizer.params["CN"] = vText(clinic.name)
    event.add("ORGANIZER", organizer)
    # Outlook and Apple's calendar ignore what is not addressed to somebody. An answer is not asked for:
    # nobody would read it, and a visit must not seem to be cancelled by a tap on "No".
    attendee = vCalAddress(f"mailto:{recipient}")
    attendee.params["ROLE"] = vText("REQ-PARTICIPANT")
    attendee.params["PARTSTAT"] = vText("ACCEPTED")
    attendee.params["RSVP"] = vText("FALSE")
    event.add("ATTENDEE", attendee)
    calendar.add_component(event)
    return Invitation(method, calendar.to_ical())


def _with(calendar: Calendar, visits: Sequence[Visit], *, now: datetime) -> Calendar:
    zones: dict[str, tuple[ZoneInfo, list[date]]] = {}
    for visit in visits:
        zone = visit.clinic.zone
        zones.setdefault(zone.key, (zone, []))[1].append(visit.start.astimezone(zone).date())
    for zone, days in zones.values():
        calendar.add_component(_zone(zone, days))
    for visit in visits:
        event = _event(visit.session, visit.start, visit.end, visit.sequence, visit.clinic, now)
        event.add("STATUS", "CONFIRMED" if visit.certain else "TENTATIVE")
        calendar.add_component(event)
    return calendar


def _calendar() -> Calendar:
    calendar = Calendar()
    calendar.add("VERSION", "2.0")
    calendar.add("PRODID", PRODUCT)
    calendar.add("CALSCALE", "GREGORIAN")
    return calendar


def _event(uid: str, start: datetime, end: datetime, sequence: int, clinic: Voice, now: datetime) -> Event:
    event = Event()
    event.add("UID", uid)
    event.add("SEQUENCE", sequence)
    event.add("DTSTAMP", now)
    event.add("DTSTART", _on_the_wall(start, clinic.zone))
    event.add("DTEND", _on_the_wall(end, clinic.zone))
    event.add("SUMMARY", gettext("Appointment"))
    event.add("DESCRIPTION", _description(clinic))
    event.add("LOCATION", clinic.address or clinic.name)
    event.add("CLASS", "PRIVATE")
    event.add("TRANSP", "OPAQUE")
    return event


def _on_the_wall(at: datetime, zone: ZoneInfo) -> datetime:
    """The clinic's wall-clock; of an hour that occurs twice, the second time in UTC, because RFC 5545 takes a
    time on that wall for the first.
    """
    there = at.astimezone(zone)
    return at.astimezone(UTC) if there.fold else there


def _description(clinic: Voice) -> str:
    if clinic.phone:
        said = gettext(
            "%(name)s, %(phone)s. Please call to change or cancel: an answer from this calendar "
            "does not reach us."
        )
    else:
        said = gettext("%(name)s. An answer from this calendar does not reach us.")
    return said % {"name": clinic.name, "phone": clinic.phone}


def _zone(zone: ZoneInfo, days: Iterable[date]) -> Component:
    years = sorted(day.year for day in days)
    return Timezone.from_ical(_zone_bytes(zone.key, years[0], years[-1]))


@lru_cache(maxsize=256)
def _zone_bytes(key: str, first: int, last: int) -> bytes:
    """The changes of the clocks from the year before up to the year after, which is all that is needed."""
    return Timezone.from_tzid(key, first_date=date(first - 1, 1, 1), last_date=date(last + 2, 1, 1)).to_ical()
