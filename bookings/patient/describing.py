"""A treatment in plain words: what a course of it asks of somebody. Nothing is promised and nothing advised.

Every number comes from the version of the protocol that is in effect at the clinic.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import get_language, gettext, ngettext

from bookings import snapshot
from bookings.models import Clinic, Protocol, ProtocolVersion
from bookings.patient.wording import days_words, hours_words
from bookings.preparation import Preparation, preparation_of
from scheduler.protocol import Phase


@dataclass(frozen=True)
class Part:
    """A phase as something to choose: `key` counts from 1 in the order of the protocol."""

    key: int
    name: str
    sessions: int | None


@dataclass(frozen=True)
class Described:
    """A treatment at a clinic, ready to be shown."""

    clinic: Clinic
    key: str  # for addresses: an id, because an address must not say what somebody is treated for
    name: str
    parts: tuple[Part, ...]
    rhythm: str
    length: str
    day: tuple[str, ...]
    rest: tuple[str, ...]  # of the day, what is not said in hours of fasting
    first: str  # what happens before anything is confirmed
    price: str


def described(clinic: Clinic, protocol: Protocol, version: ProtocolVersion, *, part: int = 1) -> Described:
    """The treatment as somebody meets it who is to have that part of it."""
    treatment = snapshot.protocol_of(version)
    preparation = preparation_of(version.rules)
    rest = tuple(_rest(preparation, escort=treatment.needs_escort))
    return Described(
        clinic=clinic,
        key=str(protocol.id),
        name=patient_name(version.rules),
        parts=tuple(
            Part(key, _part_words(key, phase), phase.sessions)
            for key, phase in enumerate(treatment.phases, start=1)
        ),
        rhythm=rhythm_words(treatment.phases[part - 1]),
        length=minutes_words(treatment.visit_minutes),
        day=(*_fasting(preparation), *rest),
        rest=rest,
        first=_first(clearance=treatment.needs_clearance),
        price=price_words(version.rules.get("price")),
    )


def patient_name(rules: Mapping[str, Any]) -> str:
    """What patients call a treatment in the language of this page; the clinic's own name for it where none is
    set.
    """
    names = rules.get("patient_name") or {}
    return str(names.get((get_language() or "en").partition("-")[0]) or rules["name"])


def rhythm_words(phase: Phase) -> str:
    """Such as "6 visits, usually 3 days apart, all within 21 days"."""
    spacing = phase.spacing
    parts = [visits_words(phase.sessions)] if phase.sessions else [gettext("One visit at a time")]
    if phase.sessions != 1 and spacing.target_gap_days:
        parts.append(gettext("usually %(days)s apart") % {"days": days_words(spacing.target_gap_days)})
    if spacing.complete_within_days:
        parts.append(gettext("all within %(days)s") % {"days": days_words(spacing.complete_within_days)})
    return ", ".join(parts)


def visits_words(count: int) -> str:
    """Such as "1 visit" or "6 visits"."""
    return ngettext("%(count)s visit", "%(count)s visits", count) % {"count": count}


def minutes_words(minutes: int) -> str:
    """Such as "2 hours 10 minutes"."""
    hours, rest = divmod(minutes, 60)
    said = [hours_words(hours)] if hours else []
    if rest or not hours:
        said.append(ngettext("%(count)s minute", "%(count)s minutes", rest) % {"count": rest})
    return " ".join(said)


def price_words(price: Any) -> str:
    """Such as "$475.00 a visit"; nothing where the clinic has set none."""
    if not price:
        return ""
    amount = number_format(price["amount"], use_l10n=True, force_grouping=True)
    said = f"${amount}" if price["currency"] == "USD" else f"{amount} {price['currency']}"
    return gettext("%(price)s for each visit") % {"price": said}


def _part_words(key: int, phase: Phase) -> str:
    if phase.sessions is None:
        return gettext("A single visit, after an earlier course")
    if key == 1:
        return gettext("A first course: %(visits)s") % {"visits": visits_words(phase.sessions)}
    return gettext("The course after it: %(visits)s") % {"visits": visits_words(phase.sessions)}


def _fasting(preparation: Preparation) -> list[str]:
    said = []
    if preparation.solids_hours:
        said.append(gettext("Nothing to eat for %(hours)s before.") % _hours(preparation.solids_hours))
    if preparation.clear_fluids_hours:
        said.append(
            gettext("Nothing to drink for %(hours)s before.") % _hours(preparation.clear_fluids_hours)
        )
    return said


def _rest(preparation: Preparation, *, escort: bool) -> list[str]:
    said = []
    if escort:
        said.append(gettext("Somebody you trust takes you home."))
    if preparation.no_driving_hours:
        said.append(gettext("No driving for %(hours)s after.") % _hours(preparation.no_driving_hours))
    if words := preparation.text(get_language() or "en"):
        said.append(words)
    return said


def _first(*, clearance: bool) -> str:
    if not clearance:
        return ""
    return gettext("A clinician looks at your request first. Your times are kept for you meanwhile.")


def _hours(hours: int) -> dict[str, str]:
    return {"hours": hours_words(hours)}
