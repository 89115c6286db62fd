"""After which sessions a prescriber looks at the patient before the next one begins."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import timedelta

from bookings.lifecycle import FINISHED
from bookings.models import Decision, DecisionAbout, Series, SeriesStatus, Session, Verdict
from bookings.snapshot import protocol_of
from scheduler.protocol import Phase

#: For so long after its last session a finished phase is kept in sight: a quarter of a year, which is as far
#: ahead as openings are looked for.
IN_SIGHT = timedelta(days=92)


@dataclass(frozen=True, slots=True)
class Owed:
    """An assessment that nobody has made yet."""

    series: Series
    after: int  # so many sessions


def owed_after(phase: Phase, sessions: Iterable[Session], decisions: Iterable[Decision]) -> int | None:
    """After how many sessions an assessment is due that no decision covers; None where none is.

    Whoever has looked after four sessions has looked after two.
    """
    if not phase.assess_after:
        return None
    given = sum(session.status in FINISHED for session in sessions)
    reached = max((number for number in phase.assess_after if number <= given), default=0)
    seen = (one.number for one in decisions if one.about == DecisionAbout.ASSESSMENT)
    return reached if reached > max(seen, default=0) else None


def is_stopped(decisions: Iterable[Decision]) -> bool:
    """Whether a prescriber decided that the course ends here."""
    return any(one.verdict == Verdict.STOP for one in decisions)


def owed_before(session: Session) -> Owed | None:
    """The assessment that is due before the session may begin: of its own series, or of a phase of the same
    treatment that ended lately. At most three queries, none where the treatment asks for none.
    """
    series = session.series
    if not any(phase.assess_after for phase in protocol_of(series.protocol_version).phases):
        return None
    course = (
        Series.objects.filter(
            patient_id=series.patient_id, protocol_version__protocol=series.protocol_version.protocol_id
        )
        .select_related("protocol_version")
        .exclude(status=SeriesStatus.CANCELLED)
        .order_by("-id")
    )
    asking = [one for one in course if _phase(one).assess_after]
    if not asking:
        return None
    sessions = Session.objects.filter(series__in=asking, status__in=FINISHED, start__lt=session.start)
    given = list(sessions)
    decisions = list(Decision.objects.filter(series__in=asking))
    for one in asking:
        mine = [visit for visit in given if visit.series_id == one.id]
        if one.id != series.id and not _ended_lately(one, mine, before=session):
            continue
        decided = [decision for decision in decisions if decision.series_id == one.id]
        after = owed_after(_phase(one), mine, decided)
        if after is not None:
            return Owed(one, after)
    return None


def _phase(series: Series) -> Phase:
    return protocol_of(series.protocol_version).phase(series.phase)


def _ended_lately(series: Series, given: Collection[Session], *, before: Session) -> bool:
    last = max((visit.start for visit in given), default=None)
    return series.status == SeriesStatus.COMPLETED and last is not None and before.start - last <= IN_SIGHT
