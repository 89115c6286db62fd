"""What came of a simulation, counted from its first day that counts to its last."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from statistics import fmean
from typing import Any

from django.db import connection

from bookings.demo.courses import FIRST_PHASE
from bookings.models import Offer, OfferStatus, Series, SeriesStatus, Session, SessionStatus, Task
from bookings.proof import Excuse, prove
from bookings.queries.reports.gaps import gaps
from bookings.queries.reports.levelling import levelling
from bookings.queries.reports.period import Period
from bookings.queries.reports.utilisation import utilisation
from bookings.simulation.set_ups import waited
from bookings.simulation.stage import Stage

#: Who may have begun later than this before the end has had no time to be treated to the end.
TIME_TO_FINISH = timedelta(days=30)

# How much of the places that came free before their time was used by somebody else after all.
_FREED = """
    WITH freed AS (
        SELECT DISTINCT entry.session_id, (entry.before ->> 'chair')::uuid AS chair,
               (entry.before ->> 'start')::timestamptz AS start, (entry.before ->> 'end')::timestamptz AS ends
        FROM bookings_journalentry entry
        WHERE entry.verb IN ('session_cancelled', 'session_moved')
          AND (entry.before ->> 'start')::timestamptz > entry.at
          AND (entry.before ->> 'start')::timestamptz BETWEEN %(starts)s AND %(ends)s
          AND (entry.verb = 'session_cancelled' OR entry.before ->> 'start' <> entry.after ->> 'start')
    ), used AS (
        SELECT sum(extract(epoch FROM least(other.end, freed.ends) - greatest(other.start, freed.start)))
                   FILTER (WHERE other.id IS NOT NULL)  -- else both bounds would be the freed place's own
               / extract(epoch FROM freed.ends - freed.start) AS share,
               extract(epoch FROM freed.ends - freed.start) / 60 AS minutes
        FROM freed LEFT JOIN bookings_session other
          ON other.chair_id = freed.chair AND other.status = 'completed' AND other.id <> freed.session_id
         AND other.start < freed.ends AND other.end > freed.start
        GROUP BY freed.session_id, freed.chair, freed.start, freed.ends
    )
    SELECT count(*), count(*) FILTER (WHERE share >= 0.5), coalesce(sum(minutes), 0)::float,
           coalesce(sum(minutes * least(1, coalesce(share, 0))), 0)::float FROM used
"""


_FREED_NAMES = ("places freed", "places used again", "minutes freed", "minutes used again")


def figures(stage: Stage) -> dict[str, Any]:
    """Everything that is reported of the diary, by name; shares are parts of one, waits are days."""
    world, premises = stage.world, stage.premises
    period = Period(premises.clinic, world.counted_from, world.ends - timedelta(days=1))
    used = utilisation(period).total
    found = gaps(period)
    return {
        "visits": premises.clinic.sessions.filter(
            status=SessionStatus.COMPLETED, start__gte=period.starts, start__lt=period.ends
        ).count(),
        "lost": premises.clinic.sessions.filter(
            status__in=(SessionStatus.NO_SHOW, SessionStatus.CANCELLED),
            start__gte=period.starts,
            start__lt=period.ends,
        ).count(),
        "fill": used.chairs_share,
        "nurses": used.nurses_share,
        "set-ups at once": levelling(period).mean_set_ups or 0.0,
        "gaps": sum(one.count for one in found),
        "gaps past soft": sum(one.past_soft for one in found),
        "gaps past hard": sum(one.past_hard for one in found),
        "broken rules": _broken(stage),
        "asked": sum(stage.asked.values()),
        "elsewhere": stage.asked["elsewhere"],
        "calls": dict(sorted(stage.calls.items())),
        "refusals": dict(sorted(stage.agenda.refusals.items())),
        **_freed(period),
        **waited(stage, period),
        "people": _people(stage),
        "lapsed": Series.objects.filter(status=SeriesStatus.LAPSED).count(),
        **_offers(stage),
        **_tasks(),
    }


def _freed(period: Period) -> dict[str, float]:
    with connection.cursor() as cursor:
        cursor.execute(_FREED, {"starts": period.starts, "ends": period.ends})
        row = cursor.fetchone()
    return dict(zip(_FREED_NAMES, row, strict=True))


def _broken(stage: Stage) -> int:
    now = stage.premises.now_at(stage.world.ends, stage.world.opens)
    return sum(one.excuse is Excuse.NONE for one in prove(stage.premises.clinic, now=now))


def _people(stage: Stage) -> dict[str, dict[str, float]]:
    """Of everybody who asked for a first course in the time that counts and had one, by their number: days
    until their first visit, all the visits they were given, and, where there was time to finish, those of the
    first course in per cent of what they wanted.
    """
    premises, world = stage.premises, stage.world
    last = premises.now_at(world.ends - TIME_TO_FINISH, world.opens)
    found: dict[str, dict[str, float]] = {}
    for series_id, asked in stage.waits.items():
        course = stage.course_of(series_id)
        sessions = Series.objects.get(id=series_id).sessions.order_by("start")
        given = list(sessions.filter(status=SessionStatus.COMPLETED).values_list("start", flat=True))
        if premises.day_of(asked) < world.counted_from:
            continue
        one = found.setdefault(str(course.person.number), {})
        every = Session.objects.filter(patient=course.patient, status=SessionStatus.COMPLETED)
        one["visits"] = float(every.count())
        if given:
            one["wait"] = (given[0] - asked).total_seconds() / 86400
        wanted = FIRST_PHASE[course.person.protocol][1]
        if asked + world.patience < last:
            one["given"] = 100 * min(len(given), wanted) / wanted
            one["whole"] = 100.0 * (len(given) >= wanted)
    return found


def _offers(stage: Stage) -> dict[str, Any]:
    by_status = Counter(Offer.objects.values_list("status", flat=True))
    accepted = Offer.objects.filter(status=OfferStatus.ACCEPTED)
    sooner = [
        (present - start).total_seconds() / 86400
        for present, start in accepted.values_list("present", "start")
        if present is not None
    ]
    return {
        "offers": dict(sorted(by_status.items())),
        "courses begun by offers": accepted.filter(present__isnull=True).count(),
        "days sooner": fmean(sooner) if sooner else 0.0,
    }


def _tasks() -> dict[str, Any]:
    kinds = Counter(Task.objects.values_list("kind", flat=True))
    return {"tasks": dict(sorted(kinds.items()))}
