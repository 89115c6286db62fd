"""The documents say what the code does: docs/rules.md word for word, docs/time.md by running its examples."""

import re
from datetime import date, time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from scheduler import load, preferences, relaxing
from scheduler.hours import local, opening_span, parse_time
from scheduler.rules import PLACE_RULES, SERIES_RULES
from scheduler.spans import instant
from scheduler.supply import Chair, OpeningHours, Supply
from scheduler.violations import CLINICAL, OPERATIONAL, PHYSICAL, SPACING, Rule
from scheduler.wording import length_words

DOCS = Path(__file__).resolve().parents[2] / "docs"
RULES = {**PLACE_RULES, **SERIES_RULES}


def rows(page: str, columns: int) -> list[list[str]]:
    """The cells of every table row with so many columns, without headings."""
    lines = re.findall(r"^\| (.+) \|$", (DOCS / page).read_text(), re.MULTILINE)
    cells = [line.split(" | ") for line in lines]
    return [[cell.strip("`") for cell in row] for row in cells if len(row) == columns]


def kind(rule: Rule) -> str:
    return {CLINICAL: "clinical", OPERATIONAL: "operational", PHYSICAL: "physical"}[
        next(kinds for kinds in (CLINICAL, OPERATIONAL, PHYSICAL) if rule in kinds)
    ]


def test_every_rule_is_on_the_page_with_the_first_sentence_of_its_function():
    in_code = [[rule.value, kind(rule), judge.__doc__.splitlines()[0]] for rule, judge in RULES.items()]
    on_page = [row for row in rows("rules.md", 3) if row[0] in set(Rule)]
    assert on_page == in_code


def test_every_preference_is_on_the_page_with_its_sentence_and_its_weight():
    weights = {
        "usual_weekdays": f"{preferences.OFF_WEEKDAY} a session",
        "finish": f"{preferences.FINISH_DAY} a day",
        "target_gap": f"{preferences.TARGET_GAP_DAY} a day",
        "usual_hour": f"{preferences.OFF_HOUR_MINUTE} a minute",
        "level_load": f"{load.BUSY_START} a start, {load.BUSY_CHAIR} a chair",
        "template": f"{load.BEYOND_TEMPLATE} a start",
        "short_notice": f"{preferences.SHORT_NOTICE_HOUR} an hour",
    }
    in_code = [[one.__name__[1:], one.__doc__.splitlines()[0]] for one in preferences.PREFERENCES]
    on_page = rows("rules.md", 4)[1:]
    assert [row[:2] for row in on_page] == in_code
    assert {row[0]: row[2] for row in on_page} == weights
    assert f"within {load.BUSY_START_MINUTES} minutes" in on_page[4][3]
    assert f"short of {preferences.NOTICE_HOURS}" in on_page[6][3]


def test_the_page_names_each_rule_that_may_be_relaxed_and_no_other():
    page = (DOCS / "rules.md").read_text().split("## When there is no plan")[1]
    assert {Rule(name) for name in re.findall(r"`([a-z_]+)`", page)} == relaxing.RELAXED
    assert f"at most {relaxing.LATER_DAYS}" in page


def test_every_rule_has_one_function_of_its_name_and_one_kind():
    assert set(RULES) == set(Rule)
    assert [judge.__name__ for judge in RULES.values()] == [rule.value for rule in RULES]
    assert sorted([*CLINICAL, *OPERATIONAL, *PHYSICAL]) == sorted(Rule)
    assert set(SERIES_RULES) >= SPACING


def test_every_rule_says_what_it_counts():
    named = {rule for row in rows("time.md", 2) for rule in re.findall(r"[a-z_]+", row[0])}
    assert named & set(Rule) == set(Rule)


GAPS = [row for row in rows("time.md", 4) if row[0].startswith("2026")]
TYPED = [row for row in rows("time.md", 3) if row[1].startswith("2026")]
HOURS = [row for row in rows("time.md", 4) if "/" in row[0]]


def test_the_page_about_time_has_its_examples():
    assert (len(GAPS), len(TYPED), len(HOURS)) == (3, 8, 6)


@pytest.mark.parametrize(("first", "second", "days", "elapsed"), GAPS)
def test_dates_apart_and_elapsed_time(first, second, days, elapsed):
    zone = ZoneInfo("America/New_York")
    one, two = parse_time(first, zone), parse_time(second, zone)
    assert f"{(local(two, zone).date() - local(one, zone).date()).days} days" == days
    assert length_words(two - one) == elapsed


@pytest.mark.parametrize(("zone", "typed", "answer"), TYPED)
def test_a_time_that_somebody_types(zone, typed, answer):
    try:
        answered = f"{instant(parse_time(typed, ZoneInfo(zone))):%Y-%m-%dT%H:%MZ}"
    except ValueError as refusal:
        answered = f"refused: {refusal}"
    if answer.startswith("refused"):
        assert re.fullmatch(
            answer.replace("refused: ", "refused: .*").replace(", ", " in .*: ") + ".*", answered
        )
    else:
        assert answered == answer


@pytest.mark.parametrize(("zone", "day", "hours", "length"), HOURS)
def test_weekly_hours_on_a_change_of_clock(zone, day, hours, length):
    opens, closes = map(time.fromisoformat, hours.split("–"))
    span = opening_span(date.fromisoformat(day), opens, closes, ZoneInfo(zone))
    assert length_words(span.end - span.start) == length


def test_the_grid_on_lord_howe():
    zone = ZoneInfo("Australia/Lord_Howe")
    supply = Supply(zone, (OpeningHours(7, time(0), time(0)),), (Chair("c", "C"),), grid_minutes=60)
    window = supply.window(date(2026, 4, 5), 60)
    starts = [at for at in range(240) if window.grid >> at & 1]
    assert [f"{local(window.start + at, zone):%H:%M}" for at in starts[:3]] == ["00:00", "01:00", "02:00"]
    assert starts[2] - starts[1] == 90
