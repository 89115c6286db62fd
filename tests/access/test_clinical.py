"""The front desk learns that there is a clinical hold, and nowhere why: every address, asked by them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from bookings import journal
from bookings.actors import staff_actor
from bookings.models import Decision, EmergencyAccess, Role, Session, StaffMember, Task
from tests.access.asking import asked
from tests.access.routes import routes
from tests.access.world import World
from tests.api.conftest import caller_for
from tests.api.test_matrix import MATRIX as API
from tests.cast import NOW
from tests.frontdesk.conftest import at_the_desk

#: Stands in every reason that is none of the desk's business.
WHY = "Canary: heart"
#: What lists are asked for besides, so that nothing is missed for being resolved, or for another day.
QUERIES = {
    "api/v1/tasks/": ("?status=all", "?status=all&kind=hard_gap", "?status=all&kind=clinical_hold"),
    "api/v1/clinics/<str:clinic>/day/": ("?date=2026-04-09",),
    "desk/<slug:clinic>/day/": ("?date=2026-04-09",),
    "desk/<slug:clinic>/day.json": ("?date=2026-04-09",),
    "desk/<slug:clinic>/list/": ("?date=2026-04-09",),
    "desk/<slug:clinic>/sheet/": ("?date=2026-04-09",),
    "desk/<slug:clinic>/tasks/": ("?all",),
    "desk/<slug:clinic>/search/": ("?q=ada",),
}


@pytest.fixture
def held(world: World) -> World:
    """Ada's course has clinical reasons wherever there can be some."""
    prescriber = world.here[Role.PRESCRIBER]
    visit = Session.objects.get(id=world.ids["session"])
    dates = {"created_at": NOW, "updated_at": NOW, "clinic": visit.clinic, "series": visit.series}
    Task.objects.create(kind="hard_gap", detail=WHY, session=visit, **dates)
    closed = {"resolved_at": NOW, "resolved_by": prescriber, "resolution": WHY}
    Task.objects.create(kind="clearance_needed", detail=WHY, **closed, **dates)
    visit.overrides = [
        {"rule": rule, "reason": WHY, "by": str(prescriber.id), "at": NOW.isoformat()}
        for rule in ("min_gap", "assessment")
    ]
    visit.save()
    Decision.objects.create(
        series=visit.series,
        about="assessment",
        number=1,
        verdict="go_on",
        reason=WHY,
        decided_at=NOW,
        decided_by=prescriber,
    )
    times = {"opened_at": NOW, "ends_at": NOW + timedelta(hours=1)}
    EmergencyAccess.objects.create(
        staff=prescriber, patient=visit.patient, clinic=visit.clinic, reason=WHY, **times
    )
    _told(visit, prescriber)
    return world


def _told(visit: Session, prescriber: StaffMember) -> None:
    """What the journal says of it."""
    about: dict[str, Any] = {"actor": staff_actor(prescriber), "now": NOW, "session": visit}
    nurse: dict[str, Any] = {
        **about,
        "actor": staff_actor(StaffMember.objects.get(email="ana@north.example")),
    }
    journal.write(
        [
            journal.entry("series_lapsed", reason=WHY, **nurse),
            journal.entry("task_opened", after={"kind": "hard_gap"}, reason=WHY, **nurse),
            journal.entry("emergency_opened", reason=WHY, **nurse),
            journal.entry("session_moved", reason=WHY, **about),
        ]
    )


def test_no_address_tells_the_front_desk_why(held: World):
    told = {path for path, said in _everything(held) if WHY in said or "hard_gap" in said}

    assert told == {"/api/v1/schema/"}  # which kinds there are


def test_a_prescriber_reads_it_where_it_stands(held: World):
    visit, series, ada = held.ids["session"], held.ids["series"], held.ids["patient"]
    person = held.here[Role.PRESCRIBER]
    api, desk = caller_for(person), at_the_desk(person)

    told = {path: api.get(path).content.decode() for path in ("tasks/", "journal/", f"sessions/{visit}/")}
    told["decisions"] = api.get(f"series/{series}/decisions/").content.decode()
    told |= {
        path: desk.get(f"/desk/north/{path}").content.decode() for path in ("tasks/?all", f"patients/{ada}/")
    }

    assert [path for path, said in told.items() if WHY not in said] == []


def test_the_desk_finds_what_is_held_by_that_word_alone(held: World):
    desk = caller_for(held.here[Role.FRONT_DESK])

    found = {kind: desk.get("tasks/", kind=kind, status="all").json()["results"] for kind in KINDS}

    assert [len(found[kind]) for kind in KINDS] == [0, 0, 2]
    assert {(one["kind"], one["proposal"], one["resolution"]) for one in found["clinical_hold"]} == {
        ("clinical_hold", None, "")
    }


KINDS = ("hard_gap", "clearance_needed", "clinical_hold")


@pytest.mark.parametrize("role", [Role.FRONT_DESK, Role.MANAGER])
def test_the_flag_for_the_admin_opens_no_reason_to_the_front_desk(held: World, role: Role):
    person = held.here[role]
    person.is_staff = person.is_superuser = True
    person.save()
    client = at_the_desk(person)

    seen = {
        page: client.get(f"/admin/bookings/{page}/").status_code
        for page in ("task", "journalentry", "session", "chair")
    }

    reads = 403 if role == Role.FRONT_DESK else 200
    assert seen == {"task": reads, "journalentry": reads, "session": reads, "chair": 200}


def _everything(held: World) -> Iterator[tuple[str, str]]:
    """What every address of the API and the desk says to the front desk, looked at and pressed."""
    person = held.here[Role.FRONT_DESK]
    api, desk, ids = caller_for(person), at_the_desk(person), {**held.ids, "clinic": "north"}
    values = {**ids, "protocol": "ket6", "purpose": "text"}
    for route in routes():
        is_api = route.path.startswith("api/v1/")
        if (not is_api and not route.path.startswith("desk/")) or "hang-up" in route.path:
            continue
        values["protocol"] = "ket6" if is_api else held.ids["protocol"]
        path = route.filled({**values, "verb": "check-in"})
        methods = API[route.path.removeprefix("api/v1/")] if is_api else ("GET", "POST")
        client, headers = (Client(), api.headers) if is_api else (desk, None)
        for query in ("", *QUERIES.get(route.path, ())):
            yield path + query, asked(client, "GET", path + query, headers=headers)[1]
        if "POST" in methods and "logout" not in path:
            yield (
                path,
                asked(
                    client,
                    "POST",
                    path,
                    body=None if not is_api else json.dumps({}),
                    headers=headers,
                    forms=not is_api,
                )[1],
            )
