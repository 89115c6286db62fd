"""Staff ask what was told, and have it said again."""

from datetime import timedelta

import pytest

from bookings.commands.attend import confirm_session
from bookings.commands.book import book_series
from bookings.commands.move import move_session
from notifications.channels import NotSent
from notifications.commands import say, send
from notifications.commands.react import react
from notifications.kinds import Kind, Status
from notifications.models import Attempt, Message
from tests.api.counting import statements
from tests.cast import MONDAYS_AND_THURSDAYS, NOW, new_york

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def booked(transactional_db, cast):
    """Ada's six sessions, of which no worker has heard yet."""
    return book_series(
        cast.ada,
        clinic=cast.north,
        protocol=cast.ket6,
        starts=MONDAYS_AND_THURSDAYS,
        actor=cast.as_desk,
        now=NOW,
    )


@pytest.fixture
def told(booked):
    """The same; the workers have reacted to the booking."""
    react(now=NOW)
    return booked


def test_messages_of_a_series_newest_first_with_times_on_the_clinics_wall(told, desk):
    page = desk.get("messages/", series=told.id, limit=2).json()

    assert page["previous"] is None
    assert page["next"] is not None
    first, _ = page["results"]
    assert first == {
        "id": first["id"],
        "kind": "reminder",
        "channel": "email",
        "recipient": "ada@mail.example",
        "patient": str(told.patient_id),
        "series": str(told.id),
        "session": str(told.sessions.get(number=6).id),
        "days_before": 1,
        "due_at": "2026-04-22T10:00:00-04:00",
        "status": "planned",
        "reason": "",
        "subject": "",
        "body": "",
        "attempts": 0,
        "sent_at": None,
    }


def test_they_are_in_the_order_of_the_visits_however_the_database_has_laid_them(booked, desk):
    booked.sessions.filter(number=1).update(number=1)  # PostgreSQL writes the row anew, behind the others
    react(now=NOW)

    page = desk.get("messages/", series=booked.id, limit=100).json()
    numbers = {str(session.id): session.number for session in booked.sessions.all()}
    reminders = [numbers[one["session"]] for one in page["results"] if one["kind"] == "reminder"]
    assert reminders == [6, 6, 5, 5, 4, 4, 3, 3, 2, 2, 1, 1]


def test_pages_go_through_all_thirteen(told, desk):
    seen, path = [], f"messages/?series={told.id}&limit=5"
    while path:
        page = desk.get(path.partition("/api/v1/")[2] or path).json()
        seen += [message["id"] for message in page["results"]]
        path = page["next"]

    assert len(seen) == len(set(seen)) == 13


def test_messages_of_a_session_include_what_was_said_of_its_series(cast, told, desk):
    second = told.sessions.get(number=2)
    move_session(second, start=new_york("2026-04-10 09:00"), actor=cast.as_desk, now=NOW + timedelta(hours=1))
    react(now=NOW + timedelta(hours=1))

    rows = desk.get("messages/", session=second.id).json()["results"]

    assert sorted((row["kind"], row["status"]) for row in rows) == [
        ("change", "planned"),
        ("confirmation", "planned"),
        ("reminder", "planned"),
        ("reminder", "planned"),
        ("reminder", "withdrawn"),
        ("reminder", "withdrawn"),
    ]


def test_messages_of_a_patient_by_status(told, desk):
    rows = desk.get("messages/", patient=told.patient_id, status="sent").json()["results"]
    assert rows == []

    rows = desk.get("messages/", patient=told.patient_id, status="planned").json()["results"]
    assert len(rows) == 13


def test_staff_of_another_clinic_see_nothing(told, cy):
    assert cy.get("messages/", series=told.id).json()["results"] == []
    message = Message.objects.first()
    assert cy.get(f"messages/{message.id}/").status_code == 404
    assert cy.post(f"messages/{message.id}/resend/").status_code == 404


def test_a_code_to_sign_in_is_shown_to_nobody(told, desk):
    code = say.announce_code("ada@mail.example", code="314159", language="en", now=NOW)

    assert desk.get("messages/", status="planned", limit=200).json()["results"] != []
    ids = [row["id"] for row in desk.get("messages/", limit=200).json()["results"]]
    assert str(code.id) not in ids
    assert desk.get(f"messages/{code.id}/").status_code == 404
    assert desk.post(f"messages/{code.id}/resend/").status_code == 404


def test_patients_do_not_see_the_list(told, ada):
    assert ada.get("messages/").status_code == 403
    assert ada.get(f"messages/{Message.objects.first().id}/").status_code == 403


def test_a_filter_that_makes_no_sense_is_refused(told, desk):
    answer = desk.get("messages/", status="lost", session="x")

    assert answer.status_code == 400
    assert sorted(error["field"] for error in answer.json()["errors"]) == ["session", "status"]


def test_a_message_that_failed_is_sent_again(told, desk, clock):
    confirmation = Message.objects.get(kind=Kind.CONFIRMATION)
    taken = send.take(confirmation.id, now=NOW)
    send.settle(taken, NotSent("no such user", for_ever=True), now=NOW)

    answer = desk.post(f"messages/{confirmation.id}/resend/")

    assert answer.status_code == 201
    again = answer.json()
    assert (again["kind"], again["status"], again["due_at"]) == (
        "confirmation",
        "planned",
        "2026-04-01T08:00:00-04:00",
    )
    assert desk.post(f"messages/{confirmation.id}/resend/").json()["id"] == again["id"]


def test_one_message_has_each_try_with_what_the_other_side_said(told, desk):
    confirmation = Message.objects.get(kind=Kind.CONFIRMATION)
    send.settle(send.take(confirmation.id, now=NOW), NotSent("450 try later", for_ever=False), now=NOW)
    later = NOW + timedelta(minutes=1)
    send.settle(send.take(confirmation.id, now=later), "mail-1", now=later)

    shown = desk.get(f"messages/{confirmation.id}/").json()

    assert shown["tries"] == [
        {
            "number": 1,
            "began_at": "2026-04-01T08:00:00-04:00",
            "ended_at": "2026-04-01T08:00:00-04:00",
            "outcome": "later",
            "detail": "450 try later",
        },
        {
            "number": 2,
            "began_at": "2026-04-01T08:01:00-04:00",
            "ended_at": "2026-04-01T08:01:00-04:00",
            "outcome": "sent",
            "detail": "",
        },
    ]
    assert (shown["status"], shown["attempts"], shown["sent_at"]) == ("sent", 2, "2026-04-01T08:01:00-04:00")
    assert (shown["created_at"], shown["expires_at"]) == (
        "2026-04-01T08:00:00-04:00",
        "2026-04-03T08:00:00-04:00",
    )
    fate = [shown[name] for name in ("delivered_at", "carried_by", "carries", "instead_of", "replaced_by")]
    assert fate == [None, None, [], None, []]


def test_one_message_says_what_carried_it_and_what_stood_in_for_it(told, desk):
    first, second, third = Message.objects.filter(kind=Kind.REMINDER).order_by("id")[:3]
    Message.objects.filter(id=second.id).update(carried_by=first)
    Message.objects.filter(id=third.id).update(instead_of=first)

    def shown(message: Message, name: str):
        return desk.get(f"messages/{message.id}/").json()[name]

    assert (shown(first, "carries"), shown(first, "replaced_by")) == ([str(second.id)], [str(third.id)])
    assert (shown(second, "carried_by"), shown(third, "instead_of")) == (str(first.id), str(first.id))


@pytest.mark.parametrize("tries", [1, 3])
def test_one_message_costs_the_same_queries_however_often_it_was_tried(told, desk, tries):
    confirmation = Message.objects.get(kind=Kind.CONFIRMATION)
    for number in range(1, tries + 1):
        Attempt.objects.create(message=confirmation, number=number, began_at=NOW, outcome="lost")

    assert statements(lambda: desk.get(f"messages/{confirmation.id}/")) == 6


def test_a_message_that_is_on_its_way_is_not_sent_again(told, desk):
    answer = desk.post(f"messages/{Message.objects.get(kind=Kind.CONFIRMATION).id}/resend/")

    assert (answer.status_code, answer.json()["code"], answer.json()["status"]) == (409, "wrong-state", 409)


def test_a_message_that_is_no_longer_true_is_not_sent_again(cast, told, desk):
    second = told.sessions.get(number=2)
    move_session(second, start=new_york("2026-04-10 09:00"), actor=cast.as_desk, now=NOW)
    react(now=NOW)
    stale = Message.objects.filter(session=second, status=Status.WITHDRAWN).first()

    assert desk.post(f"messages/{stale.id}/resend/").json()["code"] == "wrong-state"


def test_a_body_with_unknown_fields_is_refused(told, desk):
    message = Message.objects.first()

    assert desk.post(f"messages/{message.id}/resend/", {"to": "eve@mail.example"}).status_code == 400


def test_a_confirmation_by_the_patient_changes_no_message(cast, told):
    before = list(Message.objects.order_by("id").values())
    confirm_session(told.sessions.get(number=2), actor=cast.as_desk, now=NOW)

    react(now=NOW)

    assert list(Message.objects.order_by("id").values()) == before
