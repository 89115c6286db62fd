"""What a long memory costs: looking for what is due, with fifty thousand and five million rows behind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import psycopg
from django.db import transaction

from bench.timing import Line, Timing, measure, milliseconds
from notifications import queries
from notifications.commands import send
from notifications.models import Message

SIZES = (50_000, 500_000, 5_000_000)
DUE, TARGET = 200, 1.25
TABLE = Message._meta.db_table
#: One in twenty waits for one of the next twenty days, the others were sent in the last two years.
_FILL = f"""
    WITH about AS (
        SELECT id, series_id, patient_id, row_number() OVER () - 1 AS place, count(*) OVER () AS places
        FROM bookings_session
    )
    INSERT INTO {TABLE} (id, key, kind, channel, recipient, language, patient_id, series_id, session_id,
        session_version, days_before, facts, due_at, expires_at, status, reason, subject, body, attempts,
        created_at, claimed_at, sent_at, provider_id)
    SELECT uuidv7(), 'past:' || n, 'reminder', CASE WHEN mod(n, 2) = 0 THEN 'email' ELSE 'text' END,
        'patient@mail.example', 'en', about.patient_id, about.series_id, about.id, 1, 1, '{{}}',
        due, due + interval '1 day', CASE WHEN waits THEN 'planned' ELSE 'sent' END, '', 'Your appointment',
        'We look forward to seeing you.', CASE WHEN waits THEN 0 ELSE 1 END, due - interval '7 days',
        CASE WHEN waits THEN NULL ELSE due END, CASE WHEN waits THEN NULL ELSE due END,
        CASE WHEN waits THEN '' ELSE n::text END
    FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS n
    CROSS JOIN LATERAL (SELECT mod(n, 20) = 0 AS waits) AS one
    CROSS JOIN LATERAL (
        SELECT %(now)s::timestamptz + interval '1 minute'
            * CASE WHEN waits THEN mod(n, 28800) + 1 ELSE -1 - mod(n, 1051200) END AS due
    ) AS two
    JOIN about ON about.place = mod(n, about.places)
"""
_MAKE_DUE = f"""
    UPDATE {TABLE} SET due_at = %(now)s WHERE id IN (
        SELECT id FROM {TABLE} WHERE status = 'planned' ORDER BY due_at LIMIT {DUE}
    )
"""


def timings(
    connection: psycopg.Connection[Any], *, now: datetime, progress: Callable[[str], None]
) -> dict[int, Timing]:
    """How long a round takes to find and take what is due, for each size of the ledger."""
    connection.execute(f"TRUNCATE {TABLE} CASCADE")
    found, before = {}, 0
    for size in SIZES:
        _fill(connection, before, size, now=now)
        if not before:
            connection.execute(_MAKE_DUE, {"now": now})
        connection.execute(f"VACUUM ANALYZE {TABLE}")
        progress(f"{size:,} messages in the ledger")
        before = size
        # The best of five: whatever else the machine does meanwhile is not the ledger's.
        runs = [measure(lambda: _round(now), times=80, warm_up=10) for _ in range(5)]
        found[size] = min(runs, key=lambda run: run.p50)
    return found


def lines(found: dict[int, Timing]) -> Iterator[Line]:
    """The report: the largest ledger beside the smallest."""
    few, many = SIZES[0], SIZES[-1]
    ratio = found[many].p50 / found[few].p50
    yield Line(
        "messages",
        f"finding {DUE} due messages and taking 50, {many:,} in the ledger against {few:,}, p50",
        f"{milliseconds(found[many].p50)}, {ratio:.2f} × as long",
        f"≤ {TARGET} ×",
        ratio <= TARGET,
    )


def _round(now: datetime) -> None:
    """What each round of the beat asks, and the claim of one batch, which is given back."""
    queries.lost(now=now, after=send.LOST_AFTER)
    assert queries.count_due(now=now, most=10_000) == DUE
    with transaction.atomic():
        rows = Message.objects.select_for_update(skip_locked=True).filter(status="planned", due_at__lte=now)
        assert len(rows.order_by("due_at", "id").values_list("id")[: send.BATCH]) == send.BATCH
        transaction.set_rollback(True)


def _fill(connection: psycopg.Connection[Any], before: int, size: int, *, now: datetime) -> None:
    """Rows from `before` up to `size`. Indexes are built afterwards, which is quicker."""
    indexes = connection.execute(
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = %s AND indexname NOT IN "
        "(SELECT conname FROM pg_constraint)",
        [TABLE],
    ).fetchall()
    connection.execute("SET session_replication_role = replica")  # whom a row speaks of is there
    for name, _ in indexes:
        connection.execute(f'DROP INDEX "{name}"')
    connection.execute(_FILL, {"first": before + 1, "last": size, "now": now})
    for _, definition in indexes:
        connection.execute(definition)
    connection.execute("SET session_replication_role = DEFAULT")
