"""Who hears what about which change, and the second look before it is sent."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from notifications.kinds import Channel, Kind, Status
from notifications.policy import About, Change, Notice, notices
from notifications.second_look import Draft, Now, Reader, Verdict, second_look
from notifications.ways import NO_ADDRESS

NEW_YORK = ZoneInfo("America/New_York")
AT = datetime(2026, 4, 1, 12, tzinfo=UTC)
MONDAY = datetime(2026, 4, 6, 14, tzinfo=UTC)
TUESDAY = MONDAY + timedelta(days=1)


def change(verb, *, entry=1, session=None, status=(None, None), start=(None, None), at=AT):
    return Change(entry, verb, at, session, *status, *start)


def moved(session, before, after, *, entry=1):
    return change(
        "session_moved", entry=entry, session=session, status=("booked", "booked"), start=(before, after)
    )


def cancelled(session, start, *, entry=1):
    return change(
        "session_cancelled",
        entry=entry,
        session=session,
        status=("booked", "cancelled"),
        start=(start, start),
    )


@pytest.mark.parametrize(
    ("verb", "status", "kind"),
    [
        ("series_booked", (None, "active"), Kind.CONFIRMATION),
        ("series_requested", (None, "requested"), Kind.RECEIPT),
        ("series_cleared", ("requested", "active"), Kind.CONFIRMATION),
        ("series_cancelled", ("active", "cancelled"), Kind.SERIES_CANCELLATION),
    ],
)
def test_a_change_of_a_series_is_one_notice(verb, status, kind):
    assert notices([change(verb, status=status)]) == (Notice(kind, 1, AT),)


def test_a_series_that_lapsed_and_goes_on_was_confirmed_before():
    assert notices([change("series_cleared", status=("lapsed", "active"))]) == ()


@pytest.mark.parametrize(
    "verb",
    ["series_lapsed", "session_completed", "session_confirmed", "session_no_show", "hold_made", "signed_in"],
)
def test_of_other_changes_a_patient_is_not_told(verb):
    assert notices([change(verb, session="a", start=(MONDAY, MONDAY))]) == ()


def test_a_move_says_from_when_to_when():
    assert notices([moved("a", MONDAY, TUESDAY)]) == (
        Notice(Kind.CHANGE, 1, AT, (About("a", TUESDAY, MONDAY),)),
    )


def test_another_chair_at_the_same_time_is_no_news():
    assert notices([moved("a", MONDAY, MONDAY)]) == ()


def test_sessions_moved_together_are_one_notice():
    rows = [moved("a", MONDAY, TUESDAY, entry=7), moved("b", TUESDAY, TUESDAY + timedelta(days=3), entry=8)]

    assert notices(rows) == (
        Notice(
            Kind.CHANGE,
            7,
            AT,
            (About("a", TUESDAY, MONDAY), About("b", TUESDAY + timedelta(days=3), TUESDAY)),
        ),
    )


def test_a_cancelled_series_is_one_notice_and_not_one_for_each_session():
    rows = [
        cancelled("a", MONDAY, entry=1),
        cancelled("b", TUESDAY, entry=2),
        change("series_cancelled", entry=3),
    ]

    assert notices(rows) == (Notice(Kind.SERIES_CANCELLATION, 3, AT),)


def test_nothing_is_said_about_a_session_that_has_begun():
    assert notices([cancelled("a", AT)]) == ()
    assert notices([cancelled("a", AT + timedelta(minutes=1))]) == (
        Notice(Kind.CANCELLATION, 1, AT, (About("a", AT + timedelta(minutes=1)),)),
    )


def test_a_cancellation_that_is_taken_back_is_told():
    back = change("session_undone", session="a", status=("cancelled", "booked"), start=(MONDAY, MONDAY))

    assert notices([back]) == (Notice(Kind.RESTORED, 1, AT, (About("a", MONDAY),)),)


def test_a_check_in_that_is_taken_back_is_not_told():
    back = change("session_undone", session="a", status=("arrived", "booked"), start=(MONDAY, MONDAY))

    assert notices([back]) == ()


NOON = datetime(2026, 4, 3, 16, tzinfo=UTC)  # in New York
MIDNIGHT = datetime(2026, 4, 3, 4, tzinfo=UTC)


def draft(kind=Kind.REMINDER, **other):
    given = {
        "kind": kind,
        "channel": Channel.EMAIL,
        "recipient": "ada@mail.example",
        "expires_at": MONDAY,
        "sessions": {"a": MONDAY},
        "whole_series": False,
    }
    return Draft(**given | other)


def look(draft, *, now=NOON, **sessions):
    return second_look(draft, sessions, now=now, reader=Reader(NEW_YORK))


def test_a_reminder_of_a_session_that_is_still_there_is_sent():
    assert look(draft(), a=Now("booked", MONDAY)) == Verdict(Status.SENDING, sessions=("a",))
    assert look(draft(), a=Now("confirmed", MONDAY)) == Verdict(Status.SENDING, sessions=("a",))


@pytest.mark.parametrize(
    ("session", "reason"),
    [
        (Now("booked", TUESDAY), "the session is at another time now"),
        (Now("cancelled", MONDAY), "the session is cancelled"),
        (Now("no_show", MONDAY), "the session is no show"),
        (Now("requested", MONDAY), "the session is requested"),
        (Now("booked", NOON), "the session has begun"),
    ],
)
def test_a_reminder_that_is_no_longer_true_is_withdrawn(session, reason):
    assert look(draft(), a=session) == Verdict(Status.WITHDRAWN, reason)


def test_a_reminder_is_of_use_until_it_expires():
    there = Now("booked", MONDAY)

    assert look(draft(expires_at=NOON + timedelta(seconds=1)), a=there).status == Status.SENDING
    assert look(draft(expires_at=NOON), a=there) == Verdict(Status.LAPSED, "too late to be of use")


def test_somebody_without_an_address_is_not_written_to():
    assert look(draft(recipient=""), a=Now("booked", MONDAY)) == Verdict(Status.SUPPRESSED, NO_ADDRESS)


def test_a_reminder_waits_for_the_end_of_quiet_hours():
    there = Now("booked", MONDAY)
    morning = datetime(2026, 4, 3, 12, tzinfo=UTC)  # 08:00

    assert look(draft(), now=MIDNIGHT, a=there) == Verdict(
        Status.PLANNED, "put off to the end of quiet hours", until=morning
    )
    assert look(draft(expires_at=morning), now=MIDNIGHT, a=there).status == Status.LAPSED


def test_a_confirmation_by_email_need_not_wait():
    assert look(draft(Kind.CONFIRMATION), now=MIDNIGHT, a=Now("booked", MONDAY)).status == Status.SENDING


def test_a_confirmation_speaks_of_the_sessions_that_are_left():
    both = draft(Kind.CONFIRMATION, sessions={"a": MONDAY, "b": TUESDAY}, whole_series=True)

    assert look(both, a=Now("cancelled", MONDAY), b=Now("booked", TUESDAY)) == Verdict(
        Status.SENDING, sessions=("b",)
    )


def test_a_receipt_is_withdrawn_when_the_request_has_been_answered():
    receipt = draft(Kind.RECEIPT, whole_series=True)

    assert look(receipt, a=Now("requested", MONDAY)).status == Status.SENDING
    assert look(receipt, a=Now("booked", MONDAY)).status == Status.WITHDRAWN


def test_a_cancellation_is_withdrawn_when_it_was_taken_back():
    assert look(draft(Kind.CANCELLATION), a=Now("cancelled", MONDAY)).status == Status.SENDING
    assert look(draft(Kind.CANCELLATION), a=Now("booked", MONDAY)) == Verdict(
        Status.WITHDRAWN, "the session is booked"
    )


def test_a_code_to_sign_in_depends_on_no_session():
    code = draft(Kind.LOGIN_CODE, sessions={}, whole_series=True, expires_at=MIDNIGHT + timedelta(minutes=10))

    assert look(code, now=MIDNIGHT).status == Status.SENDING
    assert look(code, now=MIDNIGHT + timedelta(minutes=10)).status == Status.LAPSED
