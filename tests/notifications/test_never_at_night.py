"""No message is due at night: in any zone, over ten years of clocks. The oracle looks at the wall."""

from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

from hypothesis import given, settings
from hypothesis import strategies as st

from notifications.defaults import DEFAULTS
from notifications.kinds import Basis, Channel, Kind, Status
from notifications.rules import Rule
from notifications.second_look import Draft, Now, Reader, second_look
from notifications.timing import LEAST_NOTICE, QuietHours, evening_of, follow_up, preparation, reminders

ZONES = sorted(available_timezones() - {"localtime", "Factory"})
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
TEN_YEARS = 10 * 366 * 24 * 60

instants = st.integers(0, TEN_YEARS).map(lambda minutes: BEGIN + timedelta(minutes=minutes))
zones = st.sampled_from(ZONES).map(ZoneInfo)
evenings = st.sampled_from([time(18), time(19, 30), time(20), time(21)])
mornings = st.sampled_from([time(8), time(9), time(10, 30)])
quiets = st.builds(QuietHours, evenings, mornings)
hours = st.one_of(st.none(), st.times().map(lambda at: at.replace(second=0, microsecond=0)))


def asleep(at: datetime, zone: ZoneInfo, quiet: QuietHours) -> bool:
    """What the clock on the bedside table says."""
    wall = at.astimezone(zone).time()
    return wall >= quiet.begins or wall < quiet.ends


@settings(max_examples=300)
@given(
    start=instants,
    clinic=zones,
    patient=zones,
    quiet=quiets,
    days=st.lists(st.integers(1, 30), min_size=1, max_size=4, unique=True),
    hour=hours,
)
def test_no_reminder_is_due_at_night_nor_after_it_is_of_use(start, clinic, patient, quiet, days, hour):
    rules = [Rule(kind=Kind.REMINDER, channels=(Channel.TEXT,), days_before=count, at=hour) for count in days]

    dues = reminders(start, rules, clinic=clinic, patient=patient, quiet=quiet)

    assert [due.rule.days_before for due in dues] == sorted(days, reverse=True)
    assert [due for due in dues if asleep(due.due_at, patient, quiet)] == []
    assert dues[-1].expires_at == start - LEAST_NOTICE
    assert all(before.expires_at == after.due_at for before, after in pairwise(dues))


@given(start=instants, told=st.integers(0, 40 * 24 * 60), clinic=zones, patient=zones, quiet=quiets)
def test_nobody_is_woken_to_prepare_or_to_be_asked_how_it_was(start, told, clinic, patient, quiet):
    (prepare,) = [rule for rule in DEFAULTS if rule.kind == Kind.PREPARATION]
    (after,) = [rule for rule in DEFAULTS if rule.kind == Kind.FOLLOW_UP]
    decided = start - timedelta(minutes=told)

    due = preparation(start, prepare, decided_at=decided, clinic=clinic, patient=patient, quiet=quiet)
    asked = follow_up(start, after, clinic=clinic, patient=patient, quiet=quiet)

    assert not asleep(due.due_at, patient, quiet)
    assert not asleep(asked.due_at, patient, quiet)
    assert start < asked.due_at < start + timedelta(days=3)


@given(now=instants, zone=zones, quiet=quiets)
def test_a_text_that_waits_at_the_carrier_is_dropped_before_the_night(now, zone, quiet):
    evening = evening_of(now, zone=zone, quiet=quiet)

    assert now < evening <= now + timedelta(days=1, hours=3)
    if not asleep(now, zone, quiet):
        waits = range(0, int((evening - now).total_seconds() // 60), 7)
        assert [minutes for minutes in waits if asleep(now + timedelta(minutes=minutes), zone, quiet)] == []


@settings(max_examples=300)
@given(
    now=instants,
    zone=zones,
    quiet=quiets,
    sent=st.lists(st.integers(0, 10 * 24 * 60), max_size=6),
    keeps=st.integers(1, 4 * 24 * 60),
    basis=st.sampled_from(Basis),
)
def test_the_second_look_lets_no_text_go_at_night_nor_a_second_one_on_a_day(
    now, zone, quiet, sent, keeps, basis
):
    """Whatever it says, the clock on the wall and the list of texts agree; what is put off is of use then."""
    texts = [now - timedelta(minutes=minutes) for minutes in sent]
    start = now + timedelta(days=6)
    draft = Draft(
        kind=Kind.REMINDER,
        channel=Channel.TEXT,
        recipient="+12025550101",
        expires_at=now + timedelta(minutes=keeps),
        sessions={"a": start},
        whole_series=False,
    )
    reader = Reader(zone, quiet, texts, basis)

    verdict = second_look(draft, {"a": Now("booked", start)}, now=now, reader=reader)

    today = now.astimezone(zone).date()
    had_one = today in {one.astimezone(zone).date() for one in texts}
    if verdict.status == Status.SENDING:
        assert not asleep(now, zone, quiet)
        assert not had_one
    elif verdict.status == Status.PLANNED:
        assert verdict.until is not None
        assert now < verdict.until < draft.expires_at
        assert not asleep(verdict.until, zone, quiet)
    else:
        assert (verdict.status, verdict.instead) == (Status.SUPPRESSED, True)
    if basis == Basis.CONSENT and not asleep(now, zone, quiet) and not had_one:
        assert verdict.status == Status.SENDING
