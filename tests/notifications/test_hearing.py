"""A patient's text: what it changes, what it is answered, and what a person gets to see of it."""

from datetime import timedelta

import pytest

from bookings.actors import patient_actor
from bookings.commands.cancel import cancel_session
from bookings.commands.consents import give_consent
from bookings.commands.move import move_session
from bookings.models import Consent, Series, SessionStatus, Task
from notifications.kinds import Kind, Meaning, Status
from notifications.models import InboundText, Message, OptOut
from tests.cast import NOW, new_york
from tests.notifications.telling_scenes import session
from tests.notifications.text_scenes import ADA, heard, says, sent_text

pytestmark = pytest.mark.django_db(transaction=True)
BEA = "+12025550102"


def statuses(series: Series) -> list[str]:
    return list(series.sessions.order_by("number").values_list("status", flat=True))


def tasks() -> list[tuple[str, int | None, str]]:
    rows = Task.objects.filter(resolved_at=None).order_by("created_at", "id")
    return list(rows.values_list("kind", "session__number", "detail"))


def agree(patient) -> None:
    give_consent(
        patient,
        purpose="texts",
        wording="Text me about my visits.",
        language="en",
        source="page",
        actor=patient_actor(patient),
        now=NOW,
    )


def agreed() -> list[tuple[str, str, str]]:
    rows = Consent.objects.filter(withdrawn_at=None).order_by("patient__phone")
    return list(rows.values_list("patient__phone", "wording", "source"))


# --- a yes ----------------------------------------------------------------------------------------


def test_a_yes_confirms_the_visit_of_the_reminder_and_the_answer_says_which(series, cast):
    sent_text(cast.ada, session(series, 2))

    assert says("Y") == ("confirmed", session(series, 2))
    assert statuses(series) == ["booked", "confirmed", *["booked"] * 4]
    assert (heard().meaning, heard().patient, heard().session) == (
        Meaning.CONFIRM,
        cast.ada,
        session(series, 2),
    )


def test_of_two_visits_in_one_text_the_nearest_is_meant(series, cast):
    sent_text(cast.ada, session(series, 3), session(series, 2))

    assert says("Y") == ("confirmed", session(series, 2))


def test_what_was_carried_in_the_same_text_counts(series, cast):
    text = sent_text(cast.ada, session(series, 2))
    sent_text(cast.ada, session(series, 1), carried_by=text)

    assert says("Y") == ("confirmed", session(series, 1))


def test_the_newest_text_counts(series, cast):
    sent_text(cast.ada, session(series, 1), at=NOW - timedelta(hours=1))
    sent_text(cast.ada, session(series, 3))

    assert says("Y") == ("confirmed", session(series, 3))


@pytest.mark.parametrize(("days", "number"), [(6, 3), (7, 1)])
def test_a_text_of_a_week_ago_is_not_what_is_answered(series, cast, days, number):
    sent_text(cast.ada, session(series, 3), at=NOW - timedelta(days=days))

    assert says("Y") == ("confirmed", session(series, number))


def test_without_a_text_the_nearest_visit_ahead_is_meant(series):
    assert says("Y") == ("confirmed", session(series, 1))
    later = session(series, 1).start + timedelta(minutes=1)
    assert says("Y", now=later) == ("confirmed", session(series, 2))


def test_a_second_yes_changes_nothing_and_is_answered_alike(series):
    says("Y")
    before = session(series, 1).version

    assert says("Yes!") == ("confirmed", session(series, 1))
    assert session(series, 1).version == before


def test_delivered_twice_it_counts_once(series):
    assert says("Y", sid="SM1") == ("confirmed", session(series, 1))
    assert says("Y", sid="SM1") is None
    assert InboundText.objects.count() == Message.objects.filter(kind=Kind.REPLY).count() == 1


def test_a_yes_to_a_visit_that_was_cancelled_since_touches_no_other(series, cast):
    sent_text(cast.ada, session(series, 1))
    cancel_session(session(series, 1), actor=cast.as_desk, now=NOW)

    assert says("C", sid="SM1") == ("cancelled", session(series, 1))
    assert says("C", sid="SM1") is None
    assert statuses(series) == ["cancelled", *["booked"] * 5]


def test_a_yes_to_a_time_that_is_no_longer_so_asks_again_and_then_counts(series, cast):
    sent_text(cast.ada, session(series, 1))
    move_session(session(series, 1), start=new_york("2026-04-06 11:00"), actor=cast.as_desk, now=NOW)

    assert says("Y") == ("moved", session(series, 1))
    assert statuses(series) == ["booked"] * 6
    Message.objects.filter(kind=Kind.REPLY).update(status=Status.SENT, sent_at=NOW)
    assert says("Y") == ("confirmed", session(series, 1))


def test_a_yes_to_what_still_waits_for_the_clinic_says_so(series):
    series.sessions.update(status=SessionStatus.REQUESTED)

    assert says("Y") == ("waiting", session(series, 1))
    assert statuses(series) == ["requested"] * 6


def test_a_yes_with_no_visit_ahead(series):
    assert says("Y", now=session(series, 6).start) == ("nothing", None)


def test_somebody_who_is_here_is_not_answered(series, cast):
    sent_text(cast.ada, session(series, 1))
    series.sessions.filter(number=1).update(status=SessionStatus.ARRIVED)

    assert says("Y") is None


# --- asking to change -----------------------------------------------------------------------------


def test_r_is_answered_with_the_way_to_change_and_changes_nothing(series, cast):
    sent_text(cast.ada, session(series, 2))

    assert says("R") == ("change", session(series, 2))
    assert statuses(series) == ["booked"] * 6


def test_r_for_a_cancelled_visit_says_that_it_is_cancelled(series, cast):
    sent_text(cast.ada, session(series, 1))
    cancel_session(session(series, 1), actor=cast.as_desk, now=NOW)

    assert says("R") == ("cancelled", session(series, 1))


# --- stop and start -------------------------------------------------------------------------------


def test_stop_ends_texts_to_the_number_and_the_consent_and_the_carrier_answers(series, cast):
    agree(cast.ada)

    assert says("STOP") is None
    assert list(OptOut.objects.values_list("channel", "address", "why", "lifted_at")) == [
        ("text", ADA, "stop", None)
    ]
    assert agreed() == []
    assert tasks() == []
    assert says("stop") is None
    assert OptOut.objects.count() == 1


@pytest.mark.parametrize("word", ["START", "unstop", "YES"])
def test_start_takes_it_back_with_the_words_agreed_to_before(series, cast, word):
    agree(cast.ada)
    says("STOP")

    assert says(word) is None
    assert OptOut.objects.filter(lifted_at=None).count() == 0
    assert agreed() == [(ADA, "Text me about my visits.", "text")]
    assert statuses(series) == ["booked"] * 6  # that yes was no answer to a reminder


def test_who_never_agreed_agrees_by_their_own_words(series):
    says("Start")

    assert agreed() == [(ADA, "Start", "text")]


def test_a_family_with_one_number_stops_together(series, cast):
    type(cast.bea).objects.filter(id=cast.bea.id).update(phone=ADA)
    agree(cast.ada)
    agree(cast.bea)

    says("STOP")
    assert agreed() == []


def test_cancel_is_an_opt_out_and_asks_whether_the_visit_was_meant(series, cast):
    agree(cast.ada)
    sent_text(cast.ada, session(series, 1), body="Appointment Mon Apr 6. https://x.example/v/secret123")

    assert says("CANCEL") is None
    assert statuses(series) == ["booked"] * 6
    assert agreed() == []
    [(kind, number, detail)] = tasks()
    assert (kind, number) == ("maybe_cancel", 1)
    assert detail.splitlines()[1:] == ["Patient: CANCEL", "We: Appointment Mon Apr 6. (link)"]


def test_a_sentence_about_cancelling_is_no_opt_out_and_asks_the_same(series):
    assert says("I must cancel, sorry") == ("noted", session(series, 1))
    assert OptOut.objects.count() == 0
    assert [(kind, number) for kind, number, _ in tasks()] == [("maybe_cancel", 1)]


def test_who_stopped_gets_no_reply_that_the_carrier_would_refuse(series):
    says("STOP")

    assert says("Y") is None
    assert statuses(series)[0] == "confirmed"


# --- help and everything else ---------------------------------------------------------------------


def test_help_is_answered(series):
    assert says("help") == ("help", session(series, 1))


def test_what_only_a_person_can_answer_becomes_one_task_with_the_thread(series, cast):
    sent_text(cast.ada, session(series, 1), body="Appointment Mon Apr 6.", at=NOW - timedelta(minutes=1))

    assert says("Is there parking?") == ("noted", session(series, 1))
    assert says("And a lift?", now=NOW + timedelta(minutes=1)) is None  # told once that it will be read
    [(kind, number, detail)] = tasks()
    assert (kind, number) == ("patient_wrote", 1)
    thread = ["Patient: And a lift?", "Patient: Is there parking?", "We: Appointment Mon Apr 6."]
    assert detail.splitlines()[1:] == thread


@pytest.mark.parametrize(("hours", "told"), [(12, True), (11, False)])
def test_later_somebody_who_writes_again_is_told_again(series, hours, told):
    says("Is there parking?")

    assert (says("And a lift?", now=NOW + timedelta(hours=hours)) is not None) is told


def test_after_the_last_visit_a_text_goes_to_the_latest_series(series):
    says("Thank you all", now=session(series, 6).start + timedelta(days=2))

    assert [(kind, number) for kind, number, _ in tasks()] == [("patient_wrote", None)]


@pytest.mark.parametrize(("before", "answered"), [(19, True), (20, False)])
def test_two_machines_that_answer_one_another_stop(series, before, answered):
    for _ in range(before):
        says("Y")

    assert (says("Y") is not None) is answered


# --- strangers ------------------------------------------------------------------------------------


@pytest.mark.parametrize("body", ["Y", "R", "HELP", "START", "Who is this?", "CANCEL"])
@pytest.mark.parametrize("sender", ["+12025550199", "72975", "whatsapp:+12025550199", "   "])
def test_an_unknown_number_is_told_nothing_and_changes_nothing(series, body, sender):
    assert says(body, sender=sender) is None
    assert statuses(series) == ["booked"] * 6
    assert tasks() == []
    assert (heard().patient, heard().session) == (None, None)


def test_an_unknown_number_is_left_alone_when_it_asks_for_that(series):
    says("STOP", sender="+12025550199")

    assert list(OptOut.objects.values_list("address", flat=True)) == ["+12025550199"]


def test_nobody_confirms_for_another(series):
    assert says("Y", sender=BEA) == ("nothing", None)
    assert statuses(series) == ["booked"] * 6


def test_a_text_longer_than_any_is_kept_as_far_as_there_is_room(series):
    says("\0" + "a" * 2000)

    assert heard().body == "a" * 1600
