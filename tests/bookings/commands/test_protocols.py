"""Every change of a treatment is a next version, and none takes effect unsigned."""

from copy import deepcopy
from datetime import timedelta

import pytest

from bookings.commands.book import book_series
from bookings.commands.protocols import add_protocol, add_protocol_version, offer_protocol, sign_protocol
from bookings.errors import Invalid, NotAllowed, Stale, WrongState
from bookings.models import JournalEntry, Protocol
from bookings.snapshot import protocol_of
from bookings.treatments import current_version
from tests.cast import KET6, MONDAYS_AND_THURSDAYS, NOW

LATER = NOW + timedelta(days=1)


def new_rules(**changes):
    return {name: value for name, value in deepcopy(KET6).items() if name != "slug"} | changes


def verbs():
    return list(JournalEntry.objects.order_by("id").values_list("verb", flat=True))


def in_effect(protocol, clinic, *, now=LATER):
    return current_version(protocol, clinic=clinic, now=now).version


def test_a_managers_protocol_waits_for_a_prescriber(cast):
    version = add_protocol("new", rules=new_rules(), clinics=[cast.north], actor=cast.as_manager, now=NOW)

    assert (version.version, version.signed_at, version.created_by) == (1, None, cast.manager)
    assert verbs() == ["protocol_added", "protocol_version_added"]
    with pytest.raises(Invalid):
        in_effect(version.protocol, cast.north)


def test_a_prescribers_own_is_signed_at_once(cast):
    version = add_protocol("new", rules=new_rules(), clinics=[cast.north], actor=cast.as_prescriber, now=NOW)

    assert (version.signed_at, version.signed_by) == (NOW, cast.prescriber)
    assert verbs() == ["protocol_added", "protocol_version_added", "protocol_signed"]
    assert in_effect(version.protocol, cast.north) == 1


def test_it_is_offered_where_it_was_said(cast):
    version = add_protocol("new", rules=new_rules(), clinics=[cast.west], actor=cast.as_prescriber, now=NOW)

    assert in_effect(version.protocol, cast.west) == 1
    with pytest.raises(Invalid):
        in_effect(version.protocol, cast.north)


def test_the_engine_reads_what_was_kept(cast):
    rules = new_rules(chair_features=["bed"])

    version = add_protocol("new", rules=rules, clinics=[], actor=cast.as_prescriber, now=NOW)

    treatment = protocol_of(version)
    assert (treatment.slug, treatment.visit_minutes, treatment.chair_minutes) == ("new", 130, 150)
    assert treatment.chair_features == {"bed"}


def test_a_slug_is_given_once(cast):
    with pytest.raises(Invalid) as refusal:
        add_protocol("ket6", rules=new_rules(), clinics=[], actor=cast.as_prescriber, now=NOW)

    assert refusal.value.facts["errors"] == [{"field": "slug", "detail": "This is taken already."}]
    assert Protocol.objects.filter(slug="ket6").count() == 1
    assert verbs() == []


def test_every_contradiction_is_named_and_nothing_is_written(cast):
    rules = new_rules()
    rules["phases"][0]["spacing"] |= {"target_gap_days": 8, "complete_within_days": 3}

    with pytest.raises(Invalid) as refusal:
        add_protocol("new", rules=rules, clinics=[], actor=cast.as_prescriber, now=NOW)

    assert [error["field"] for error in refusal.value.facts["errors"]] == [
        "phases.0.spacing.soft_max_gap_days",
        "phases.0.spacing.complete_within_days",
    ]
    assert not Protocol.objects.filter(slug="new").exists()


def test_the_next_version_takes_effect_when_it_is_signed(cast):
    version = add_protocol_version(
        cast.ket6, rules=new_rules(name="Six, again"), actor=cast.as_manager, now=NOW
    )

    assert (version.version, version.signed_at) == (2, None)
    assert in_effect(cast.ket6, cast.north) == 1

    sign_protocol(cast.ket6, actor=cast.as_prescriber, now=NOW)

    assert in_effect(cast.ket6, cast.north) == 2
    assert verbs() == ["protocol_version_added", "protocol_signed"]


def test_a_series_keeps_the_version_it_was_booked_under(cast):
    series = book_series(
        cast.ada,
        clinic=cast.north,
        protocol=cast.ket6,
        starts=MONDAYS_AND_THURSDAYS,
        actor=cast.as_desk,
        now=NOW,
    )

    add_protocol_version(cast.ket6, rules=new_rules(name="Other"), actor=cast.as_prescriber, now=NOW)

    series.refresh_from_db()
    assert series.protocol_version.version == 1
    assert series.protocol_version.rules["name"] == KET6["name"]


def test_only_the_latest_version_is_signed(cast):
    add_protocol_version(cast.ket6, rules=new_rules(name="Second"), actor=cast.as_manager, now=NOW)
    add_protocol_version(cast.ket6, rules=new_rules(name="Third"), actor=cast.as_manager, now=NOW)

    with pytest.raises(Stale):
        sign_protocol(cast.ket6, version=2, actor=cast.as_prescriber, now=NOW)
    sign_protocol(cast.ket6, version=3, actor=cast.as_prescriber, now=NOW)

    assert in_effect(cast.ket6, cast.north) == 3
    assert cast.ket6.versions.get(version=2).signed_at is None


def test_a_version_on_top_of_one_not_read_is_stale(cast):
    add_protocol_version(cast.ket6, rules=new_rules(), if_version=1, actor=cast.as_manager, now=NOW)

    with pytest.raises(Stale):
        add_protocol_version(cast.ket6, rules=new_rules(), if_version=1, actor=cast.as_manager, now=NOW)

    assert cast.ket6.versions.count() == 2


def test_what_is_signed_is_not_signed_again(cast):
    with pytest.raises(WrongState) as refusal:
        sign_protocol(cast.ket6, actor=cast.as_prescriber, now=NOW)

    assert refusal.value.facts == {"status": "signed", "allowed": []}


@pytest.mark.parametrize("who", ["as_manager", "as_nurse", "as_desk", "as_ada"])
def test_nobody_but_a_prescriber_signs(cast, who):
    add_protocol_version(cast.ket6, rules=new_rules(), actor=cast.as_manager, now=NOW)

    with pytest.raises(NotAllowed):
        sign_protocol(cast.ket6, actor=getattr(cast, who), now=NOW)

    assert in_effect(cast.ket6, cast.north) == 1


def test_the_spacing_group_stays(cast):
    with pytest.raises(Invalid) as refusal:
        add_protocol_version(
            cast.ket6, rules=new_rules(spacing_group="other"), actor=cast.as_prescriber, now=NOW
        )

    assert [error["field"] for error in refusal.value.facts["errors"]] == ["spacing_group"]
    assert cast.ket6.versions.count() == 1


def test_offering_elsewhere_leaves_clinics_of_others_alone(cast):
    cast.manager.clinics.set([cast.north])
    offer_protocol(cast.ket6, clinics=[], actor=cast.as_manager, now=NOW)

    assert list(cast.ket6.clinics.all()) == [cast.west]
    row = JournalEntry.objects.get()
    assert (row.verb, row.before["clinics"], row.after["clinics"]) == (
        "protocol_offered",
        ["north", "west"],
        ["west"],
    )

    offer_protocol(cast.ket6, clinics=[cast.north], actor=cast.as_manager, now=NOW)

    assert set(cast.ket6.clinics.all()) == {cast.north, cast.west}
