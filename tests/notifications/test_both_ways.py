"""Which rows a booking brings over both channels, and what consent, choices and policies make of them."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bookings import journal
from bookings.actors import SYSTEM
from bookings.commands.attend import check_in_session, complete_session, recover_session, start_session
from bookings.commands.cancel import cancel_session
from bookings.commands.move import move_session
from bookings.commands.patients import change_patient
from bookings.models import ProtocolVersion
from notifications.commands.react import react
from notifications.kinds import Basis, Channel, Kind, Status
from notifications.models import Choices, ClinicVoice, Message, OptOut, Policy
from notifications.ways import NO_PHONE, NOT_AGREED, NOT_CHOSEN, NOT_IN_POLICY, STOPPED
from tests.cast import NOW, new_york
from tests.notifications.both_ways import agree_to_texts, take_back_texts, texts_of
from tests.notifications.telling_scenes import LATER, book_six, count, session

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("texts_set_up")]
TEXT, EMAIL = Channel.TEXT, Channel.EMAIL


def reminders_by_text(**which) -> int:
    return count(kind=Kind.REMINDER, channel=TEXT, **which)


def test_somebody_who_agreed_is_reminded_by_text_on_the_day_before_alone(cast, series):
    agree_to_texts(cast.ada)

    react(now=NOW)

    assert texts_of(cast.ada) == [(Kind.REMINDER, Status.PLANNED)] * 6
    assert count(kind=Kind.REMINDER, channel=EMAIL) == 12
    first = Message.objects.filter(session=session(series, 1), channel=TEXT).get()
    assert (first.days_before, first.recipient, first.due_at) == (
        1,
        "+12025550101",
        new_york("2026-04-05 10:00"),
    )


def test_who_never_agreed_has_a_row_for_each_text_that_says_so(cast, series):
    react(now=NOW)

    assert texts_of(cast.ada) == [(Kind.REMINDER, Status.SUPPRESSED)] * 6
    assert reminders_by_text(reason=NOT_AGREED) == 6


def test_an_installation_without_texts_has_no_rows_for_them(cast, series, settings):
    settings.TWILIO_ACCOUNT_SID = ""
    react(now=NOW)

    assert texts_of(cast.ada) == []
    assert count(channel=EMAIL) == 13


def test_a_policy_without_texts_brings_no_rows_for_them(cast, series):
    Policy.objects.create(clinic=cast.north, rules=ONLY_TWO_DAYS, changed_at=NOW)
    react(now=NOW)

    assert texts_of(cast.ada) == []


def test_a_change_of_which_a_text_would_have_told_says_why_it_did_not(cast, series):
    react(now=NOW)
    now = new_york("2026-04-20 10:00")

    cancel_session(session(series, 6), actor=cast.as_desk, now=now)
    react(now=now)

    row = Message.objects.get(kind=Kind.CANCELLATION, channel=TEXT)
    assert (row.status, row.reason) == (Status.SUPPRESSED, NOT_AGREED)


def test_a_visit_that_is_off_withdraws_what_was_not_to_be_sent_either(cast, series):
    react(now=NOW)

    cancel_session(session(series, 6), actor=cast.as_desk, now=LATER)
    react(now=LATER)

    assert reminders_by_text(status=Status.WITHDRAWN, session=session(series, 6)) == 1
    assert reminders_by_text(status=Status.SUPPRESSED) == 5


def test_consent_that_comes_later_brings_the_texts_that_are_still_ahead(cast, series):
    react(now=NOW)
    agree_to_texts(cast.ada, now=new_york("2026-04-06 09:00"))  # an hour before the first visit

    react(now=new_york("2026-04-06 09:00"))

    assert texts_of(cast.ada) == [(Kind.REMINDER, Status.LAPSED)] + [(Kind.REMINDER, Status.PLANNED)] * 5


def test_consent_that_is_taken_back_ends_them_and_given_again_revives_them(cast, series):
    agree_to_texts(cast.ada)
    react(now=NOW)

    take_back_texts(cast.ada, now=LATER)
    react(now=LATER)
    assert reminders_by_text(status=Status.SUPPRESSED, reason=NOT_AGREED) == 6

    agree_to_texts(cast.ada, now=LATER + timedelta(minutes=1))
    react(now=LATER + timedelta(minutes=1))
    assert reminders_by_text(status=Status.PLANNED) == 6
    assert reminders_by_text() == 6


def test_a_number_that_is_gone_and_an_opt_out_say_why(cast, series):
    agree_to_texts(cast.ada)
    OptOut.objects.create(channel=TEXT, address=cast.ada.phone, why="stop", at=NOW)
    react(now=NOW)
    assert reminders_by_text(status=Status.SUPPRESSED, reason=STOPPED[TEXT]) == 6

    change_patient(cast.ada, changes={"phone": ""}, actor=cast.as_desk, now=LATER)
    react(now=LATER)
    assert reminders_by_text(status=Status.SUPPRESSED, reason=NO_PHONE) == 6


def test_without_an_email_address_everything_comes_by_text(cast, series):
    cast.ada.email = ""
    cast.ada.save()
    agree_to_texts(cast.ada)

    react(now=NOW)

    assert count(channel=TEXT, status=Status.PLANNED) == 13
    assert count(channel=EMAIL, status=Status.SUPPRESSED) == 13


def test_a_clinic_on_the_exemption_texts_without_consent(cast, series):
    ClinicVoice.objects.create(clinic=cast.north, basis=Basis.EXEMPTION)

    react(now=NOW)

    assert texts_of(cast.ada) == [(Kind.REMINDER, Status.PLANNED)] * 6


def test_a_patients_choice_replaces_the_policys_channels(cast, series):
    agree_to_texts(cast.ada)
    Choices.objects.create(patient=cast.ada, channels={"reminder": ["text"], "confirmation": []})

    react(now=NOW)

    assert reminders_by_text(status=Status.PLANNED) == 12
    assert count(kind=Kind.REMINDER, channel=EMAIL, status=Status.SUPPRESSED, reason=NOT_CHOSEN[EMAIL]) == 12
    assert count(kind=Kind.CONFIRMATION, status=Status.SUPPRESSED, reason=NOT_CHOSEN[EMAIL]) == 1


ONLY_TWO_DAYS = [{"kind": "reminder", "channels": ["email"], "days_before": 2, "at": "18:00"}]


@pytest.mark.parametrize(
    ("slots", "reminders"),
    [
        ([("", "")], 6),
        ([("ket6", "")], 6),
        ([("ket6", "induction")], 6),
        ([("booster", "")], 18),
        ([("ket6", "maintenance")], 18),
    ],
)
def test_a_policy_counts_where_it_is_for_this_treatment_and_phase(cast, series, slots, reminders):
    for slug, phase in slots:
        protocol = {"ket6": cast.ket6, "booster": cast.booster, "": None}[slug]
        Policy.objects.create(
            clinic=cast.north, protocol=protocol, phase=phase, rules=ONLY_TWO_DAYS, changed_at=NOW
        )

    react(now=NOW)

    assert count(kind=Kind.REMINDER) == reminders
    assert count(kind=Kind.CONFIRMATION) == (0 if reminders == 6 else 1)


def test_of_two_policies_the_more_particular_one_counts(cast, series):
    for phase, rules in (("induction", ONLY_TWO_DAYS), ("", [])):
        Policy.objects.create(clinic=cast.north, protocol=cast.ket6, phase=phase, rules=rules, changed_at=NOW)

    react(now=NOW)

    dues = Message.objects.filter(kind=Kind.REMINDER).order_by("due_at").values_list("due_at", flat=True)
    assert dues[0] == new_york("2026-04-04 18:00")
    assert len(dues) == 6


def test_another_policy_changes_what_is_booked_already(cast, series):
    react(now=NOW)
    Policy.objects.create(clinic=cast.north, rules=ONLY_TWO_DAYS, changed_at=LATER)
    journal.record("policy_changed", actor=SYSTEM, now=LATER, clinic=cast.north)

    react(now=LATER)

    assert count(kind=Kind.REMINDER, status=Status.SUPPRESSED, reason=NOT_IN_POLICY) == 18
    assert count(kind=Kind.REMINDER, status=Status.PLANNED, days_before=2) == 6


@pytest.mark.parametrize(("hour", "texts"), [("10:00", 1), ("09:59", 0)])
def test_the_clinic_tells_of_a_change_by_text_within_three_days(cast, series, hour, texts):
    """The sixth visit, on 23 April at 10:00, is called off."""
    agree_to_texts(cast.ada)
    react(now=NOW)
    now = new_york(f"2026-04-20 {hour}")

    cancel_session(session(series, 6), actor=cast.as_desk, now=now)
    react(now=now)

    assert count(kind=Kind.CANCELLATION, channel=EMAIL) == 1
    assert count(kind=Kind.CANCELLATION, channel=TEXT) == texts


def test_a_patient_who_moves_a_visit_gets_no_text_about_it(cast, series):
    agree_to_texts(cast.ada)
    react(now=NOW)

    move_session(session(series, 2), start=new_york("2026-04-10 09:00"), actor=cast.as_ada, now=LATER)
    react(now=LATER)

    assert list(Message.objects.filter(kind=Kind.CHANGE).values_list("channel", flat=True)) == [EMAIL]


def test_a_move_withdraws_the_texts_of_the_old_time(cast, series):
    agree_to_texts(cast.ada)
    react(now=NOW)
    moved = move_session(
        session(series, 2), start=new_york("2026-04-10 09:00"), actor=cast.as_desk, now=LATER
    )

    react(now=LATER)

    rows = Message.objects.filter(session=moved, kind=Kind.REMINDER, channel=TEXT).order_by("id")
    assert list(rows.values_list("status", "due_at")) == [
        (Status.WITHDRAWN, new_york("2026-04-08 10:00")),
        (Status.PLANNED, new_york("2026-04-09 09:00")),
    ]


def prepare(cast) -> None:
    """Have the treatment say how to prepare."""
    version = cast.ket6.versions.get()
    rules = {**version.rules, "preparation": {"solids_hours": 6, "clear_fluids_hours": 2}}
    ProtocolVersion.objects.filter(id=version.id).update(rules=rules)


def test_where_the_treatment_asks_for_it_each_visit_is_prepared_for(cast, series):
    prepare(cast)

    react(now=NOW)

    rows = Message.objects.filter(kind=Kind.PREPARATION).order_by("due_at")
    assert [(row.channel, row.status, row.days_before) for row in rows] == [(EMAIL, Status.PLANNED, 1)] * 6
    assert rows[0].due_at == new_york("2026-04-05 09:00")


def carry_out(cast, visit, *, now):
    check_in_session(visit, actor=cast.as_nurse, now=now)
    start_session(visit, actor=cast.as_nurse, now=now)
    recover_session(visit, actor=cast.as_nurse, now=now)
    return complete_session(visit, escort=True, actor=cast.as_nurse, now=now)


def test_a_visit_that_is_over_is_followed_up_the_next_morning(cast, series):
    react(now=NOW)
    done = new_york("2026-04-06 12:10")
    carry_out(cast, session(series, 1), now=done)

    react(now=done)

    (row,) = Message.objects.filter(kind=Kind.FOLLOW_UP)
    assert (row.channel, row.status, row.due_at) == (EMAIL, Status.PLANNED, new_york("2026-04-07 10:00"))


def test_the_last_visit_ends_the_series_with_a_message(cast, series):
    for number in range(1, 7):
        visit = session(series, number)
        carry_out(cast, visit, now=visit.end)
    react(now=visit.end)

    assert count(kind=Kind.FINISHED, channel=EMAIL, status=Status.PLANNED) == 1
    assert count(kind=Kind.FOLLOW_UP) == 1  # of the others, which were told of too late, none


@pytest.mark.parametrize("patients", [1, 3])
def test_planning_both_ways_costs_the_same_queries_for_one_patient_and_for_three(
    cast, transactional_db, patients
):
    for number, patient in enumerate((cast.ada, cast.bea, cast.carl)[:patients]):
        agree_to_texts(patient)
        book_six(cast, patient, hours_later=number)
    with CaptureQueriesContext(connection) as queries:
        react(now=NOW)

    assert count() == 19 * patients
    asked = [query["sql"] for query in queries if not query["sql"].startswith(("BEGIN", "COMMIT"))]
    assert len(asked) == 11  # two of them for the very first reaction
