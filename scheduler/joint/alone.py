"""What would be best if each course had the clinic to itself: a bound before anything is searched for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from scheduler.chain import Spot
from scheduler.joint.question import Course
from scheduler.joint.values import Cost


class Alone(NamedTuple):
    """One course whose open sessions nobody else bars: no answer is better for it."""

    lost: int
    left: int  # lost sessions that find no place even so, at the least
    urgency: int  # of as many as that, at the least
    forced: int  # lost sessions that cannot have their old start again
    minutes: tuple[int, ...]  # how far each lost session moves at the least, the nearest first


def alone_at_most(course: Course, spots: Sequence[Spot]) -> Alone:
    """The course, as if its sessions did not bar one another either: each could be at the nearest spot."""
    lost = [one for one in course.sessions if one.lost]
    if not spots:
        return Alone(len(lost), len(lost), sum(one.urgency for one in lost), 0, ())
    nearest = sorted(min(abs(spot.start - one.start) for spot in spots) for one in lost)
    return Alone(len(lost), 0, 0, sum(far > 0 for far in nearest), tuple(nearest))


def best_of_all(courses: Sequence[Alone], *, left: int) -> Cost:
    """What is best if each course were alone and so many lost sessions more were left without a place."""
    placed = sum(one.lost - one.left for one in courses)
    moved = sum(max(0, one.forced - one.left) for one in courses)
    nearest = sorted(far for one in courses for far in one.minutes[: one.lost - one.left])
    return Cost(
        placed - left,
        sum(one.urgency for one in courses),
        max(0, moved - left),
        sum(nearest[: max(0, placed - left)]),
    )
