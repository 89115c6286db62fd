"""The question of a joint repair, put in order: which sessions are open, and beside what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from scheduler.case import Case
from scheduler.diary import Claim, Diary, PatientSession
from scheduler.joint.values import Cost, Horizon
from scheduler.spans import Minute
from scheduler.supply import Supply


class Session(NamedTuple):
    """One session that may be placed anew."""

    number: int
    start: Minute  # its old start
    chair: str | None  # its old chair
    lost: bool
    urgency: int  # what counts when it is left without a place


def beside(case: Case, sessions: Sequence[Session], *, of: Case | None = None) -> Case:
    """The case of a series with those of its sessions booked in their old places, or with those `of` another
    series of the patient.
    """
    booked = visits(of or case, ((one.number, one.start) for one in sessions))
    return replace(case, booked=(*case.booked, *booked))


def visits(case: Case, placed: Iterable[tuple[int, Minute]]) -> Iterator[PatientSession]:
    """Sessions of the series, by number and start, as the patient would have them."""
    for number, start in placed:
        yield PatientSession(
            id=f"{case.series} {number}",
            series=case.series or "",
            number=number,
            spacing_group=case.protocol.spacing_group,
            phase=case.phase.name,
            start=start,
            end=start + case.protocol.visit_minutes,
            date=case.supply.date_of(start),
            protocol=case.protocol,
        )


@dataclass(frozen=True)
class Course:
    """What is open of one series. `case.booked` and `case.diary` hold all that is not."""

    series: str
    case: Case
    sessions: tuple[Session, ...]  # in order of their old starts
    patient: str = ""

    def claim(self, session: Session, start: Minute, chair: str) -> Claim:
        """What the session takes of the diary there."""
        return Claim(f"{self.series} {session.number}", chair, start, self.case.protocol.timed_steps)


Starts = tuple[Minute | None, ...]  # of one course, in the order of its sessions; None: left without a place
Places = tuple[Starts, ...]  # of all courses, in their order


@dataclass(frozen=True)
class Question:
    """All courses, in order of their ids, beside one diary that holds nothing of what is open."""

    supply: Supply
    diary: Diary
    horizon: Horizon
    courses: tuple[Course, ...]

    def siblings(self, at: int) -> list[int]:
        """The indexes of the other courses of the same patient."""
        patient = self.courses[at].patient
        return [
            other
            for other, one in enumerate(self.courses)
            if patient and other != at and one.patient == patient
        ]

    def case(self, at: int, places: Places) -> Case:
        """The case of the course of that index, with the patient's other courses booked in those places."""
        case = self.courses[at].case
        booked = list(case.booked)
        for other in self.siblings(at):
            course = self.courses[other]
            there = zip(course.sessions, places[other], strict=True)
            booked += visits(course.case, ((one.number, start) for one, start in there if start is not None))
        return replace(case, booked=tuple(booked))

    def is_short(self, at: int, places: Places) -> bool:
        """Whether a session of that course, or of another one of the patient, is left without a place."""
        return any(None in places[one] for one in (at, *self.siblings(at)))

    def cost(self, places: Places) -> Cost:
        """What those places cost."""
        placed = urgency = moved = minutes = 0
        for course, starts in zip(self.courses, places, strict=True):
            for session, start in zip(course.sessions, starts, strict=True):
                if start is None:
                    urgency += session.urgency
                    continue
                placed += session.lost
                moved += start != session.start
                minutes += abs(start - session.start)
        return Cost(placed, urgency, moved, minutes)
