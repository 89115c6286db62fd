"""The whole service under the load of a busy morning: how much it carries for each core, how long people
wait, and whether its processes grow.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any

import psycopg
from django.test import Client as Browser

from bench import clinic as measured
from bench import staging
from bench.consumption import Watch
from bench.filling import fill
from bench.installation import FOLDER, Installation, web
from bench.morning import BUSY, CLIENTS, REFUSALS, Crew, Heard, Morning, live
from bench.sending import workers
from bench.timing import Line, Timing, milliseconds
from bench.ways_out import ways_out
from bookings.commands.links import issue_link
from bookings.models import Clinic, LinkPurpose, Patient, Session, Shift, StaffMember

MINUTES = float(os.environ.get("LOAD_MINUTES", "5"))
CLINICS, READERS, CALLERS = 8, 40, 60_000
#: Of what the service can do at the most: a morning that is busy, and not lost.
SHARE = 0.6
P99_TARGET, GROWTH_TARGET = 1.0, 20.0  # seconds; megabytes an hour, of one process
LONG_ENOUGH = 20  # minutes, before growth says anything


def stage(
    connection: psycopg.Connection[Any],
    *,
    first: date,
    days: int,
    now: datetime,
    progress: Callable[[str], None],
) -> Crew:
    """Filled clinics with one desk, patients who are signed in, and many who will call."""
    made = staging.stage(first=first, days=days, now=now)
    open_days = measured.open_days(first, count=days * 5 // 7)
    desk = StaffMember.objects.get(id=made.desk.id)
    shifts = Shift.objects.filter(clinic=made.clinic).values_list("nurse_id", "starts", "ends")
    clinics: list[Clinic] = []
    for number in range(CLINICS):
        clinic = staging.open_clinic(f"morning-{number}", made.protocol)
        desk.clinics.add(clinic)
        Shift.objects.bulk_create(
            Shift(clinic=clinic, nurse_id=nurse, starts=starts, ends=ends) for nurse, starts, ends in shifts
        )
        fill(connection, [staging.where(clinic, made.version)], days=open_days, status="booked")
        clinics.append(clinic)
    progress(f"{CLINICS} clinics filled")
    callers = Patient.objects.bulk_create(
        (
            Patient(first_name="Bench", last_name=f"Caller {n}", email=f"caller{n}@mail.example")
            for n in range(CALLERS)
        ),
        batch_size=5000,
    )
    connection.execute("VACUUM ANALYZE")
    readers = [one.patient for one in Session.objects.filter(number=1).select_related("patient")[:READERS]]
    return Crew(
        clinics=[clinic.slug for clinic in clinics],
        days=open_days,
        token=made.token,
        desk=_at_the_desk(desk),
        patients=[_signed_in(patient, now=now) for patient in readers],
        callers=deque(one.id for one in callers),
    )


def lines(installed: Installation, crew: Crew, *, progress: Callable[[str], None]) -> Iterator[Line]:
    """The report: first a minute at most, then the morning."""
    with ExitStack() as stack:
        told = stack.enter_context(ways_out(FOLDER))
        port = stack.enter_context(web(installed, **told))
        stack.enter_context(workers({**installed.environment, **told}))
        stack.enter_context(_beat({**installed.environment, **told}))
        morning = Morning(port, crew, seed=1)
        live(morning, seconds=15, rate=None)  # caches are filled, statements prepared
        with Watch() as watch:
            most = live(morning, seconds=60, rate=None)
        rate = most.requests / most.seconds
        progress(f"at most {rate:.0f} requests a second")
        yield from _at_most(most, watch)
        with Watch() as watch:
            heard = live(morning, seconds=60 * MINUTES, rate=rate * SHARE)
        yield from _report(heard, watch, rate=rate * SHARE)


def _at_most(most: Heard, watch: Watch) -> Iterator[Line]:
    rate, spent = most.requests / most.seconds, watch.processor
    web_core, all_cores = most.requests / spent["web"], most.requests / sum(spent.values())
    yield Line(
        "load",
        f"a busy morning's mix by {CLIENTS} clients without a pause, two web and two worker processes",
        f"{rate:.0f} requests a second, {web_core:.0f} a second of a core's time in web processes, "
        f"{all_cores:.0f} a second of a core's time in all of the service",
    )


def _report(heard: Heard, watch: Watch, *, rate: float) -> Iterator[Line]:
    every = Timing(tuple(sorted(one for taken in heard.taken.values() for one in taken)))
    what = f"the same at {rate:.0f} requests a second for {heard.seconds / 60:.0f} min"
    refused = sum(heard.statuses[status] for status in REFUSALS)
    yield Line(
        "load",
        f"{what}: {heard.requests:,} requests, {refused:,} refused by the diary",
        f"{len(heard.errors)} errors, {heard.statuses[BUSY]} busy",
        "0 errors",
        not heard.errors,
    )
    for error in heard.errors[:5]:
        print(f"  ! {error}", file=sys.stderr)
    yield Line(
        "load",
        f"{what}: all, from when each was due",
        f"p50 {milliseconds(every.p50)}, p95 {milliseconds(every.p95)}, p99 {milliseconds(every.p99)}",
        f"p99 ≤ {milliseconds(P99_TARGET)}",
        every.p99 <= P99_TARGET,
    )
    for name, taken in heard.taken.items():
        one = Timing(tuple(sorted(taken)))
        said = f"p50 {milliseconds(one.p50)}, p95 {milliseconds(one.p95)}, p99 {milliseconds(one.p99)}"
        yield Line("load", f"{name.replace('_', ' ')}, {len(taken):,} times", said)
    shares = ", ".join(f"{kind} {spent / heard.seconds:.0%}" for kind, spent in watch.processor.items())
    yield Line("load", f"{what}: of one core", shares)
    for memory in watch.memory.values():
        held = memory.megabytes
        long = heard.seconds >= 60 * LONG_ENOUGH
        yield Line(
            "load",
            f"memory of {memory.name}, first, last, and by the hour in the second half",
            f"{held[0]:.0f} MB, {held[-1]:.0f} MB, {memory.slope:+.1f} MB an hour",
            f"≤ {GROWTH_TARGET:.0f} MB an hour" if long else "",
            memory.slope <= GROWTH_TARGET if long else None,
        )


def _at_the_desk(desk: StaffMember) -> str:
    browser = Browser(SERVER_NAME="127.0.0.1")
    browser.force_login(desk)
    return _cookies(browser)


def _signed_in(patient: Patient, *, now: datetime) -> str:
    browser = Browser(SERVER_NAME="127.0.0.1")
    browser.post(f"/l/{issue_link(patient, purpose=LinkPurpose.SIGN_IN, now=now)}/")
    return _cookies(browser)


def _cookies(browser: Browser) -> str:
    return "; ".join(f"{name}={one.value}" for name, one in browser.cookies.items())


@contextmanager
def _beat(environment: dict[str, str]) -> Iterator[None]:
    from config import processes

    command = [sys.executable, "-m", "celery", "--app", "config", "beat", "--pidfile="]
    command += ["--schedule", str(FOLDER / "beat-schedule")]
    environment = {**environment, "DJANGO_SETTINGS_MODULE": "config.settings"}
    with (FOLDER / "beat.log").open("ab") as log:
        child = processes.start(
            FOLDER, command, env=environment, cwd=Path.cwd(), stdout=log, stderr=subprocess.STDOUT
        )
        try:
            yield
        finally:
            processes.stop(child)
