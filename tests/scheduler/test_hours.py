"""Wall clocks on both changes of clock, in zones that change by an hour, by half an hour and never."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from scheduler.hours import (
    NoSuchTime,
    Stretch,
    TwoSuchTimes,
    dates,
    day_start,
    local,
    opening_span,
    parse_time,
    stretches,
    wall_clock,
)
from scheduler.spans import instant, minute
from scheduler.supply import Chair, OpeningHours, Supply

NEW_YORK = ZoneInfo("America/New_York")
PHOENIX = ZoneInfo("America/Phoenix")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")
LONDON = ZoneInfo("Europe/London")
HAVANA = ZoneInfo("America/Havana")

SKIPPED = [
    (NEW_YORK, "2026-03-08T02:00"),
    (NEW_YORK, "2026-03-08T02:59"),
    (LONDON, "2026-03-29T01:30"),
    (LORD_HOWE, "2026-10-04T02:15"),
    (HAVANA, "2026-03-08T00:30"),
]
TWICE = [
    (NEW_YORK, "2026-11-01T01:00", 60),
    (NEW_YORK, "2026-11-01T01:59", 60),
    (LONDON, "2026-10-25T01:30", 60),
    (LORD_HOWE, "2026-04-05T01:45", 30),
]
ONCE = [
    (NEW_YORK, "2026-03-08T01:59"),
    (NEW_YORK, "2026-03-08T03:00"),
    (NEW_YORK, "2026-11-01T00:59"),
    (NEW_YORK, "2026-11-01T02:00"),
    (PHOENIX, "2026-03-08T02:30"),
    (PHOENIX, "2026-11-01T01:30"),
    (LORD_HOWE, "2026-10-04T02:30"),
    (LORD_HOWE, "2026-04-05T02:00"),
]


@pytest.mark.parametrize(("zone", "text"), SKIPPED)
@pytest.mark.parametrize("fold", [None, 0, 1])
def test_a_time_that_does_not_exist_is_refused(zone, text, fold):
    with pytest.raises(NoSuchTime, match=f"does not exist in {zone.key}: the clocks go forward over it"):
        parse_time(text, zone, fold=fold)


@pytest.mark.parametrize(("zone", "text", "apart"), TWICE)
def test_a_time_that_occurs_twice_must_say_which(zone, text, apart):
    with pytest.raises(TwoSuchTimes, match=f"occurs twice in {zone.key}: say which by its offset"):
        parse_time(text, zone)
    first, second = parse_time(text, zone, fold=0), parse_time(text, zone, fold=1)
    assert second - first == apart
    assert [f"{local(at, zone):%Y-%m-%dT%H:%M}" for at in (first, second)] == [text, text]


@pytest.mark.parametrize(("zone", "text"), ONCE)
def test_a_time_that_occurs_once_needs_no_more(zone, text):
    assert f"{local(parse_time(text, zone), zone):%Y-%m-%dT%H:%M}" == text
    assert parse_time(text, zone, fold=1) == parse_time(text, zone)


def test_an_offset_tells_two_such_times_apart():
    first = parse_time("2026-11-01T01:30-04:00", NEW_YORK)
    second = parse_time("2026-11-01T01:30-05:00", NEW_YORK)
    assert second - first == 60
    assert first == parse_time("2026-11-01T01:30", NEW_YORK, fold=0)
    assert second == parse_time("2026-11-01T06:30Z", NEW_YORK)


def test_a_wall_clock_time_has_no_offset_of_its_own_and_no_seconds():
    with pytest.raises(ValueError, match="no offset of its own"):
        wall_clock(instant(0), NEW_YORK)
    with pytest.raises(ValueError, match="not on a whole minute"):
        parse_time("2026-04-14T10:00:30", NEW_YORK)


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        (NEW_YORK, date(2026, 3, 8), 23),
        (NEW_YORK, date(2026, 11, 1), 25),
        (PHOENIX, date(2026, 3, 8), 24),
        (LONDON, date(2026, 3, 29), 23),
        (LONDON, date(2026, 10, 25), 25),
        (LORD_HOWE, date(2026, 10, 4), 23.5),
        (LORD_HOWE, date(2026, 4, 5), 24.5),
        (HAVANA, date(2026, 3, 8), 23),
        (HAVANA, date(2026, 11, 1), 25),
    ],
)
def test_a_date_is_as_long_as_its_clock_says(zone, day, hours):
    parts = stretches(day, zone)
    assert sum(part.end - part.start for part in parts) == hours * 60
    assert day_start(day + timedelta(days=1), zone) == parts[-1].end
    assert local(parts[0].start, zone).date() == local(parts[-1].end - 1, zone).date() == day
    assert local(parts[0].start - 1, zone).date() == day - timedelta(days=1)
    for part in parts:
        assert part.clock == local(part.start, zone).hour * 60 + local(part.start, zone).minute


def test_where_the_clocks_skip_midnight_the_date_begins_after_the_gap():
    assert f"{local(day_start(date(2026, 3, 8), HAVANA), HAVANA):%H:%M}" == "01:00"


@pytest.mark.parametrize(
    ("zone", "day", "opens", "closes", "minutes"),
    [
        (NEW_YORK, date(2026, 3, 8), time(8), time(17), 540),
        (NEW_YORK, date(2026, 3, 8), time(1), time(4), 120),  # 02:00 to 03:00 does not exist
        (NEW_YORK, date(2026, 3, 8), time(2, 30), time(4), 60),  # opens at 03:00, after the gap
        (NEW_YORK, date(2026, 3, 8), time(1), time(2, 30), 60),  # closes at 03:00, the instant after 01:59
        (NEW_YORK, date(2026, 3, 8), time(2, 15), time(2, 45), 0),
        (NEW_YORK, date(2026, 11, 1), time(1, 30), time(4), 210),  # opens the first time it is 01:30
        (NEW_YORK, date(2026, 11, 1), time(0), time(1, 30), 150),  # closes the second time it is 01:30
        (NEW_YORK, date(2026, 11, 1), time(1, 15), time(1, 45), 90),
        (NEW_YORK, date(2026, 11, 1), time(0), time(0), 25 * 60),
        (LORD_HOWE, date(2026, 4, 5), time(1, 30), time(2), 60),
        (LORD_HOWE, date(2026, 10, 4), time(1, 30), time(3), 60),
        (PHOENIX, date(2026, 3, 8), time(1), time(4), 180),
    ],
)
def test_weekly_hours_on_a_change_of_clock(zone, day, opens, closes, minutes):
    span = opening_span(day, opens, closes, zone)
    assert max(span.end - span.start, 0) == minutes


def test_closing_at_midnight_meets_opening_at_midnight():
    evening = opening_span(date(2026, 4, 14), time(18), time(0), NEW_YORK)
    assert evening.end == opening_span(date(2026, 4, 15), time(0), time(2), NEW_YORK).start


def test_hours_over_midnight_are_two_rows():
    with pytest.raises(ValueError, match="two rows"):
        OpeningHours(2, time(18), time(2))


@pytest.mark.parametrize(
    ("zone", "day", "clocks"),
    [
        (LORD_HOWE, date(2026, 4, 5), ["00:00", "01:00", "02:00", "03:00"]),  # 02:00 falls back to 01:30
        (LORD_HOWE, date(2026, 10, 4), ["00:00", "01:00", "03:00", "04:00"]),  # 02:00 becomes 02:30
        (NEW_YORK, date(2026, 3, 8), ["00:00", "01:00", "03:00", "04:00"]),
        (NEW_YORK, date(2026, 11, 1), ["00:00", "01:00", "01:00", "02:00"]),
    ],
)
def test_the_grid_follows_the_clock_on_the_wall(zone, day, clocks):
    supply = Supply(zone, (OpeningHours(7, time(0), time(0)),), (Chair("c", "C"),), grid_minutes=60)
    window = supply.window(day, 60)
    on_grid = [at for at in range(window.length) if window.grid >> at & 1]
    assert [f"{local(window.start + at, zone):%H:%M}" for at in on_grid[:4]] == clocks


def test_dates_count_both_ends():
    assert list(dates(date(2026, 2, 28), date(2026, 3, 1))) == [date(2026, 2, 28), date(2026, 3, 1)]
    assert stretches(date(2026, 4, 14), PHOENIX) == (
        Stretch(
            minute(datetime(2026, 4, 14, tzinfo=PHOENIX)), minute(datetime(2026, 4, 15, tzinfo=PHOENIX)), 0
        ),
    )
