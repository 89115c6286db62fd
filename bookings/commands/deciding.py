"""What a prescriber decides about a course where its treatment asks for it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from bookings import journal, placing, snapshot
from bookings.actors import Actor, admit
from bookings.assessments import owed_after
from bookings.errors import NotAllowed, Stale, WrongState
from bookings.giving_up import end_series, open_sessions
from bookings.locking import ClinicDay, diary_lock
from bookings.models import (
    Decision,
    DecisionAbout,
    JournalEntry,
    Role,
    Series,
    SeriesStatus,
    Verdict,
)
from bookings.reading import reread_series
from scheduler.protocol import Phase

_OPEN = (SeriesStatus.REQUESTED, SeriesStatus.ACTIVE, SeriesStatus.LAPSED)


def assess_series(
    series: Series,
    *,
    go_on: bool,
    reason: str = "",
    if_version: int | None = None,
    actor: Actor,
    now: datetime,
) -> Decision:
    """A prescriber has looked at the patient after so many sessions, and the course goes on, or stops.

    Where it stops, every session of the treatment that has not begun is cancelled with it, those of a phase
    that is booked already as well. Refuses with `WrongState` where nothing is to be assessed. The reason is
    kept with the decision alone: patients read the journal.
    """
    prescriber = _prescriber(actor, series)
    ending = [] if go_on else _rest_of_course(series)
    with diary_lock(_days(ending), [series.patient_id], now=now):
        series = _reread(series, if_version)
        after = owed_after(_phase(series), series.sessions.all(), Decision.objects.filter(series=series))
        if after is None:
            raise WrongState("There is nothing to assess.", now=series.status, allowed=())
        decision = Decision.objects.create(
            series=series,
            about=DecisionAbout.ASSESSMENT,
            number=after,
            verdict=Verdict.GO_ON if go_on else Verdict.STOP,
            reason=reason,
            decided_at=now,
            decided_by_id=prescriber,
        )
        entries = [_entry("series_assessed", decision, actor=actor, now=now)]
        for one in [] if go_on else _rest_of_course(series):
            entries += end_series(one, open_sessions(one), reason="", actor=actor, now=now)
        journal.write(entries)
    return decision


def _entry(verb: str, decision: Decision, *, actor: Actor, now: datetime) -> JournalEntry:
    """The journal's row; the series counts it as a change."""
    series = decision.series
    series.version += 1
    series.save(update_fields=["version"])
    facts = {"number": decision.number, "verdict": str(decision.verdict)}
    return journal.entry(verb, actor=actor, now=now, series=series, after=facts)


def _rest_of_course(series: Series) -> list[Series]:
    """The patient's open series of the same treatment."""
    rows = Series.objects.filter(
        patient_id=series.patient_id,
        protocol_version__protocol=series.protocol_version.protocol_id,
        status__in=_OPEN,
    )
    return list(rows.select_related("clinic", "protocol_version").order_by("id"))


def _days(ending: Iterable[Series]) -> set[ClinicDay]:
    days: set[ClinicDay] = set()
    for one in ending:
        supply = snapshot.supply_of(one.clinic)
        days |= placing.days_of_sessions(one.clinic_id, supply, open_sessions(one))
    return days


def _phase(series: Series) -> Phase:
    return snapshot.protocol_of(series.protocol_version).phase(series.phase)


def _reread(series: Series, if_version: int | None) -> Series:
    found = reread_series(series.id)
    if if_version is not None and if_version != found.version:
        raise Stale(version=found.version)
    return found


def _prescriber(actor: Actor, series: Series) -> UUID:
    """The prescriber's id; refuses whoever is none, and whoever works elsewhere."""
    admit(actor, clinic_id=series.clinic_id, patient_id=series.patient_id)
    if not actor.is_staff or actor.role != Role.PRESCRIBER or actor.id is None:
        raise NotAllowed("Only a prescriber decides how a course goes on.")
    return actor.id
