"""What patients and managers decide about messages, and what is refused."""

from datetime import time

import pytest

from bookings.errors import Invalid, NotFound, Stale
from bookings.models import JournalEntry
from notifications.commands.choose import change_voice, choose, set_policy
from notifications.commands.react import react
from notifications.kinds import Channel, Kind, Status
from notifications.models import Choices, ClinicVoice, Policy
from notifications.ways import NOT_CHOSEN, NOT_IN_POLICY
from tests.cast import NOW
from tests.notifications.telling_scenes import LATER, count

pytestmark = pytest.mark.django_db(transaction=True)
REMINDED_ONCE = [{"kind": "reminder", "channels": ["email"], "days_before": 2}]


def verbs() -> list[str]:
    return list(JournalEntry.objects.order_by("id").values_list("verb", flat=True))


def test_a_choice_is_kept_and_what_waits_is_brought_in_line(cast, series):
    react(now=NOW)

    chosen = choose(cast.ada, channels={"reminder": []}, actor=cast.as_ada, now=LATER)
    react(now=LATER)

    assert (chosen.channels, chosen.version) == ({"reminder": []}, 2)
    assert count(kind=Kind.REMINDER, status=Status.SUPPRESSED, reason=NOT_CHOSEN[Channel.EMAIL]) == 12
    choose(cast.ada, channels={}, actor=cast.as_ada, now=LATER)
    react(now=LATER)
    assert count(kind=Kind.REMINDER, status=Status.PLANNED) == 12


def test_the_same_choice_again_is_no_change(cast, db):
    for _ in range(2):
        choose(cast.ada, quiet_begins=time(19), actor=cast.as_ada, now=NOW)

    assert (Choices.objects.get().version, verbs()) == (2, ["choices_changed"])


def test_nobody_chooses_for_another_patient(cast, db):
    with pytest.raises(NotFound):
        choose(cast.bea, channels={}, actor=cast.as_ada, now=NOW)


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        ({"channels": {"login_code": []}}, "channels"),
        ({"channels": {"gossip": []}}, "channels"),
        ({"channels": {"reminder": ["pigeon"]}}, "channels"),
        ({"quiet_begins": time(11, 59)}, "quiet_begins"),
        ({"quiet_begins": time(21, 1)}, "quiet_begins"),
        ({"quiet_ends": time(7, 59)}, "quiet_ends"),
        ({"quiet_ends": time(12, 1)}, "quiet_ends"),
    ],
)
def test_a_choice_that_makes_no_sense_is_refused(cast, db, wanted, field):
    with pytest.raises(Invalid) as refusal:
        choose(cast.ada, **wanted, actor=cast.as_ada, now=NOW)

    assert refusal.value.facts["errors"][0]["field"] == field
    assert verbs() == []


@pytest.mark.parametrize(
    "wanted",
    [
        {"quiet_begins": time(12), "quiet_ends": time(12)},
        {"quiet_begins": time(21), "quiet_ends": time(8)},
    ],
)
def test_quiet_hours_at_their_bounds(cast, db, wanted):
    assert choose(cast.ada, **wanted, actor=cast.as_ada, now=NOW).quiet_ends == wanted["quiet_ends"]


def test_a_stale_choice_is_refused(cast, db):
    choose(cast.ada, quiet_begins=time(19), actor=cast.as_ada, now=NOW)

    with pytest.raises(Stale):
        choose(cast.ada, channels={}, if_version=1, actor=cast.as_ada, now=NOW)


def test_a_clinic_gets_another_name_and_earlier_evenings(cast, db):
    changes = {"sender_name": "Harbor", "quiet_begins": time(20)}

    voice = change_voice(cast.north, changes=changes, actor=cast.as_manager, now=NOW)

    assert (voice.sender_name, voice.basis, voice.version) == ("Harbor", "consent", 2)
    with pytest.raises(Invalid):
        change_voice(cast.north, changes={"quiet_begins": time(22)}, actor=cast.as_manager, now=NOW)
    assert ClinicVoice.objects.get().quiet_begins == time(20)
    assert verbs() == ["voice_changed"]


def test_a_policy_replaces_what_ships_and_gives_way_again(cast, series):
    react(now=NOW)

    set_policy(cast.north, protocol=cast.ket6, rules=REMINDED_ONCE, actor=cast.as_manager, now=LATER)
    react(now=LATER)
    assert count(kind=Kind.REMINDER, status=Status.PLANNED) == 6
    assert count(kind=Kind.REMINDER, status=Status.SUPPRESSED, reason=NOT_IN_POLICY) == 12

    set_policy(cast.north, protocol=cast.ket6, rules=None, actor=cast.as_manager, now=LATER)
    react(now=LATER)
    assert count(kind=Kind.REMINDER, status=Status.PLANNED) == 12
    assert Policy.objects.count() == 0
    assert verbs()[-2:] == ["policy_changed", "policy_changed"]


def test_the_same_policy_again_is_no_change(cast, db):
    for _ in range(2):
        set_policy(cast.north, rules=REMINDED_ONCE, actor=cast.as_manager, now=NOW)
    set_policy(cast.north, protocol=cast.ket6, rules=None, actor=cast.as_manager, now=NOW)

    assert verbs() == ["policy_changed"]


def test_rules_that_make_no_sense_are_refused_with_their_place(cast, db):
    with pytest.raises(Invalid) as refusal:
        set_policy(
            cast.north,
            rules=[*REMINDED_ONCE, {"kind": "reminder", "channels": []}],
            actor=cast.as_manager,
            now=NOW,
        )

    assert refusal.value.facts["errors"][0]["field"] == "rules.1.days_before"


def test_a_phase_needs_its_protocol(cast, db):
    with pytest.raises(Invalid):
        set_policy(cast.north, phase="induction", rules=[], actor=cast.as_manager, now=NOW)
