"""Many clients at once: series on different days, and decisions that all want one clinic-day."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from typing import Any

import psycopg

from bench import clinic as measured
from bench import staging
from bench.client import Client
from bench.filling import fill
from bench.service import API
from bench.staging import Stage, open_clinic, where
from bench.timing import Line
from bookings.models import Clinic, Protocol, ProtocolVersion, Shift, StaffMember
from scheduler.openings import openings
from scheduler.protocol import Phase, Step
from scheduler.rules import Case
from scheduler.spans import instant

CLIENTS, SECONDS = 16, 10
SERIES_TARGET, SHARE_TARGET = 60, 0.5
Body = dict[str, Any]


def series_on_different_days(clinic: str, days: Sequence[date], patients: Iterator[str]) -> Iterator[Body]:
    """Bookings of six sessions in one filled clinic, no two of them on one day."""
    diary = measured.diary(days[0], days=(days[-1] - days[0]).days + 1)
    supply = measured.supply(days[0], days=(days[-1] - days[0]).days + 1)
    case = Case(
        supply, diary, measured.PROTOCOL, measured.INDUCTION, measured.opening(days[0]), by_patient=False
    )
    open_at = openings(case, first=days[0], last=days[-1])
    usable = [day for day in days if open_at[day]]
    for at in range(0, len(usable) - 17, 18):
        for phase in range(3):
            yield {
                "clinic": clinic,
                "protocol": measured.PROTOCOL.slug,
                "patient": next(patients),
                "sessions": [
                    {"start": instant(open_at[day][0].start).isoformat()}
                    for day in usable[at + phase : at + 18 : 3]
                ],
            }


def stage_series(
    connection: psycopg.Connection[Any],
    stage: Stage,
    *,
    days: Sequence[date],
    clinics: int,
    progress: Callable[[str], None],
) -> list[Body]:
    """So many more filled clinics, and the series of each, in turns so that clients do not meet."""
    desk, bodies = StaffMember.objects.get(id=stage.desk.id), []
    shifts = Shift.objects.filter(clinic=stage.clinic).values_list("nurse_id", "starts", "ends")
    for number in range(clinics):
        clinic = open_clinic(f"crowd-{number}", stage.protocol)
        desk.clinics.add(clinic)
        Shift.objects.bulk_create(
            Shift(clinic=clinic, nurse_id=nurse, starts=starts, ends=ends) for nurse, starts, ends in shifts
        )
        fill(connection, [where(clinic, stage.version)], days=list(days), status="booked")
        callers = (str(patient.id) for patient in stage.patients(len(days)))
        bodies.append(list(series_on_different_days(clinic.slug, days, callers)))
        progress(f"crowd: {number + 1} of {clinics} clinics filled")
    return [body for turn in zip(*bodies, strict=False) for body in turn]


def stage_one_day(stage: Stage, day: date) -> tuple[list[Body], list[Body]]:
    """A clinic with an empty day, a visit without a nurse: what each client holds, and what bare SQL does."""
    clinic, slug = open_single(stage)
    chairs = [*where(clinic, stage.version).chairs] * 2
    later = measured.opening(day) + measured.PROTOCOL.chair_minutes
    starts = [measured.opening(day)] * measured.CHAIRS + [later] * CLIENTS
    holds = [
        {"clinic": clinic.slug, "protocol": slug, "sessions": [{"start": instant(start).isoformat()}]}
        for start in starts[:CLIENTS]
    ]
    return holds, [{"chair": str(chair), "place": place} for place, chair in enumerate(chairs[:CLIENTS])]


def open_single(stage: Stage) -> tuple[Clinic, str]:
    """A clinic with empty days, and the slug of a treatment of one visit that needs no nurse."""
    rules = replace(
        measured.PROTOCOL,
        slug="bench-single",
        spacing_group="single",
        phases=(Phase("single", 1),),
        steps=(Step("visit", measured.PROTOCOL.chair_minutes),),
    )
    protocol = Protocol.objects.create(slug=rules.slug)
    signed = {name: getattr(stage.version, name) for name in ("created_at", "signed_at", "signed_by")}
    ProtocolVersion.objects.create(protocol=protocol, version=1, rules=staging.as_json(rules), **signed)
    clinic = open_clinic("one-day", protocol)
    StaffMember.objects.get(id=stage.desk.id).clinics.add(clinic)
    return clinic, rules.slug


def book_all(port: int, token: str, bodies: Sequence[Body]) -> tuple[float, Counter[int]]:
    """Book by 16 clients at once; the bookings made a second, and the statuses answered."""
    shares = [bodies[client::CLIENTS] for client in range(CLIENTS)]

    def work(share: Sequence[Body]) -> Counter[int]:
        client = Client(port, token)
        return Counter(client.post(f"{API}/series/", body).status for body in share)

    began = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as pool:
        statuses = sum(pool.map(work, shares), Counter[int]())
    return statuses[201] / (time.perf_counter() - began), statuses


def decisions(port: int, path: str, bodies: Sequence[Body]) -> tuple[float, Counter[int]]:
    """Let each client hold its place on the one day and release it, again and again for some seconds.

    The decisions a second, each hold and each release being one, and their statuses.
    """
    ends = time.perf_counter() + SECONDS

    def work(body: Body) -> Counter[int]:
        client, statuses = Client(port), Counter[int]()
        while time.perf_counter() < ends:
            held = client.post(path, body)
            statuses[held.status] += 1
            if held.status == 201:
                statuses[client.delete(f"{path}{held.json()['id']}/").status] += 1
        return statuses

    with ThreadPoolExecutor(len(bodies)) as pool:
        statuses = sum(pool.map(work, bodies), Counter[int]())
    return statuses.total() / SECONDS, statuses


def lines(
    rate: float, statuses: Counter[int], held: float, bare: float, told: Counter[int]
) -> Iterator[Line]:
    """The report of both."""
    busy = statuses[503]
    yield Line(
        "crowd",
        f"series of six booked by {CLIENTS} clients on different days, two workers",
        f"{rate:.0f} a second, {busy} busy",
        f"≥ {SERIES_TARGET} a second, 0 busy",
        rate >= SERIES_TARGET and not busy,
    )
    yield Line(
        "crowd",
        "the same rows by bare SQL under the lock of one clinic-day, same server",
        f"{bare:.0f} a second",
    )
    share = held / bare
    yield Line(
        "crowd",
        f"places on one clinic-day held and released by {CLIENTS} clients, {told[503]} busy",
        f"{held:.0f} decisions a second, {share:.0%} of bare",
        f"≥ {SHARE_TARGET:.0%} of bare",
        share >= SHARE_TARGET,
    )
