"""Words: what a message says as subject, text and page, in the recipient's language.

No drug, diagnosis or name of a treatment, in no part of it: `content.Content` has none. Times are those of
the clinic's wall. docs/messages.md tells how a template is written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.template.loader import render_to_string
from django.utils import formats, translation
from django.utils.translation import gettext, ngettext, pgettext

from notifications import calendar, gsm, stop_links
from notifications.channels import Letter
from notifications.content import Appointment, Content
from notifications.kinds import Basis, Channel, Kind
from notifications.templatetags.letters import tidy

LANGUAGES = ("en", "es")
ONE_SEGMENT = 160  # septets

_FOLDER = "notifications"


@dataclass(frozen=True, slots=True)
class Words:
    """What a person reads. The subject is neutral: others may see it on a locked screen."""

    subject: str
    text: str
    html: str = ""


@dataclass(frozen=True, slots=True)
class Room:
    """How much a text says."""

    shown: int  # appointments by name; the others as a number
    zone: bool = False  # the name of the clinic's zone after each time
    asks: bool = True  # what to answer
    link: bool = True
    name: int = 30  # signs of the clinic's name
    terse: bool = False  # of several things only that there are some


#: From generous to terse: the first that fits into one segment is taken.
_ROOMS = (
    Room(6, zone=True),
    Room(6),
    Room(4),
    Room(3),
    Room(2),
    Room(1),
    Room(1, asks=False),
    Room(1, asks=False, name=20),
    Room(1, asks=False, link=False),
    Room(1, asks=False, link=False, name=12, terse=True),
)


def letter(
    content: Content,
    channel: Channel,
    *,
    id: str,  # noqa: A002
    recipient: str,
    now: datetime,
    valid_for: int | None = None,
    tried_since: datetime | None = None,
) -> Letter:
    """All that a channel needs to send this to `recipient`, a message's id being its identity.

    An email carries an invitation for each visit that it books, moves or cancels, and a header that leads to
    the page where emails are stopped, which never touches a visit.
    """
    said = words(content, channel)
    by_email = channel == Channel.EMAIL
    may_stop = by_email and content.clinic is not None  # who signs in has asked for it
    return Letter(
        id=id,
        recipient=recipient,
        subject=said.subject,
        text=said.text,
        html=said.html,
        calendar=calendar.invitations(content, recipient=recipient, now=now) if by_email else (),
        headers={"List-Unsubscribe": f"<{stop_links.address_for(id)}>"} if may_stop else {},
        valid_for=valid_for,
        tried_since=tried_since,
    )


def words(content: Content, channel: Channel) -> Words:
    """The words of a message. English for a language that there are no words in.

    A text is one line in the alphabet of GSM 03.38 and one segment long: it names fewer visits, and says less
    about them, until it fits. It never says how to prepare, only where to read it.
    """
    language = content.language if content.language in LANGUAGES else "en"
    with translation.override(language):
        if channel == Channel.TEXT:
            return Words("", _one_segment(content))
        return _email(content, language)


def when(at: datetime, zone: ZoneInfo) -> str:
    """A time on the wall there, in the active language: `Monday, April 6, 2026, 10:00 a.m. EDT`."""
    return f"{_day(at, zone)}, {_hour(at, zone)}"


def _email(content: Content, language: str) -> Words:
    zone = content.clinic.zone if content.clinic else ZoneInfo("UTC")
    context = {
        "language": language,
        "first_name": content.first_name,
        "clinic": content.clinic,
        "appointments": [_in_words(each, zone) for each in content.appointments],
        "zone": zone.key.replace("_", " "),
        "code": content.code,
        "link": content.link,
        "preferences_link": content.preferences_link,
        "minutes_late": content.minutes_late,
    }

    def laid_out(layout: str) -> str:
        return render_to_string(f"{_FOLDER}/email/{content.kind}.txt", {**context, "layout": layout})

    return Words(
        subject=laid_out(f"{_FOLDER}/email/subject.txt").strip(),
        text=tidy(laid_out(f"{_FOLDER}/email/letter.txt")) + "\n",
        html=laid_out(f"{_FOLDER}/email/letter.html").strip() + "\n",
    )


def _in_words(appointment: Appointment, zone: ZoneInfo) -> dict[str, Any]:
    def said(at: datetime | None) -> str:
        return when(at, zone) if at else ""

    return {
        "day": _day(appointment.start, zone),
        "hour": _hour(appointment.start, zone),
        "when": when(appointment.start, zone),
        "before": said(appointment.before),
        "cancelled": appointment.cancelled,
        "solids_until": said(appointment.solids_until),
        "fluids_until": said(appointment.fluids_until),
        "driving_from": said(appointment.driving_from),
        "own_words": appointment.own_words,
        "needs_escort": appointment.needs_escort,
        "escort_name": appointment.escort_name,
    }


def _one_segment(content: Content) -> str:
    """The most generous wording that fits; the tersest one where none does, which then is longer."""
    said = ""
    for said in _wordings(content):
        if gsm.length(said) <= ONE_SEGMENT:
            break
    return said


def _wordings(content: Content) -> Iterator[str]:
    clinic = content.clinic
    about = _once(content)
    kinds: list[Kind] = [kind for kind in content.kinds if kind != Kind.PREPARATION]
    kinds = kinds or [Kind.PREPARATION]
    several = len(set(kinds)) > 1
    context = {
        "layout": f"{_FOLDER}/text/line.txt",
        "kinds": [kind.value for kind in kinds],
        "prepare": Kind.PREPARATION in content.kinds,
        "code": content.code,
        "link": content.link,
        "phone": clinic.phone if clinic else "",
        "exempt": content.basis == Basis.EXEMPTION and clinic is not None,
        "minutes_late": content.minutes_late,
        "answer": content.answer,
        "anew": not any(each.before for each in content.appointments),
    }
    for room in _ROOMS:
        context |= {
            "room": room,
            "name": _shortened(clinic.name, room.name) if clinic else "",
            "when": _listed(about, clinic.zone, room, marked=several) if clinic else "",
        }
        path = f"{_FOLDER}/text/{'several' if several else kinds[0]}.txt"
        yield gsm.fold(" ".join(render_to_string(path, context).split()))


def _once(content: Content) -> list[Appointment]:
    """Each visit once: as what it is spoken of first, and as one to prepare for only where it is nothing
    else.
    """
    found: dict[str, Appointment] = {}
    for each in sorted(content.appointments, key=lambda each: each.kind == Kind.PREPARATION):
        found.setdefault(each.session, each)
    return sorted(found.values(), key=lambda each: each.start)


def _listed(about: list[Appointment], zone: ZoneInfo, room: Room, *, marked: bool) -> str:
    """Such as `Mon Apr 6, 10:00 AM; Thu Apr 9, 10:00 AM and 4 more`."""
    named = "; ".join(_briefly(each, zone, room, marked=marked) for each in about[: room.shown])
    more = len(about) - room.shown
    if more <= 0:
        return named
    return ngettext("%(named)s and %(more)s more", "%(named)s and %(more)s more", more) % {
        "named": named,
        "more": more,
    }


def _briefly(appointment: Appointment, zone: ZoneInfo, room: Room, *, marked: bool) -> str:
    there = appointment.start.astimezone(zone)
    day = formats.date_format(there, pgettext("short date, as of Django's date filter", "D M j"))
    hour = formats.date_format(there, pgettext("short time, as of Django's date filter", "g:i A"))
    twice = there.utcoffset() != there.replace(fold=1 - there.fold).utcoffset()
    name = f" {there.tzname()}" if room.zone or twice else ""
    mark = _marks().get(appointment.kind, "") if marked else ""
    return f"{day}, {hour}{name}" + (f" ({mark})" if mark else "")


def _marks() -> Mapping[Kind, str]:
    cancelled = pgettext("text", "cancelled")
    return {
        Kind.RECEIPT: pgettext("text", "requested"),
        Kind.CHANGE: pgettext("text", "new time"),
        Kind.CANCELLATION: cancelled,
        Kind.SERIES_CANCELLATION: cancelled,
        Kind.PROPOSAL: pgettext("text", "suggested"),
        Kind.OFFER: pgettext("text", "free"),
    }


def _shortened(name: str, most: int) -> str:
    """The name, or as many of its first words as fit; what a telephone cannot show is no name."""
    shown = gsm.fold(name)
    if shown.count("?") * 2 > len(shown):
        shown = gsm.fold(gettext("Your clinic"))
    if len(shown) <= most:
        return shown
    whole, blank, _ = shown[: most + 1].rpartition(" ")
    return (whole if blank else shown[:most]).rstrip(" ,.-&")


def _day(at: datetime, zone: ZoneInfo) -> str:
    there = at.astimezone(zone)
    return formats.date_format(there, pgettext("date format, as of Django's date filter", "l, F j, Y"))


def _hour(at: datetime, zone: ZoneInfo) -> str:
    there = at.astimezone(zone)
    hour = formats.date_format(there, pgettext("time format, as of Django's date filter", "g:i a"))
    return f"{hour} {there.tzname()}"
