"""Words: a message as subject, text and simple HTML, in the recipient's language.

No drug, diagnosis or name of a treatment, in no part of it: neither does this page read any. Times are those
of the clinic's wall, with the name of its zone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.template.loader import render_to_string
from django.utils import formats, translation
from django.utils.translation import gettext, pgettext

from bookings.models import Clinic
from notifications.kinds import Kind

LANGUAGES = ("en", "es")


@dataclass(frozen=True, slots=True)
class Appointment:
    """One line of a message: when a session is and, of one that was moved, when it was."""

    start: datetime
    before: datetime | None = None


@dataclass(frozen=True, slots=True)
class Words:
    """What a person reads. The subject is neutral: others may see it on a locked screen."""

    subject: str
    text: str


def compose(
    kind: Kind,
    *,
    language: str,
    clinic: Clinic | None = None,
    first_name: str = "",
    appointments: Sequence[Appointment] = (),
    code: str = "",
) -> Words:
    """The words of a message. English for a language that there are no words in."""
    with translation.override(language if language in LANGUAGES else "en"):
        context = {
            "first_name": first_name,
            "clinic": clinic,
            "code": code,
            "appointments": [
                {
                    "start": when(each.start, clinic),
                    "before": when(each.before, clinic) if each.before else "",
                }
                for each in appointments
                if clinic
            ],
            "zone": clinic.time_zone.replace("_", " ") if clinic else "",
        }
        subject = _subject(kind)
        text = render_to_string(f"notifications/{kind}.txt", context)
    return Words(subject, re.sub(r"\n{3,}", "\n\n", text.strip()) + "\n")


def as_html(words: Words, *, language: str) -> str:
    """The same words as a plain page."""
    context = {"subject": words.subject, "text": words.text, "language": language or "en"}
    return render_to_string("notifications/message.html", context)


def when(at: datetime, clinic: Clinic) -> str:
    """A time on the clinic's wall, in the active language: `Monday, April 6, 2026, 10:00 a.m. EDT`."""
    there = at.astimezone(clinic.zone)
    day = formats.date_format(there, pgettext("date format, as of Django's date filter", "l, F j, Y"))
    hour = formats.date_format(there, pgettext("time format, as of Django's date filter", "g:i a"))
    return f"{day}, {hour} {there.tzname()}"


def _subject(kind: Kind) -> str:
    return {
        Kind.RECEIPT: gettext("Your appointment: request received"),
        Kind.CONFIRMATION: gettext("Your appointment: confirmation"),
        Kind.REMINDER: gettext("Your appointment: reminder"),
        Kind.CHANGE: gettext("Your appointment: new time"),
        Kind.CANCELLATION: gettext("Your appointment: cancelled"),
        Kind.SERIES_CANCELLATION: gettext("Your appointment: cancelled"),
        Kind.RESTORED: gettext("Your appointment: as booked"),
        Kind.LOGIN_CODE: gettext("Your sign-in code"),
    }[kind]
