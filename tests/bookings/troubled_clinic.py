"""A random small clinic, and what must hold of it whatever happens there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any

from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant

from bookings.actors import patient_actor, staff_actor
from bookings.commands import holds, offers, proposals, watching
from bookings.commands.book import book_series
from bookings.commands.clearance import grant_clearance
from bookings.commands.repairs import draw_up_next
from bookings.errors import Refused
from bookings.lifecycle import MOVABLE
from bookings.models import (
    Clinic,
    JournalEntry,
    NursingMode,
    Protocol,
    Role,
    Series,
    Session,
    Task,
    TaskKind,
)
from bookings.proof import Excuse, prove
from bookings.proof.findings import Finding
from tests.cast import (
    KET6,
    make_chairs,
    make_clinic,
    make_patient,
    make_protocol,
    make_shifts,
    make_staff,
)

FIRST = date(2026, 10, 19)  # a fortnight before New York puts its clocks back
LAST = FIRST + timedelta(days=62)
COURSE = {
    "name": "course",
    "sessions": 4,
    "spacing": {
        "min_gap_minutes": 44 * 60,
        "min_gap_days": 2,
        "target_gap_days": 3,
        "soft_max_gap_days": 5,
        "max_gap_days": 9,
        "complete_within_days": 16,
    },
}
LATER = {"name": "later", "sessions": None, "spacing": {"min_gap_minutes": 44 * 60, "min_gap_days": 2}}
#: What the journal says when a session gets its place, another one, or loses it.
PLACING = ("session_booked", "session_moved", "session_cancelled", "series_booked", "series_cancelled")
#: What a broken rule may be known by, if nobody has allowed it.
_KNOWN_BY = {
    "max_gap": {TaskKind.HARD_GAP},
    "clearance": {TaskKind.NO_LONGER_FITS, TaskKind.CLEARANCE_NEEDED},
}


def treatments() -> list[dict[str, Any]]:
    """One for each way in which a phase goes on after a missed session, and what else it may ask for."""
    made = []
    for number, (missed, more) in enumerate(
        [
            ({}, {}),
            ({"on_missed": {"then": "restart", "after_gap_days": 4}}, {}),
            ({"on_missed": {"then": "maintenance"}}, {"needs_clearance": True}),
            ({"on_missed": {"then": "clinician"}, "assess_after": [2, 4]}, {"spacing_group": "other"}),
        ]
    ):
        phases = [{**COURSE, **missed}, LATER]
        made.append({**KET6, "slug": f"treatment-{number}", "phases": phases, **more})
    return made


class TroubledClinic(RuleBasedStateMachine):
    """The clinic with its people and courses, the workers who follow it, and what holds after each deed."""

    def __init__(self) -> None:
        super().__init__()
        self.tally: Counter[str] = Counter()
        self.seen = 0  # up to this row of the journal the workers have come

    @initialize(
        mode=st.sampled_from([NursingMode.STRICT, NursingMode.LINE_OF_SIGHT]),
        zone=st.sampled_from(["America/New_York", "America/Phoenix"]),
        chairs=st.integers(1, 3),
        stagger=st.booleans(),
    )
    def open(self, mode: str, zone: str, chairs: int, stagger: bool) -> None:
        self.begin_afresh()
        more = {"stagger_starts": 1, "stagger_minutes": 15} if stagger else {}
        self.clinic = make_clinic("place", time_zone=zone, nursing_mode=mode, **more)
        make_chairs(self.clinic, *("A", "B", "C")[:chairs])
        people = {
            role: make_staff(f"{role}@x.example", role, "X", role, self.clinic) for role in Role.values[1:]
        }
        self.nurses = [people[Role.NURSE], make_staff("two@x.example", "Two", "X", Role.NURSE, self.clinic)]
        for nurse in self.nurses:
            make_shifts(self.clinic, nurse, time(8), time(17), first=FIRST, last=LAST)
        self.desk, self.prescriber = (
            staff_actor(people[Role.FRONT_DESK]),
            staff_actor(people[Role.PRESCRIBER]),
        )
        self.patients = [make_patient(f"P{n}", "Example", number=60 + n) for n in range(4)]
        self.protocols = [
            make_protocol(rules, self.clinic, signed_by=people[Role.PRESCRIBER]) for rules in treatments()
        ]
        self.now = self.at(0, 0)
        self.closures: list[Any] = []
        for number, patient in enumerate(self.patients):
            later, turn = divmod(number, 3)
            starts = [self.at(day + later, 11 * turn) for day in (1, 3, 7, 10)]
            self.begin(patient, self.protocols[number], starts)

    def teardown(self) -> None:
        if hasattr(self, "clinic"):
            self.see_that_working_twice_changes_nothing()
            self.leave_nothing()

    def begin_afresh(self) -> None:
        self.rollback = transaction.atomic()
        self.rollback._from_testcase = True  # type: ignore[attr-defined]  # commands may be outermost in it
        self.rollback.__enter__()

    def leave_nothing(self) -> None:
        transaction.set_rollback(True)
        self.rollback.__exit__(None, None, None)

    def begin(self, patient: Any, protocol: Protocol, starts: list[datetime]) -> None:
        """A course that is booked when all begins."""
        told: dict[str, Any] = {"sessions": 4, "expires": LAST, "actor": self.prescriber, "now": self.now}
        grant_clearance(patient, protocol=protocol, **told)
        booking = partial(book_series, patient, clinic=self.clinic, protocol=protocol, phase="course")
        self.ask("begun", partial(booking, starts=starts, actor=self.desk, now=self.now))

    def see_that_working_twice_changes_nothing(self) -> None:
        """What the workers did is done: the same tasks stay open, for the same reasons."""
        open_tasks = Task.objects.filter(resolved_at__isnull=True).order_by("id")
        before = list(open_tasks.values_list("id", "kind", "detail", "deadline"))
        self.work()
        assert list(open_tasks.values_list("id", "kind", "detail", "deadline")) == before

    def at(self, day: int, quarter: int) -> datetime:
        """So many quarters of an hour after eight, so many days after the first."""
        morning = datetime.combine(FIRST + timedelta(days=day), time(8), self.clinic.zone)
        return morning + timedelta(minutes=15 * quarter)

    def ahead(self, day: int, quarter: int) -> datetime:
        """The same after today."""
        return self.at((self.now.astimezone(self.clinic.zone).date() - FIRST).days + day, quarter)

    def ask(self, what: str, call: Callable[[], Any]) -> Any:
        """What the call answers; None where the diary says no."""
        try:
            answer = call()
        except Refused:
            return None
        self.tally[what] += 1
        return answer

    def one_of(self, data: st.DataObject, rows: Collection[Any]) -> Any:
        """One of those rows, in whatever order they came; None where there is none."""
        rows = list(rows)
        return rows[data.draw(st.integers(0, len(rows) - 1))] if rows else None

    def to_come(self) -> Any:
        return Session.objects.filter(status__in=MOVABLE, start__gt=self.now).order_by("start", "id")

    def open_series(self) -> Any:
        return Series.objects.exclude(status__in=["completed", "cancelled"]).order_by("created_at", "id")

    def who(self, data: st.DataObject, patient: Any) -> dict[str, Any]:
        """Somebody who may: the patient, the desk, or a prescriber, who gives a reason."""
        kind = data.draw(st.sampled_from(["patient", "desk", "prescriber"]))
        if kind == "prescriber":
            return {"actor": self.prescriber, "override_reason": "It must be."}
        return {"actor": patient_actor(patient) if kind == "patient" else self.desk}

    # What must hold

    def work(self) -> None:
        """What the workers do after each change, and on each tick of the beat."""
        for _ in range(2):  # what they write themselves may concern them again
            entries = list(JournalEntry.objects.filter(id__gt=self.seen).values_list("id", flat=True))
            watching.watch_after(entries, now=self.now)
            offers.offer_freed_places(entries=entries, now=self.now)
            self.seen = max([self.seen, *entries])
        while draw_up_next(now=self.now, seconds=1):
            self.tally["drew up one plan"] += 1
        watching.watch_recent(now=self.now)
        watching.watch_new_days(now=self.now)
        proposals.tidy_proposals(now=self.now)
        holds.tidy_holds(now=self.now)

    @invariant()
    def every_broken_rule_is_known_and_nobody_is_moved_by_a_machine(self) -> None:
        if not hasattr(self, "clinic"):
            return
        self.work()
        self.clinic = Clinic.objects.get(id=self.clinic.id)
        standing = {str(one) for one in self.to_come().values_list("id", flat=True)}
        broken = [
            one
            for one in prove(self.clinic, now=self.now)
            if one.excuse is not Excuse.OVERRIDDEN and one.session in standing
        ]
        assert [one for one in broken if not self.is_known(one)] == []
        assert [session for session, start in self.told_of() if session.start != start] == []

    def told_of(self) -> list[tuple[Session, datetime]]:
        """Each session with its start as the journal told of it last. No machine told of any."""
        sessions = {one.id: one for one in Session.objects.all()}
        last: dict[Any, datetime] = {}
        for row in JournalEntry.objects.filter(verb__in=PLACING).order_by("id"):
            assert row.actor_kind in ("staff", "patient")
            if row.session_id:
                last[row.session_id] = datetime.fromisoformat(row.after["start"])
        return [(sessions[one], start) for one, start in last.items()]

    def is_known(self, found: Finding) -> bool:
        """By a task that is open for it, of its own series or of the other one that it is too near to."""
        kinds = _KNOWN_BY.get(found.rule, {TaskKind.NO_LONGER_FITS})
        patient = Series.objects.values_list("patient", flat=True).get(id=found.series)
        tasks = Task.objects.filter(resolved_at__isnull=True, kind__in=kinds, series__patient=patient)
        by_place = found.rule in ("closed", "chair", "nursing")
        return tasks.filter(session=found.session).exists() if by_place else tasks.exists()
