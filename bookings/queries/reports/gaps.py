"""How series run: days from visit to visit, against what their protocols ask for."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from bookings import lifecycle
from bookings.models import ProtocolVersion
from bookings.queries.reports.period import Period
from bookings.snapshot import protocol_of

# A gap is from the visit before, wherever that lies, to one that begins in the period; so whole series are
# read, but only those that the period touches.
_GAPS = """
    WITH touched AS MATERIALIZED (
        SELECT DISTINCT series_id FROM bookings_session
        WHERE clinic_id = %(clinic)s AND start >= %(starts)s AND start < %(ends)s AND status <> ALL (%(gone)s)
    ), gaps AS (
        SELECT session.series_id, session.start,
               (session.start AT TIME ZONE %(zone)s)::date
                   - lag((session.start AT TIME ZONE %(zone)s)::date)
                         OVER (PARTITION BY session.series_id ORDER BY session.start) AS days
        FROM touched JOIN bookings_session session ON session.series_id = touched.series_id
        WHERE session.status <> ALL (%(gone)s)
    )
    SELECT series.protocol_version_id, series.phase, gaps.days, count(*)::int
    FROM gaps JOIN bookings_series series ON series.id = gaps.series_id
    WHERE gaps.days IS NOT NULL AND gaps.start >= %(starts)s AND gaps.start < %(ends)s
    GROUP BY 1, 2, 3
"""


@dataclass(frozen=True)
class PhaseGaps:
    """The gaps of one phase of one protocol, in clinic-local calendar days from date to date.

    The bounds are those of the newest version among them; `past_soft` and `past_hard` count by the bounds of
    each series' own version.
    """

    protocol: str  # its slug
    phase: str
    target: int | None
    soft: int | None
    hard: int | None
    by_days: tuple[tuple[int, int], ...]  # days, how many gaps; in order
    past_soft: int
    past_hard: int

    @property
    def count(self) -> int:
        """How many gaps."""
        return sum(count for _, count in self.by_days)

    @property
    def on_target(self) -> int:
        """How many are exactly as long as they are meant to be."""
        return dict(self.by_days).get(self.target, 0) if self.target is not None else 0

    @property
    def mean(self) -> float:
        """Days on average."""
        return sum(days * count for days, count in self.by_days) / self.count

    def percentile(self, share: float) -> int:
        """The days that so great a share of the gaps does not exceed."""
        passed = 0
        for days, count in self.by_days:
            passed += count
            if passed >= share * self.count:
                return days
        raise AssertionError("a phase without gaps is not listed")


def gaps(period: Period) -> tuple[PhaseGaps, ...]:
    """The gaps into the visits of the period, by protocol and phase. Within one series; a visit that was
    cancelled or missed ends none. Two queries.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _GAPS,
            {
                "zone": period.clinic.time_zone,
                "clinic": period.clinic.id,
                "starts": period.starts,
                "ends": period.ends,
                "gone": sorted(lifecycle.GONE),
            },
        )
        rows = cursor.fetchall()
    versions = ProtocolVersion.objects.select_related("protocol").in_bulk({row[0] for row in rows})
    grouped: dict[tuple[str, str], list[tuple[ProtocolVersion, int, int]]] = defaultdict(list)
    for version, phase, days, count in rows:
        found = versions[version]
        grouped[found.protocol.slug, phase].append((found, days, count))
    return tuple(_phase(slug, phase, grouped[slug, phase]) for slug, phase in sorted(grouped))


def _phase(slug: str, phase: str, rows: list[tuple[ProtocolVersion, int, int]]) -> PhaseGaps:
    spacing = {version.id: protocol_of(version).phase(phase).spacing for version, _, _ in rows}
    newest = spacing[max((version for version, _, _ in rows), key=lambda one: one.version).id]
    by_days: Counter[int] = Counter()
    for _, days, count in rows:
        by_days[days] += count
    return PhaseGaps(
        protocol=slug,
        phase=phase,
        target=newest.target_gap_days,
        soft=newest.soft_max_gap_days,
        hard=newest.max_gap_days,
        by_days=tuple(sorted(by_days.items())),
        past_soft=_past(rows, {one: bounds.soft_max_gap_days for one, bounds in spacing.items()}),
        past_hard=_past(rows, {one: bounds.max_gap_days for one, bounds in spacing.items()}),
    )


def _past(rows: Iterable[tuple[ProtocolVersion, int, int]], bounds: dict[UUID, int | None]) -> int:
    found = 0
    for version, days, count in rows:
        bound = bounds[version.id]
        found += count if bound is not None and days > bound else 0
    return found
