"""Tasks at the door: what a person must look at."""

import pytest

from bookings.commands.book import book_series
from bookings.models import JournalEntry, Task
from tests.api.counting import statements
from tests.cast import MONDAYS_AND_THURSDAYS, NOW

PROPOSAL = {
    "moves": [
        {"number": 2, "from": "2026-04-09T14:00:00+00:00", "to": "2026-04-10T14:00:00+00:00"},
        {"number": 7, "from": None, "to": "2026-11-01T06:30:00+00:00"},
    ]
}


@pytest.fixture
def series(cast):
    return book_series(
        cast.ada,
        clinic=cast.north,
        protocol=cast.ket6,
        starts=MONDAYS_AND_THURSDAYS,
        actor=cast.as_desk,
        now=NOW,
    )


def put(series, kind, **facts):
    times = {"created_at": NOW, "updated_at": NOW}
    return Task.objects.create(
        kind=kind, clinic=series.clinic, series=series, **{"detail": "Look.", **times, **facts}
    )


def kinds(caller, **query):
    return [task["kind"] for task in caller.get("tasks/", **query).json()["results"]]


def test_a_task_says_what_to_look_at(desk, cast, series):
    session = series.sessions.get(number=2)
    task = put(series, "no_longer_fits", session=session, proposal=PROPOSAL, deadline=session.start)

    [answer] = desk.get("tasks/").json()["results"]

    assert answer == desk.get(f"tasks/{task.id}/").json()
    assert answer == {
        "id": str(task.id),
        "kind": "no_longer_fits",
        "status": "open",
        "clinic": str(cast.north.id),
        "patient": str(cast.ada.id),
        "series": str(series.id),
        "session": str(session.id),
        "detail": "Look.",
        "deadline": "2026-04-09T10:00:00-04:00",
        "proposal": {
            "moves": [
                {"number": 2, "from": "2026-04-09T10:00:00-04:00", "to": "2026-04-10T10:00:00-04:00"},
                {"number": 7, "from": None, "to": "2026-11-01T01:30:00-05:00"},
            ]
        },
        "created_at": "2026-04-01T08:00:00-04:00",
        "updated_at": "2026-04-01T08:00:00-04:00",
        "resolved_at": None,
        "resolved_by": None,
        "resolution": "",
    }


def test_open_ones_newest_first_unless_asked_otherwise(prescriber, cast, series):
    put(series, "soft_gap")
    put(series, "hard_gap", resolved_at=NOW)
    put(series, "incomplete")

    assert kinds(prescriber) == ["incomplete", "soft_gap"]
    assert kinds(prescriber, status="resolved") == ["hard_gap"]
    assert kinds(prescriber, status="all") == ["incomplete", "hard_gap", "soft_gap"]
    assert kinds(prescriber, kind="soft_gap") == ["soft_gap"]
    assert kinds(prescriber, clinic="west") == []
    hers = kinds(prescriber, clinic="north", series=str(series.id), patient=str(cast.ada.id))
    assert hers == kinds(prescriber)
    assert kinds(prescriber, patient=str(cast.bea.id)) == []


def test_a_task_is_resolved_once(desk, cast, series):
    task = put(series, "soft_gap")

    first = desk.post(f"tasks/{task.id}/resolve/", {"resolution": "Called."})
    second = desk.post(f"tasks/{task.id}/resolve/", {})

    answer = first.json()
    assert (first.status_code, answer["status"], answer["resolution"]) == (200, "resolved", "Called.")
    assert (answer["resolved_by"], answer["resolved_at"]) == (
        str(cast.desk.id),
        "2026-04-01T08:00:00-04:00",
    )
    assert (second.status_code, second.json()["code"]) == (409, "wrong-state")
    row = JournalEntry.objects.get(verb="task_resolved")
    assert (row.series, row.reason) == (series, "Called.")


def test_the_same_key_resolves_once(desk, series):
    task = put(series, "soft_gap")

    answers = [desk.post(f"tasks/{task.id}/resolve/", {}, Idempotency_Key="k") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]


def test_what_came_of_a_task_may_be_called_the_reason_as_elsewhere(desk, series):
    task = put(series, "soft_gap")

    both = desk.post(f"tasks/{task.id}/resolve/", {"reason": "Called.", "resolution": "Wrote."})
    done = desk.post(f"tasks/{task.id}/resolve/", {"reason": "Called."})

    assert (both.status_code, both.json()["errors"][0]["field"]) == (400, "reason")
    assert (done.status_code, done.json()["resolution"]) == (200, "Called.")


@pytest.mark.parametrize(
    ("query", "field"),
    [({"status": "done"}, "status"), ({"kind": "x"}, "kind"), ({"series": "1"}, "series")],
)
def test_what_makes_no_sense_is_refused(desk, query, field):
    response = desk.get("tasks/", **query)

    assert (response.status_code, response.json()["errors"][0]["field"]) == (400, field)


def test_tasks_are_for_those_who_work_there(anyone, ada, cy, desk, series):
    task = put(series, "soft_gap")

    assert [caller.get("tasks/").status_code for caller in (anyone, ada, cy, desk)] == [401, 403, 200, 200]
    assert kinds(cy) == []
    assert cy.get(f"tasks/{task.id}/").status_code == 404
    assert cy.post(f"tasks/{task.id}/resolve/", {}).status_code == 404
    assert ada.post(f"tasks/{task.id}/resolve/", {}).status_code == 403


def test_a_task_about_a_patient_without_a_series(desk, cy, cast):
    times = {"created_at": NOW, "updated_at": NOW}
    task = Task.objects.create(
        kind="patient_wrote", clinic=cast.north, patient=cast.ada, detail="They wrote.", **times
    )

    [row] = desk.get("tasks/", patient=str(cast.ada.id)).json()["results"]

    assert (row["patient"], row["series"], row["session"]) == (str(cast.ada.id), None, None)
    assert cy.get(f"tasks/{task.id}/").status_code == 404
    assert cy.post(f"tasks/{task.id}/resolve/").status_code == 404
    resolved = desk.post(f"tasks/{task.id}/resolve/", {"resolution": "Rang."})
    assert (resolved.status_code, resolved.json()["status"]) == (200, "resolved")
    last = JournalEntry.objects.first()
    assert (last.verb, last.patient_id, last.clinic_id) == ("task_resolved", cast.ada.id, cast.north.id)


def test_a_list_of_three_takes_as_many_statements_as_one_of_one(desk, series):
    put(series, "soft_gap")
    one = statements(lambda: desk.get("tasks/"))
    put(series, "incomplete")
    put(series, "clearance_needed")

    assert statements(lambda: desk.get("tasks/")) == one
