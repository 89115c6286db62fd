from datetime import timedelta
from dataclasses import replace
from scheduler.joint import *
from scheduler.diary import Claim
from scheduler.openings import openings, choose_chair
from scheduler.rules import Place, check


def repair(stricken, *, supply, diary, now, horizon, seconds, on_progress=None):
    changes = []
    left = []
    placed = moved = mins = 0
    for s in stricken:
        for r in s.remaining:
            if r.number not in s.lost:
                diary = diary.with_claims(
                    [Claim(f"{s.series}:{r.number}", r.chair, r.start, s.case.protocol.timed_steps)]
                )
    for s in stricken:
        moves = []
        gone = []
        stay = [Place(r.number, r.start, r.chair) for r in s.remaining if r.number not in s.lost]
        for r in s.remaining:
            if r.number in s.lost:
                case = replace(s.case, diary=diary)
                best = None
                own = {f"{s.series}:{p.number}" for p in stay}
                for day, ones in openings(
                    replace(case), first=horizon.first, last=horizon.last, number=r.number
                ).items():
                    for o in ones:
                        c = choose_chair(case, o.start)
                        if c is None:
                            continue
                        if not check(
                            replace(case, diary=diary.without(own)), [*stay, Place(r.number, o.start, c)]
                        ):
                            k = abs(o.start - r.start)
                            if best is None or k < best[0]:
                                best = (k, o.start, c)
                if best is None:
                    gone.append(r.number)
                    continue
                _, st, c = best
                stay.append(Place(r.number, st, c))
                moves.append(Moved(r.number, r.start, st, c))
                placed += 1
                mins += best[0]
                moved += st != r.start
                diary = diary.with_claims([Claim(f"{s.series}:{r.number}", c, st, case.protocol.timed_steps)])
        if moves:
            changes.append(Change(s.series, tuple(moves)))
        if gone:
            left.append(Left(s.series, tuple(gone), (), ()))
    cost = Cost(placed, 0, moved, mins)
    if on_progress:
        on_progress(Progress(Stage.LOST, cost, cost, 0.1))
    return JointPlan(tuple(changes), tuple(left), Stage.LEFT if left else Stage.LOST, cost, cost, 0.1)
