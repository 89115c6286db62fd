"""The rules between the sessions of one course, as sums over where they could be.

Sessions of one course are alike: what counts is at which starts there is one. Each rule says the same as its
namesake in `series_rules`.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise

from ortools.sat.python import cp_model

from scheduler.chain import Spot
from scheduler.joint.question import Course
from scheduler.spans import Minute

_DAY = 24 * 60
Bool = cp_model.IntVar
total = cp_model.LinearExpr.sum


class Spacing:
    """One course in the model.

    `moved` are the sessions that could be at a spot anew, `staying` the one that could stay there; `away`
    those that could be outside the dates of the model, and `left` those that could be left without a place.
    """

    def __init__(
        self,
        model: cp_model.CpModel,
        course: Course,
        *,
        moved: dict[Spot, list[Bool]],
        staying: dict[Spot, Bool],
        away: Sequence[Bool],
        left: Sequence[Bool],
    ) -> None:
        self.model, self.course, self.case = model, course, course.case
        self.spacing = course.case.phase.spacing
        self.moved, self.staying, self.away, self.left = moved, staying, list(away), list(left)
        self.spots = sorted({*moved, *staying})
        self.there = [
            [*moved.get(spot, ()), *([staying[spot]] if spot in staying else ())] for spot in self.spots
        ]
        self.starts = [spot.start for spot in self.spots]
        self.days: dict[int, range] = {}  # the spots of each date, by their indexes
        for at, spot in enumerate(self.spots):
            self.days[spot.day] = range(self.days[spot.day].start if spot.day in self.days else at, at + 1)
        self.count = {day: self._counted(day) for day in self.days}
        group = [one for one in self.case.history if one.group == self.case.protocol.spacing_group]
        self.group = sorted(group, key=lambda visit: visit.start)
        self.own = [visit for visit in self.case.history if visit.own]
        self.others: list[Spacing] = []  # courses of the patient in the same spacing group

    def add_rules(self, siblings: Sequence[Spacing]) -> None:
        """All rules that two sessions of the course could break together; those of other courses of the
        patient count where the rule counts them. What keeps the two apart is not among these.
        """
        group = self.case.protocol.spacing_group
        self.others = [one for one in siblings if one.case.protocol.spacing_group == group]
        self._least_gap()
        self._rolling_limit()
        self._complete_within()
        self._longest_gap()
        self._clearance()
        self._one_time_of_day()

    def _counted(self, day: int) -> Bool:
        """How many sessions are on that date."""
        sessions = [one for at in self.days[day] for one in self.there[at]]
        apart = self.spacing.min_gap_days >= 1
        most = 1 if apart else len(self.course.sessions)
        count: Bool = self.model.new_int_var(0, most, "")
        self.model.add(total(sessions) == count)
        return count

    def from_to(self, first: Minute, last: Minute) -> list[Bool]:
        """The sessions that start from the first minute on and before the last."""
        return self.between(bisect_left(self.starts, first), bisect_left(self.starts, last))

    def between(self, first: int, last: int) -> list[Bool]:
        """The sessions at the spots of those indexes, whole dates as one number."""
        found: list[Bool] = []
        at = first
        while at < last:
            day = self.days[self.spots[at].day]
            if at == day.start and day.stop <= last:
                found.append(self.count[self.spots[at].day])
            else:
                for inside in range(at, min(day.stop, last)):
                    found.extend(self.there[inside])
            at = day.stop
        return found

    def _least_gap(self) -> None:
        """min_gap, one_per_day, patient_overlap: of spots too near to one another only one is taken."""
        minutes = max(self.spacing.min_gap_minutes, self.case.protocol.visit_minutes)
        days, reached = self.spacing.min_gap_days, 0
        for first, spot in enumerate(self.spots):
            last = max(first + 1, reached)
            while last < len(self.spots) and (
                self.starts[last] - spot.start < minutes or self.spots[last].day - spot.day < days
            ):
                last += 1
            if last > reached:
                self._at_most(self.between(first, last), 1)
                reached = last

    def _rolling_limit(self) -> None:
        limit = self.spacing.rolling_limit
        if limit is None:
            return
        booked = [visit.start for visit in self.group]
        known = len(self.course.sessions) + sum(len(one.course.sessions) for one in self.others)
        for begins in sorted(
            {*self.starts, *booked, *(start for one in self.others for start in one.starts)}
        ):
            ends = begins + limit.days * _DAY
            taken = sum(begins <= start < ends for start in booked)
            if known + taken <= limit.sessions:
                continue
            beside = [session for one in self.others for session in one.from_to(begins, ends)]
            own, most = self.from_to(begins, ends), max(0, limit.sessions - taken)
            if not beside:
                self._at_most(own, most)
            elif own:  # what others have without this course is no matter of its limit
                first, last = bisect_left(self.starts, begins), bisect_left(self.starts, ends)
                some = self.any([session for at in range(first, last) for session in self.there[at]])
                self.model.add(total([*own, *beside]) <= most).only_enforce_if(some)

    def _complete_within(self) -> None:
        """Some date is the first, and all others are within the phase's days from it."""
        within = self.spacing.complete_within_days
        if within is None or not self.days:
            return
        own = [visit.date.toordinal() for visit in self.own]
        known = [*self.days, *own]
        if max(known) - min(known) <= within:
            return
        firsts = {
            day: self.model.new_bool_var("")
            for day in sorted(set(known))
            if all(day <= one <= day + within for one in own)
        }
        self.model.add(total(list(firsts.values())) <= 1)
        for day in self.days:
            near = [begins for first, begins in firsts.items() if first <= day <= first + within]
            self.model.add(total(near) >= 1).only_enforce_if(self._some(day))

    def _some(self, day: int) -> Bool:
        """Whether there is a session on that date."""
        return self.any([one for at in self.days[day] for one in self.there[at]])

    def any(self, sessions: Sequence[Bool]) -> Bool:
        """Whether there is one of those sessions."""
        found: Bool = self.model.new_bool_var("")
        self.model.add_max_equality(found, list(sessions))
        return found

    def _longest_gap(self) -> None:
        """max_gap: before each session there is another near enough, but for the first of a course.

        What is away could be the one that is near. A session that stays where it was is not to blame for a
        gap in front of it that is there because another was left without a place.
        """
        most = self.spacing.max_gap_days
        if most is None:
            return
        cleared = self.case.cleared_on.toordinal() if self.case.cleared_on else 0
        begun_by, known = self.begun(), list(self.days)
        others = [(list(one.days), one.begun()) for one in self.others]
        for day, spots in self.days.items():
            if cleared >= day - most:
                continue
            for begins, ends in self._alike(spots):
                spot = self.spots[begins]
                booked = [one for one in self.group if one.start < spot.start]
                if booked and booked[-1].date.toordinal() >= day - most:
                    continue
                first = bisect_left(self.spots, day - most, key=lambda spot: spot.day)
                near = [*self.between(first, begins), *self.away, *self._others_near(day - most, spot.start)]
                begun = not self.case.protocol.begins_course(self.case.phase)
                begun = begun or any(one.own for one in booked)
                before = bisect_left(known, day - most)
                if begun and booked:
                    self._held(range(begins, ends), near, ())
                    continue
                if before:
                    self._held(range(begins, ends), near, begun_by[before - 1 : before])
                for days, theirs in others if begun else ():
                    if there := bisect_left(days, day - most):
                        self._held(range(begins, ends), near, theirs[there - 1 : there])
        self._longest_gap_to_booked(most, cleared)

    def _others_near(self, day: int, start: Minute) -> list[Bool]:
        """The sessions of the patient's other courses from that date on and before that start, or away."""
        found: list[Bool] = []
        for one in self.others:
            first = bisect_left(one.spots, day, key=lambda spot: spot.day)
            found += [*one.between(first, bisect_left(one.starts, start)), *one.away]
        return found

    def _alike(self, spots: range) -> list[tuple[int, int]]:
        """The spots of a date in parts that have the same booked sessions before them; one by one where a
        date may have several sessions.
        """
        if self.spacing.min_gap_days < 1:
            return [(at, at + 1) for at in spots]
        cuts = {spots.start, spots.stop}
        for one in self.group:
            at = bisect_left(self.starts, one.start + 1)
            if spots.start < at < spots.stop:
                cuts.add(at)
        return list(pairwise(sorted(cuts)))

    def begun(self) -> list[Bool]:
        """For each date of the model, whether a session is on it or before; true where there is one."""
        found: list[Bool] = []
        for day in self.days:
            begun = self.model.new_bool_var("")
            self.model.add_implication(self._some(day), begun)
            if found:
                self.model.add_implication(found[-1], begun)
            found.append(begun)
        return found

    def _held(self, spots: range, near: list[Bool], far: Sequence[Bool]) -> None:
        """A session at one of the spots has another near, or none at all before it (`far`)."""
        moved = [one for at in spots for one in self.moved.get(self.spots[at], ())]
        staying = [self.staying[self.spots[at]] for at in spots if self.spots[at] in self.staying]
        free = len(far)
        left = [*self.left, *(session for one in self.others for session in one.left)]
        for sessions, others in ((moved, near), (staying, [*near, *left])):
            if sessions:
                self.model.add(total([*sessions, *far]) <= total(others) + free)

    def _longest_gap_to_booked(self, most: int, cleared: int) -> None:
        """The same for what is booked of the series after sessions of the model."""
        for mark in (one for one in self.group if one.own):
            goal = mark.date.toordinal() - most
            before = [one for one in self.group if one.start < mark.start]
            if cleared >= goal or (before and before[-1].date.toordinal() >= goal):
                continue
            since = max((one.start for one in before if one.own), default=-1)
            first, last = bisect_left(self.starts, since), bisect_left(self.starts, mark.start)
            near = bisect_left(self.spots, goal, key=lambda spot: spot.day)
            far = [one for at in range(first, min(near, last)) for one in self.there[at]]
            if far:
                others = [*self.between(max(near, first), last), *self.away, *self.left]
                others += self._others_near(goal, mark.start)
                others += [session for one in self.others for session in one.left]
                self.model.add(total(others) >= 1).only_enforce_if(self.any(far))

    def _clearance(self) -> None:
        cleared = self.case.clearance
        if cleared is not None:
            self._at_most(list(self.count.values()), max(0, cleared.sessions))

    def _one_time_of_day(self) -> None:
        if not self.case.wish.same_time:
            return
        clocks = {clock: self.model.new_bool_var("") for clock in sorted({spot.clock for spot in self.spots})}
        self.model.add(total(list(clocks.values())) <= 1)
        for spot, sessions in zip(self.spots, self.there, strict=True):
            for session in sessions:
                self.model.add_implication(session, clocks[spot.clock])

    def _at_most(self, sessions: list[Bool], most: int) -> None:
        self.model.add(total(sessions) <= most)
