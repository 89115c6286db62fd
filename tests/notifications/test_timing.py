"""When reminders are due: by the clinic's wall, outside the recipient's quiet hours."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from notifications.defaults import DEFAULTS
from notifications.kinds import Channel, Kind
from notifications.rules import Rule
from notifications.timing import (
    Due,
    QuietHours,
    awake,
    evening_of,
    follow_up,
    morning_after,
    night_around,
    preparation,
    reminders,
    retry_after,
    wider,
)
from notifications.timing import before as before_by

NEW_YORK = ZoneInfo("America/New_York")
LOS_ANGELES = ZoneInfo("America/Los_Angeles")
PHOENIX = ZoneInfo("America/Phoenix")
LONDON = ZoneInfo("Europe/London")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")
FLORIDA = QuietHours(begins=time(20))
REMINDERS = [rule for rule in DEFAULTS if rule.kind == Kind.REMINDER]
THREE_DAYS, ONE_DAY = REMINDERS


def at(text: str, zone: ZoneInfo = NEW_YORK, *, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold).astimezone(UTC)


def so_many(count: int, hour: str | None = None, *, kind: Kind = Kind.REMINDER) -> Rule:
    return Rule(
        kind=kind,
        channels=(Channel.EMAIL,),
        days_before=count,
        at=time.fromisoformat(hour) if hour else None,
    )


def before(start: datetime, *, days: int, zone: ZoneInfo) -> datetime:
    return before_by(start, rule=so_many(days), zone=zone)


def test_reminders_come_three_days_and_one_day_before_at_the_visits_own_hour():
    due = reminders(at("2026-04-14 10:00"), REMINDERS, clinic=NEW_YORK, patient=NEW_YORK)

    assert due == (
        Due(THREE_DAYS, at("2026-04-11 10:00"), at("2026-04-13 10:00")),
        Due(ONE_DAY, at("2026-04-13 10:00"), at("2026-04-14 08:00")),
    )


def test_a_patient_further_west_is_reminded_when_their_quiet_hours_end():
    due = reminders(at("2026-04-14 10:00"), REMINDERS, clinic=NEW_YORK, patient=LOS_ANGELES)

    # 10:00 in New York is 07:00 in Los Angeles.
    assert [one.due_at for one in due] == [
        at("2026-04-11 08:00", LOS_ANGELES),
        at("2026-04-13 08:00", LOS_ANGELES),
    ]


@pytest.mark.parametrize(
    ("change", "visit", "earlier"),
    [
        ("clocks go forward", "2026-03-09 10:00", "2026-03-08 10:00"),
        ("clocks go forward in between", "2026-03-10 10:00", "2026-03-07 10:00"),
        ("clocks go back", "2026-11-02 10:00", "2026-11-01 10:00"),
        ("clocks go back in between", "2026-11-03 10:00", "2026-10-31 10:00"),
    ],
)
def test_the_hour_stays_the_same_over_a_change_of_clock(change, visit, earlier):
    days = (date.fromisoformat(visit[:10]) - date.fromisoformat(earlier[:10])).days

    assert before(at(visit), days=days, zone=NEW_YORK) == at(earlier)


def test_an_hour_that_the_clocks_skip_counts_as_the_first_instant_after_the_gap():
    assert before(at("2026-03-09 02:30"), days=1, zone=NEW_YORK) == at("2026-03-08 03:00")
    assert before(at("2026-10-05 02:10", LORD_HOWE), days=1, zone=LORD_HOWE) == at(
        "2026-10-04 02:30", LORD_HOWE
    )


def test_of_an_hour_that_the_clocks_show_twice_the_first_counts():
    assert before(at("2026-11-02 01:30"), days=1, zone=NEW_YORK) == at("2026-11-01 01:30", fold=0)
    assert before(at("2026-11-01 01:30", fold=1), days=1, zone=NEW_YORK) == at("2026-10-31 01:30")


def test_a_zone_without_daylight_saving_is_never_off():
    assert before(at("2026-03-09 10:00", PHOENIX), days=1, zone=PHOENIX) == at("2026-03-08 10:00", PHOENIX)


@pytest.mark.parametrize(
    ("clock", "sent"),
    [
        ("2026-04-13 20:59", "2026-04-13 20:59"),  # just outside
        ("2026-04-13 21:00", "2026-04-14 08:00"),  # just inside
        ("2026-04-13 23:59", "2026-04-14 08:00"),
        ("2026-04-14 00:00", "2026-04-14 08:00"),
        ("2026-04-14 07:59", "2026-04-14 08:00"),  # just inside
        ("2026-04-14 08:00", "2026-04-14 08:00"),  # just outside
    ],
)
def test_nobody_is_disturbed_from_nine_in_the_evening_to_eight_in_the_morning(clock, sent):
    assert awake(at(clock), start=at("2026-04-14 18:00"), zone=NEW_YORK) == at(sent)


def test_a_state_with_an_earlier_evening_has_its_own_quiet_hours():
    start = at("2026-04-14 18:00")

    assert awake(at("2026-04-13 19:59"), start=start, zone=NEW_YORK, quiet=FLORIDA) == at("2026-04-13 19:59")
    assert awake(at("2026-04-13 20:30"), start=start, zone=NEW_YORK, quiet=FLORIDA) == at("2026-04-14 08:00")


@pytest.mark.parametrize(
    ("visit", "sent"),
    [
        ("2026-04-14 10:00", "2026-04-14 08:00"),  # two hours of notice are enough
        ("2026-04-14 09:59", "2026-04-13 20:59"),  # a minute less is not: the evening before
    ],
)
def test_a_reminder_that_would_come_too_late_comes_the_evening_before(visit, sent):
    assert awake(at("2026-04-14 06:00"), start=at(visit), zone=NEW_YORK) == at(sent)


@pytest.mark.parametrize(
    ("night", "hours"),
    [("2026-03-07 22:00", 10), ("2026-04-13 22:00", 11), ("2026-10-31 22:00", 12)],
)
def test_the_night_in_which_the_clocks_change_is_an_hour_shorter_or_longer(night, hours):
    begins, ends = night_around(at(night), zone=NEW_YORK)

    assert ends - begins == timedelta(hours=hours)


def test_the_clocks_of_the_recipient_change_on_their_own_day():
    # London changes on 29 March, New York did on 8 March.
    assert night_around(at("2026-03-28 23:00", LONDON), zone=LONDON) == (
        at("2026-03-28 21:00", LONDON),
        at("2026-03-29 08:00", LONDON),
    )


def test_quiet_hours_need_not_run_over_midnight():
    siesta = QuietHours(begins=time(13), ends=time(15))

    assert night_around(at("2026-04-14 12:59"), zone=NEW_YORK, quiet=siesta) is None
    assert night_around(at("2026-04-14 13:00"), zone=NEW_YORK, quiet=siesta) == (
        at("2026-04-14 13:00"),
        at("2026-04-14 15:00"),
    )
    assert night_around(at("2026-04-14 15:00"), zone=NEW_YORK, quiet=siesta) is None


def test_a_message_is_tried_again_after_longer_and_longer_times_and_then_given_up():
    assert [retry_after(attempts) for attempts in range(1, 6)] == [
        timedelta(minutes=1),
        timedelta(minutes=5),
        timedelta(minutes=20),
        timedelta(hours=1),
        None,
    ]


def test_a_rule_may_name_an_hour_of_its_own():
    two_days = so_many(2, "09:30")

    assert before_by(at("2026-04-14 15:00"), rule=two_days, zone=NEW_YORK) == at("2026-04-12 09:30")


def test_how_to_prepare_is_told_at_its_hour_and_at_once_where_that_is_over():
    rule = so_many(1, "09:00", kind=Kind.PREPARATION)
    start = at("2026-04-14 10:00")
    zones = {"clinic": NEW_YORK, "patient": NEW_YORK}

    assert preparation(start, rule, decided_at=at("2026-04-13 08:59"), **zones) == Due(
        rule, at("2026-04-13 09:00"), at("2026-04-14 08:00")
    )
    assert preparation(start, rule, decided_at=at("2026-04-13 16:00"), **zones).due_at == at(
        "2026-04-13 16:00"
    )


def test_how_a_visit_was_is_asked_on_the_next_morning_and_never_at_night():
    rule = Rule(kind=Kind.FOLLOW_UP, channels=(Channel.EMAIL,), days_after=1, at=time(10))

    near = follow_up(at("2026-04-06 12:10"), rule, clinic=NEW_YORK, patient=NEW_YORK)
    far = follow_up(at("2026-04-06 12:10"), rule, clinic=NEW_YORK, patient=LOS_ANGELES)

    assert (near.due_at, near.expires_at) == (at("2026-04-07 10:00"), at("2026-04-09 10:00"))
    assert far.due_at == at("2026-04-07 08:00", LOS_ANGELES)


def test_quiet_hours_can_be_made_longer_and_not_shorter():
    assert wider(FLORIDA, begins=None, ends=None) == FLORIDA
    assert wider(FLORIDA, begins=time(19), ends=time(9)) == QuietHours(time(19), time(9))
    assert wider(FLORIDA, begins=time(21), ends=time(7)) == FLORIDA


def test_the_next_morning_and_the_next_evening():
    assert morning_after(at("2026-04-14 09:00"), zone=NEW_YORK) == at("2026-04-15 08:00")
    assert evening_of(at("2026-04-14 20:59"), zone=NEW_YORK) == at("2026-04-14 21:00")
    assert evening_of(at("2026-04-14 20:59"), zone=NEW_YORK, quiet=FLORIDA) == at("2026-04-15 20:00")
