"""`make bench`: measure everything, print it as it comes, and write the table of docs/performance.md.

python -m bench                 all parts, about twenty minutes
python -m bench engine http     only those parts
LOAD_MINUTES=30 python -m bench load    a busy morning for so long (5 unless set)
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta

from bench.report import publish, show
from bench.timing import Line

FUTURE_DAYS = 600
PAST_SESSIONS_FEW, PAST_SESSIONS_MANY = 10_000, 1_000_000
PAST_CLINICS = 100
CROWD_CLINICS = 16
PAGES_SESSIONS = 100_000
LOAD_DAYS = 364


def main(asked: list[str]) -> int:
    """Run the parts asked for. 1 when a target was missed."""
    parts: dict[str, Callable[[], Iterator[Line]]] = {
        "engine": _engine,
        "http": _service,
        "beside": _beside,
        "messages": _messages,
        "pages": _pages,
        "watch": _watch,
        "waiting": _waiting,
        "repair": _repair,
        "load": _load,
    }
    unknown = set(asked) - parts.keys()
    if unknown:
        print(f"No such part: {', '.join(sorted(unknown))}. There are: {', '.join(parts)}.", file=sys.stderr)
        return 2
    if len(asked) != 1:
        # Django knows one database for as long as a process lives, and each part has one of its own.
        command = [sys.executable, "-m", "bench"]
        return max(subprocess.run([*command, name], check=False).returncode for name in asked or parts)
    lines = []
    for line in parts[asked[0]]():
        lines.append(line)
        show(line)
    publish(lines, parts=sorted({line.part for line in lines}))
    return int(any(line.met is False for line in lines))


def _engine() -> Iterator[Line]:
    from bench import engine

    return engine.lines()


def _service() -> Iterator[Line]:
    """The service with a short past, with a long one, and under a crowd."""
    import psycopg

    from bench.installation import installation, web

    now = datetime.now(UTC)
    first = _monday_after(now.date())
    with installation() as installed:
        from bench import clinic as measured
        from bench import crowd, filling, growth, service, staging

        stage = staging.stage(first=first, days=FUTURE_DAYS, now=now)
        future = measured.open_days(first, count=FUTURE_DAYS * 5 // 7)
        with psycopg.connect(installed.database_url, autocommit=True) as connection:
            say(f"filling the clinic from {first} on")
            where = staging.where(stage.clinic, stage.version)
            filling.fill(connection, [where], days=future, status="booked")
            growth.add_past(
                connection, stage, sessions=PAST_SESSIONS_FEW, clinics=1, before=first, progress=say
            )
            with web(installed) as port:
                short = service.measure_service(port, installed.database_url, stage, first=first, seed=1)
                yield from service.lines(short)
            growth.add_past(
                connection,
                stage,
                sessions=PAST_SESSIONS_MANY,
                clinics=PAST_CLINICS,
                before=first,
                progress=say,
            )
            with web(installed) as port:
                long = service.measure_service(port, installed.database_url, stage, first=first, seed=1)
                yield from growth.lines(short, long, few=PAST_SESSIONS_FEW, many=PAST_SESSIONS_MANY)
            bodies = crowd.stage_series(connection, stage, days=future, clinics=CROWD_CLINICS, progress=say)
            holds, bare = crowd.stage_one_day(stage, first)
        with web(installed) as port:
            rate, statuses = crowd.book_all(port, stage.token, bodies)
            without, _ = crowd.decisions(port, "/bare/holds/", bare)
            held, told = crowd.decisions(port, f"{service.API}/holds/", holds)
            yield from crowd.lines(rate, statuses, held, without, told)


def _beside() -> Iterator[Line]:
    """django-appointment beside the service, on one PostgreSQL."""
    from bench.installation import installation

    with installation() as installed:
        from bench.beside import comparison

        yield from comparison.lines(installed)


def _messages() -> Iterator[Line]:
    """Planning messages, sending many, and looking for what is due in a long ledger."""
    import psycopg

    from bench.installation import installation

    now = datetime.now(UTC)
    first = _monday_after(now.date())
    with installation() as installed:
        from bench import clinic as measured
        from bench import filling, ledger, mailing, planning, plot, sending, staging
        from notifications.models import Message

        stage = staging.stage(first=first, days=planning.DAYS, now=now)
        future = measured.open_days(first, count=planning.DAYS * 5 // 7)
        with psycopg.connect(installed.database_url, autocommit=True) as connection:
            filling.fill(
                connection, [staging.where(stage.clinic, stage.version)], days=future, status="booked"
            )
            say("clinic filled")
            yield from planning.lines(installed, stage, days=future, now=now)
            Message.objects.all().delete()
            noon = staging.open_clinic("noon", stage.protocol)
            noon.time_zone = mailing.noon_zone(now)
            noon.save()
            mailing.due_messages(noon, stage.version, patients=sending.MESSAGES // 2, now=now)
            connection.execute("VACUUM ANALYZE")
            say(f"{sending.MESSAGES:,} messages are due")
            yield from sending.lines(installed)
            found = ledger.timings(connection, now=datetime.now(UTC), progress=say)
        plot.ledger(found)
        yield from ledger.lines(found)


def _watch() -> Iterator[Line]:
    """The watch beside a hundred thousand active series."""
    import psycopg

    from bench.installation import installation

    now = datetime.now(UTC)
    first = _monday_after(now.date())
    with installation() as installed:
        from bench import staging, watching

        stage = staging.stage(first=first, days=7, now=now)
        with psycopg.connect(installed.database_url, autocommit=True) as connection:
            watching.stage_series(connection, stage, first=first, progress=say)
        yield from watching.lines(now=now)


def _pages() -> Iterator[Line]:
    """Every page for patients, beside the demo's data and many further sessions."""
    import psycopg

    from bench.installation import installation

    now = datetime.now(UTC)
    first = _monday_after(now.date())
    with installation() as installed:
        from django.core.management import call_command

        from bench import growth, pages, staging
        from bookings.models import Clinic

        call_command("load_demo", verbosity=0)
        demo = list(Clinic.objects.values_list("slug", flat=True))
        say(f"the demo's clinics are there: {', '.join(demo)}")
        stage = staging.stage(first=first, days=7, now=now)
        with psycopg.connect(installed.database_url, autocommit=True) as connection:
            growth.add_past(connection, stage, sessions=PAGES_SESSIONS, clinics=2, before=first, progress=say)
        yield from pages.lines(demo, now=datetime.now(UTC))


def _waiting() -> Iterator[Line]:
    """A place that comes free at a clinic where thousands wait."""
    import psycopg

    from bench.installation import installation

    now = datetime.now(UTC)
    first = _monday_after(now.date())
    with installation() as installed:
        from bench import clinic as measured
        from bench import filling, staging, waiting

        stage = staging.stage(first=first, days=waiting.DAYS, now=now)
        future = measured.open_days(first, count=waiting.DAYS * 5 // 7)
        with psycopg.connect(installed.database_url, autocommit=True) as connection:
            where = staging.where(stage.clinic, stage.version)
            filling.fill(connection, [where], days=future, status="booked")
        say("clinic filled")
        yield from waiting.lines(stage, now=now)


def _repair() -> Iterator[Line]:
    """A clinic shut for a day, and one shut for a week."""
    from bench import mending

    return mending.lines()


def _load() -> Iterator[Line]:
    """The whole service through a busy morning, for LOAD_MINUTES."""
    import psycopg

    from bench.installation import installation

    now = datetime.now(UTC)
    first = _monday_after(now.date())
    with installation() as installed:
        from bench import load

        with psycopg.connect(installed.database_url, autocommit=True) as connection:
            crew = load.stage(connection, first=first, days=LOAD_DAYS, now=now, progress=say)
        yield from load.lines(installed, crew, progress=say)


def say(what: str) -> None:
    """Tell whoever waits what is going on."""
    print(f"  … {what}", flush=True)


def _monday_after(day: date) -> date:
    return day + timedelta(days=8 - day.isoweekday())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
