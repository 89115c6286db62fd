"""Choices, voices, policies, previews, explanations and threads, at the door."""

from datetime import timedelta

import pytest

from bookings.commands.book import book_series
from bookings.models import JournalEntry, Series
from notifications.commands import send
from notifications.commands.react import react
from notifications.defaults import DEFAULT_RULES
from notifications.kinds import Kind
from notifications.models import InboundText, Message
from notifications.rules import SETTABLE
from tests.cast import MONDAYS_AND_THURSDAYS, NOW, new_york

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def told(transactional_db, cast) -> Series:
    """Ada's six sessions; the workers have reacted to the booking."""
    series = book_series(
        cast.ada,
        clinic=cast.north,
        protocol=cast.ket6,
        starts=MONDAYS_AND_THURSDAYS,
        actor=cast.as_desk,
        now=NOW,
    )
    react(now=NOW)
    return series


def test_a_patient_chooses_for_themselves_and_the_desk_sees_it(cast, ada, desk):
    wanted = {"channels": {"reminder": ["text"], "follow_up": []}, "quiet_begins": "19:00"}

    answer = ada.put("me/message-choices/", wanted)

    shown = {**wanted, "patient": str(cast.ada.id), "quiet_ends": None}
    assert (answer.status_code, answer.json()) == (200, shown)
    assert desk.get(f"patients/{cast.ada.id}/message-choices/").json() == shown
    assert ada.get("me/message-choices/").json() == shown


def test_a_patient_without_choices_follows_the_policy(cast, ada):
    assert ada.get("me/message-choices/").json() == {
        "patient": str(cast.ada.id),
        "channels": {},
        "quiet_begins": None,
        "quiet_ends": None,
    }


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"channels": {"login_code": []}}, "channels"),
        ({"channels": {"reminder": ["pigeon"]}}, "channels.reminder.0"),
        ({"quiet_begins": "23:00"}, "quiet_begins"),
        ({"colour": "blue"}, "colour"),
    ],
)
def test_a_choice_that_makes_no_sense_is_refused(ada, body, field):
    answer = ada.put("me/message-choices/", body)

    assert (answer.status_code, [error["field"] for error in answer.json()["errors"]]) == (400, [field])


def test_choices_of_which_one_has_not_seen_the_last_are_refused(ada):
    tag = ada.get("me/message-choices/")["ETag"]
    assert ada.put("me/message-choices/", {"channels": {"offer": []}}, If_Match=tag).status_code == 200

    assert ada.put("me/message-choices/", {}, If_Match=tag).status_code == 412


def test_a_clinic_speaks_under_another_name(manager, desk):
    assert desk.get("clinics/north/voice/").json() == {
        "sender_name": "",
        "basis": "consent",
        "quiet_begins": "21:00",
        "quiet_ends": "08:00",
    }

    answer = manager.patch("clinics/north/voice/", {"sender_name": "Harbor", "quiet_begins": "20:00"})

    assert answer.json() == {
        "sender_name": "Harbor",
        "basis": "consent",
        "quiet_begins": "20:00",
        "quiet_ends": "08:00",
    }
    assert manager.patch("clinics/north/voice/", {"quiet_ends": "07:30"}).status_code == 400


def test_what_ships_is_shown_until_a_manager_sets_something(cast, manager, desk):
    assert desk.get("clinics/north/message-policies/").json() == {
        "results": [{"protocol": None, "phase": "", "rules": list(DEFAULT_RULES), "version": 0}]
    }
    rules = [{"kind": "reminder", "channels": ["email", "text"], "days_before": 2, "at": "17:00"}]

    answer = manager.put(
        "clinics/north/message-policies/", {"protocol": "ket6", "phase": "induction", "rules": rules}
    )

    own = {"protocol": str(cast.ket6.id), "phase": "induction", "rules": rules, "version": 1}
    assert (answer.status_code, answer.json()) == (200, own)
    assert desk.get("clinics/north/message-policies/").json()["results"][1] == own
    assert manager.delete("clinics/north/message-policies/?protocol=ket6&phase=induction").status_code == 204
    assert [one["version"] for one in desk.get("clinics/north/message-policies/").json()["results"]] == [0]
    changed = JournalEntry.objects.filter(verb="policy_changed")
    assert [(entry.actor_id, entry.clinic_id) for entry in changed] == [(cast.manager.id, cast.north.id)] * 2


@pytest.mark.parametrize(
    ("rule", "field"),
    [
        ({"kind": "reminder", "channels": ["email"]}, "rules.0.days_before"),
        ({"kind": "reply", "channels": ["text"]}, "rules.0.kind"),
        ({"kind": "change", "channels": ["email"], "at": "10:00"}, "rules.0.at"),
        ({"kind": "reminder", "channels": ["email"], "days_before": 31}, "rules.0.days_before"),
    ],
)
def test_rules_that_make_no_sense_are_refused(manager, rule, field):
    answer = manager.put("clinics/north/message-policies/", {"rules": [rule]})

    assert (answer.status_code, [error["field"] for error in answer.json()["errors"]]) == (400, [field])


def test_staff_of_another_clinic_see_none_of_it(cast, cy, told):
    assert cy.get("clinics/north/message-policies/").status_code == 404
    assert cy.get("clinics/north/voice/").status_code == 404
    session = told.sessions.get(number=1).id
    assert cy.get("messages/explain/", session=session, kind="reminder").status_code == 404
    assert cy.get("messages/preview/", session=session, kind="reminder").status_code == 404
    assert cy.post(f"sessions/{session}/running-late/", {"minutes": 30}).status_code == 404
    assert cy.get(f"patients/{told.patient_id}/thread/").json() == {"next": None, "results": []}


def test_why_a_patient_gets_an_email_and_no_text(told, desk):
    session = told.sessions.get(number=1)

    answer = desk.get("messages/explain/", session=session.id, kind="reminder").json()

    assert (answer["session"], answer["kind"], len(answer["lines"])) == (str(session.id), "reminder", 4)
    row = Message.objects.get(session=session, days_before=3)
    assert answer["lines"][0] == {
        "channel": "email",
        "days_before": 3,
        "status": "planned",
        "reason": "it waits for its hour",
        "due_at": "2026-04-03T10:00:00-04:00",
        "sent_at": None,
        "message": str(row.id),
    }
    assert answer["lines"][3] == {
        "channel": "text",
        "days_before": 1,
        "status": "none",
        "reason": "texts are not set up here",
        "due_at": None,
        "sent_at": None,
        "message": None,
    }


@pytest.mark.parametrize("channel", ["email", "text"])
@pytest.mark.parametrize("kind", SETTABLE)
def test_every_message_can_be_previewed_for_a_real_session_and_nothing_is_written(told, desk, kind, channel):
    before = Message.objects.count()

    answer = desk.get(
        "messages/preview/", session=told.sessions.get(number=1).id, kind=kind, channel=channel, language="es"
    )

    assert answer.status_code == 200
    words = answer.json()
    assert words["text"].strip()
    assert bool(words["html"]) == (channel == "email")
    assert Message.objects.count() == before


def test_a_preview_is_what_will_be_sent(told, desk):
    session = told.sessions.get(number=1)
    reminder = Message.objects.get(session=session, days_before=3)
    shown = desk.get("messages/preview/", session=session.id, kind="reminder").json()

    sent = send.take(reminder.id, now=reminder.due_at).letter

    link = sent.text.split("/v/")[1].split("/")[0]
    assert shown["subject"] == sent.subject
    assert shown["text"] == sent.text.replace(link, "preview")


def test_a_thread_is_what_was_said_on_both_sides_newest_first(cast, told, desk):
    confirmation = Message.objects.get(kind=Kind.CONFIRMATION)
    send.settle(send.take(confirmation.id, now=NOW), "<1@localhost>", now=NOW)
    InboundText.objects.create(
        sid="SM1",
        sender=cast.ada.phone,
        receiver="+14105550100",
        body="May I bring my dog?",
        received_at=NOW + timedelta(hours=1),
        meaning="free",
        patient=cast.ada,
    )

    page = desk.get(f"patients/{cast.ada.id}/thread/", limit=1).json()

    assert [(line["direction"], line["what"], line["text"]) for line in page["results"]] == [
        ("in", "free", "May I bring my dog?")
    ]
    rest = desk.get(f"patients/{cast.ada.id}/thread/", before=page["next"]).json()
    assert [(line["direction"], line["what"], line["status"]) for line in rest["results"]] == [
        ("out", "confirmation", "sent")
    ]
    assert rest["next"] is None


def test_the_desk_says_that_it_is_late(cast, told, desk, clock):
    session = told.sessions.get(number=1)
    clock.set(new_york("2026-04-06 09:30"))

    assert desk.post(f"sessions/{session.id}/running-late/", {"minutes": 30}).status_code == 204
    react(now=clock.now)

    (row,) = Message.objects.filter(kind=Kind.RUNNING_LATE)
    assert (row.channel, row.facts["minutes"], row.expires_at) == (
        "email",
        30,
        session.start + timedelta(minutes=30),
    )


@pytest.mark.parametrize(("minutes", "status"), [(4, 400), (5, 204), (240, 204), (241, 400)])
def test_a_delay_has_its_bounds(told, desk, minutes, status):
    session = told.sessions.get(number=1)

    assert desk.post(f"sessions/{session.id}/running-late/", {"minutes": minutes}).status_code == status


def test_nobody_is_told_of_a_delay_of_a_visit_that_is_off(cast, told, desk):
    session = told.sessions.get(number=1)
    desk.post(f"sessions/{session.id}/cancel/")

    answer = desk.post(f"sessions/{session.id}/running-late/", {"minutes": 30})

    assert (answer.status_code, answer.json()["code"]) == (409, "wrong-state")
