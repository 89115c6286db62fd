"""How many texts somebody gets, and when the next one may go: an oracle counts differently."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.caps import first_allowed
from notifications.kinds import Basis
from notifications.timing import QUIET, QuietHours

NEW_YORK = ZoneInfo("America/New_York")
ZONES = sorted(available_timezones() - {"localtime", "Factory"})
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
TEN_YEARS = 10 * 366 * 24 * 60


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=NEW_YORK)


def allowed(now: str, *sent: str, basis: Basis = Basis.CONSENT, quiet: QuietHours = QUIET) -> datetime:
    return first_allowed(at(now), sent=[at(one) for one in sent], zone=NEW_YORK, quiet=quiet, basis=basis)


def test_the_first_text_of_a_day_goes_at_once():
    assert allowed("2026-04-14 10:00") == at("2026-04-14 10:00")
    assert allowed("2026-04-14 10:00", "2026-04-13 20:59") == at("2026-04-14 10:00")


def test_the_second_text_of_a_day_waits_for_the_next_morning():
    assert allowed("2026-04-14 10:00", "2026-04-14 08:00") == at("2026-04-15 08:00")


def test_a_text_at_night_waits_for_the_morning_and_counts_as_one_of_that_day():
    assert allowed("2026-04-14 21:00") == at("2026-04-15 08:00")
    assert allowed("2026-04-14 21:00", "2026-04-14 09:00") == at("2026-04-15 08:00")
    assert allowed("2026-04-14 07:00", "2026-04-14 00:30") == at("2026-04-15 08:00")


def test_on_the_exemption_there_are_three_a_week():
    three = ("2026-04-13 10:00", "2026-04-15 10:00", "2026-04-17 10:00")

    assert allowed("2026-04-18 10:00", *three) == at("2026-04-18 10:00")
    assert allowed("2026-04-18 10:00", *three[:2], basis=Basis.EXEMPTION) == at("2026-04-18 10:00")
    # The first is seven days ago on the 20th by the calendar, and by the hour from 10:00 on.
    assert allowed("2026-04-18 10:00", *three, basis=Basis.EXEMPTION) == at("2026-04-21 08:00")
    assert allowed("2026-04-20 10:00", *three, basis=Basis.EXEMPTION) == at("2026-04-20 10:00")
    assert allowed("2026-04-20 09:59", *three, basis=Basis.EXEMPTION) == at("2026-04-21 08:00")


instants = st.integers(0, TEN_YEARS).map(lambda minutes: BEGIN + timedelta(minutes=minutes))
clocks = st.tuples(st.integers(18, 21), st.integers(8, 10)).map(
    lambda hours: QuietHours(time(hours[0]), time(hours[1]))
)


@given(
    first=instants,
    waits=st.lists(st.integers(0, 3 * 24 * 60), min_size=1, max_size=25),
    zone=st.sampled_from(ZONES),
    quiet=clocks,
    basis=st.sampled_from(Basis),
)
def test_whenever_texts_are_wanted_none_is_sent_at_night_and_no_cap_is_broken(
    first, waits, zone, quiet, basis
):
    """Each text goes when it may; the oracle looks at the list of what was sent, by the wall and by the
    hour.
    """
    there, sent, now = ZoneInfo(zone), [], first
    for wait in waits:
        now += timedelta(minutes=wait)
        now = first_allowed(now, sent=sent, zone=there, quiet=quiet, basis=basis)
        sent.append(now)

    walls = [one.astimezone(there) for one in sent]
    assert [wall for wall in walls if not quiet.ends <= wall.time() < quiet.begins] == []
    assert len({wall.date() for wall in walls}) == len(walls)
    if basis == Basis.EXEMPTION:
        for one in sent:
            assert len([other for other in sent if timedelta(0) <= other - one < timedelta(days=7)]) <= 3
        for wall in walls:
            assert len([other for other in walls if 0 <= (other.date() - wall.date()).days < 7]) <= 3


@pytest.mark.parametrize("basis", Basis)
@given(now=instants, back=st.integers(0, 60 * 24), zone=st.sampled_from(ZONES))
def test_nobody_waits_longer_than_needed(basis, now, back, zone):
    """With one text a moment ago the next may go on the next local day, in the morning."""
    there = ZoneInfo(zone)
    last = now - timedelta(minutes=back)

    at = first_allowed(now, sent=[last], zone=there, quiet=QUIET, basis=basis)

    assert 0 <= (at.astimezone(there).date() - now.astimezone(there).date()).days <= 1
