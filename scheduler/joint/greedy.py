"""One series after another, each mended as well as the others leave it: the first answer, quickly there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from scheduler.case import Case, Place
from scheduler.joint.blamed import blamed
from scheduler.joint.question import Course, Places, Question, Session, beside
from scheduler.joint.values import Horizon
from scheduler.plans import Remaining
from scheduler.rules import PLACE_RULES, check
from scheduler.series import Effort, Unsettled, least_change
from scheduler.spans import Minute
from scheduler.violations import Rule

Seated = dict[int, tuple[Minute, str]]  # by number: the start and the chair


def mend_in_turn(question: Question, order: Sequence[int], *, effort: Effort) -> Places:
    """The places after the courses of those indexes were mended in turn, each by its own least change.

    Where a whole course finds no places, as many of its lost sessions as find one beside those that stay, the
    earliest first. What would break a rule of another course of the patient is not taken. No course costs
    more than its part of what is left of the effort.
    """
    seated = [_stay(course.sessions) for course in question.courses]
    for turn, index in enumerate(order):
        course = question.courses[index]
        others = [
            other.claim(one, *there[one.number])
            for other, there in zip(question.courses, seated, strict=True)
            for one in other.sessions
            if other is not course and one.number in there
        ]
        case = question.case(index, _places(question, seated))
        case = replace(case, diary=question.diary.with_claims(others))
        before = seated[index]
        seated[index] = mend(course, case, question.horizon, effort=effort.part(len(order) - turn))
        if any(_is_broken(question, seated, one) for one in question.siblings(index)):
            seated[index] = before
    return _places(question, seated)


def _places(question: Question, seated: Sequence[Seated]) -> Places:
    return tuple(
        tuple(there[one.number][0] if one.number in there else None for one in course.sessions)
        for course, there in zip(question.courses, seated, strict=True)
    )


def _is_broken(question: Question, seated: Sequence[Seated], at: int) -> bool:
    """Whether the course of that index breaks a rule between sessions of the patient."""
    places = _places(question, seated)
    placed = [Place(number, start) for number, (start, _) in seated[at].items()]
    case, skip = question.case(at, places), frozenset(PLACE_RULES)
    return bool(placed) and any(blamed(question, places, at, case=case, placed=placed, skip=skip))


def mend(course: Course, case: Case, horizon: Horizon, *, effort: Effort) -> Seated:
    """Where the sessions of one course are after its least change beside the diary of the case."""
    whole = _placed(case, course.sessions, horizon, effort)
    if whole is not None:
        return whole
    staying = [one for one in course.sessions if not one.lost]
    lost = [one for one in course.sessions if one.lost]
    for count in range(len(lost) - bool(not staying), 0, -1):
        some = _placed(beside(case, staying), lost[:count], horizon, effort)
        if some is not None and not _broken_together(case, _stay(staying) | some):
            return _stay(staying) | some
    return _stay(staying)


def _placed(case: Case, sessions: Sequence[Session], horizon: Horizon, effort: Effort) -> Seated | None:
    remaining = [Remaining(one.number, one.start) for one in sessions]
    try:
        found = least_change(
            case, remaining=remaining, earliest=horizon.first, latest=horizon.last, effort=effort
        )
    except Unsettled:
        return None
    if found is None:
        return None
    return {place.number: (place.start, place.chair or "") for place in found.plan.places}


def _broken_together(case: Case, seated: Seated) -> bool:
    """Whether those that stay and those placed beside them break a rule that counts both: none of them is
    booked yet. The gaps that others leave, who are left without a place, are nobody's fault.
    """
    places = [Place(number, start) for number, (start, _) in seated.items()]
    return bool(check(case, places, skip=frozenset({*PLACE_RULES, Rule.MAX_GAP})))


def _stay(sessions: Sequence[Session]) -> Seated:
    return {one.number: (one.start, one.chair or "") for one in sessions if not one.lost}
