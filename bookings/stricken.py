"""What a joint plan is asked for: sessions out of place, and all that is to come of their series."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef

from bookings import lifecycle, snapshot
from bookings.actors import SYSTEM
from bookings.displacement import displaced, waiting
from bookings.models import Clinic, Proposal, ProposalStatus, SeriesStatus, Session
from bookings.repairing import read_left
from bookings.replanning import Left, under_clearance
from scheduler.diary import Diary, PatientSession
from scheduler.joint import Horizon, Stricken
from scheduler.rules import Case
from scheduler.series import Remaining
from scheduler.spans import minute
from scheduler.supply import Supply

#: How far behind the last session concerned places are looked for.
AHEAD = timedelta(days=28)
_GOES_ON = (SeriesStatus.ACTIVE, SeriesStatus.REQUESTED)


@dataclass(frozen=True)
class Trouble:
    """All that a joint plan is asked for.

    `lefts`, by id of the series: what is to come of each. `unheard`: sessions of series that wait for a
    prescriber, so that nobody moves them.
    """

    supply: Supply
    diary: Diary  # without what is to come of any stricken series
    horizon: Horizon
    stricken: tuple[Stricken, ...]
    lefts: Mapping[str, Left]
    unheard: tuple[Session, ...]


def out_of_place(
    clinic: Clinic,
    *,
    sessions: Collection[UUID] | None = None,
    first: date | None = None,
    last: date | None = None,
    now: datetime,
) -> list[Session]:
    """The sessions of a clinic that no longer keep their place and have not begun, in order of time.

    Only those named, or from the first to the last clinic-local date, where told so. A series whose patient
    has other times on offer is left out: they have been asked. Three queries.
    """
    rows = waiting(clinic, now=now).filter(status__in=lifecycle.MOVABLE, start__gt=now)
    asked = Proposal.objects.filter(series=OuterRef("series"), status=ProposalStatus.OPEN, expires_at__gt=now)
    rows = rows.filter(~Exists(asked))
    if sessions is not None:
        rows = rows.filter(id__in=sessions)
    if first is not None:
        rows = rows.filter(start__gte=datetime.combine(first, time(), clinic.zone))
    if last is not None:
        rows = rows.filter(start__lt=datetime.combine(last + timedelta(days=1), time(), clinic.zone))
    return [one.session for one in displaced(clinic, rows, now=now)]


def gather(clinic: Clinic, sessions: Iterable[Session], *, now: datetime) -> Trouble:
    """Everything that is to come of the series of these sessions, in the diary without it: a handful of
    queries, and one for each series under a clearance.
    """
    lost: dict[UUID, list[Session]] = defaultdict(list)
    for session in sessions:
        lost[session.series_id].append(session)
    lefts = read_left(lost, actor=SYSTEM, now=now)
    going = {series: left for series, left in lefts.items() if left.series.status in _GOES_ON}
    concerned = [one for left in going.values() for one in left.sessions]
    today = now.astimezone(clinic.zone).date()
    dates = [one.start.astimezone(clinic.zone).date() for one in concerned]
    horizon = Horizon(today, max([today, *dates]) + AHEAD)
    gone = frozenset(str(one.id) for one in concerned)
    diary = snapshot.load_diary(clinic, *horizon, now=now).without(gone)
    patients = {left.series.patient_id for left in going.values()}
    timelines = snapshot.load_patients(patients, without_sessions=gone)
    supply = snapshot.supply_of(clinic)
    stricken = [
        _stricken(left, lost[series], supply, diary, timelines[left.series.patient_id])
        for series, left in going.items()
    ]
    return Trouble(
        supply=supply,
        diary=diary,
        horizon=horizon,
        stricken=tuple(stricken),
        lefts={str(series): left for series, left in going.items()},
        unheard=tuple(one for series in lost if series not in going for one in lost[series]),
    )


def _stricken(
    left: Left, lost: Iterable[Session], supply: Supply, diary: Diary, booked: tuple[PatientSession, ...]
) -> Stricken:
    protocol, series = snapshot.protocol_of(left.version), str(left.series.id)
    case = Case(
        supply=supply,
        diary=diary,
        protocol=protocol,
        phase=protocol.phase(left.series.phase),
        now=minute(left.now),
        by_patient=False,
        booked=booked,
        series=series,
    )
    return Stricken(
        series=series,
        case=under_clearance(case, left.question(leaving=True), left.series),
        remaining=tuple(Remaining(one.number, minute(one.start), str(one.chair_id)) for one in left.sessions),
        lost=frozenset(one.number for one in lost),
        patient=str(left.series.patient_id),
    )
