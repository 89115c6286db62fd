"""What a prescriber decides about a course where its treatment asks for it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from bookings import journal, placing, snapshot
from bookings.actors import Actor, admit
from bookings.assessments import owed_after
from bookings.errors import Invalid, NotAllowed, Stale, WrongState
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
from bookings.replanning import interruption_of
from scheduler.protocol import Phase, Protocol

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


def decide_on_missed(
    series: Series,
    *,
    verdict: Verdict,
    reason: str = "",
    if_version: int | None = None,
    actor: Actor,
    now: datetime,
) -> Decision:
    """A prescriber decides how the series goes on after the sessions that were missed so far, whatever its
    phase says.

    Where it stops, every session of the treatment that has not begun is cancelled with it; otherwise nothing
    changes yet: what follows is proposed. Refuses with `WrongState` where no missed session broke the series
    off, or this was decided already.
    """
    prescriber = _prescriber(actor, series)
    stops = verdict == Verdict.STOP
    with diary_lock(_days(_rest_of_course(series) if stops else []), [series.patient_id], now=now):
        series = _reread(series, if_version)
        decided = Decision.objects.filter(series=series, about=DecisionAbout.MISSED)
        broken_off = interruption_of(series, list(series.sessions.all()), now=now, decided=())
        if broken_off is None or decided.filter(number__gte=broken_off.number).exists():
            raise WrongState("There is nothing to decide.", now=series.status, allowed=())
        if verdict == Verdict.MAINTENANCE and _phase(series).name == _protocol(series).phases[-1].name:
            raise Invalid("verdict", "No phase follows this one.")
        decision = Decision.objects.create(
            series=series,
            about=DecisionAbout.MISSED,
            number=broken_off.number,
            verdict=verdict,
            reason=reason,
            decided_at=now,
            decided_by_id=prescriber,
        )
        entries = [_entry("missed_decided", decision, actor=actor, now=now)]
        for one in _rest_of_course(series) if stops else []:
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


def _protocol(series: Series) -> Protocol:
    return snapshot.protocol_of(series.protocol_version)


def _phase(series: Series) -> Phase:
    return _protocol(series).phase(series.phase)


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
