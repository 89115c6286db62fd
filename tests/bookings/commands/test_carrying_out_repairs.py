"""A joint plan carried out: what is ticked, all of it or nothing."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from bookings.commands.carry_out_repair import carry_out_repair
from bookings.commands.move import move_session
from bookings.commands.proposals import accept_proposal, propose_moves
from bookings.errors import Invalid, NotAllowed, NotFound, NotTogether, Stale, WrongState
from bookings.models import JournalEntry, Proposal, ProposalStatus, Repair, RepairStatus
from bookings.proof import Excuse, prove
from tests.bookings.proposal_scenes import held, newest_row, verbs_since
from tests.bookings.repair_scenes import april, claimed, close_monday, places_of, plan_of, three_series
from tests.bookings.scenes import book_one, session
from tests.cast import NOW, Cast

pytestmark = pytest.mark.django_db(transaction=True)
AS_BOOKED = [("06 08:00", "N1"), ("09 08:00", "N1"), ("13 08:00", "N1")]


def refused(call) -> NotTogether:
    with pytest.raises(NotTogether) as refusal:
        call()
    return refusal.value


def test_those_ticked_to_move_are_at_their_new_places_and_nobody_else(cast: Cast):
    ada, bea, carl = three_series(cast)
    close_monday(cast)
    plan = plan_of(
        cast,
        {
            ada: {3: ("14 08:00", cast.n1)},
            bea: {3: ("14 11:00", cast.n1)},
            carl: {3: ("14 14:00", cast.n1)},
        },
    )
    row = newest_row()

    after = carry_out_repair(plan, move=[ada.id, bea.id], actor=cast.as_desk, now=NOW)

    assert [places_of(one)[2] for one in (ada, bea, carl)] == [
        ("14 08:00", "N1"),
        ("14 11:00", "N1"),
        ("13 14:00", "N1"),
    ]
    assert verbs_since(row) == ["repair_carried_out", "session_moved", "session_moved"]
    assert dict(after.parts.values_list("series", "outcome")) == {
        ada.id: "moved",
        bea.id: "moved",
        carl.id: "",
    }
    assert (after.status, after.version) == (RepairStatus.READY, 2)


def test_the_journal_says_who_decided_and_for_whom(cast: Cast):
    ada, bea, _carl = three_series(cast)
    plan = plan_of(cast, {ada: {3: ("14 08:00", cast.n1)}, bea: {3: ("14 11:00", cast.n1)}})

    carry_out_repair(plan, move=[ada.id], offer=[bea.id], reason="Water damage", actor=cast.as_nurse, now=NOW)

    entry = JournalEntry.objects.get(verb="repair_carried_out")
    assert (entry.actor_id, entry.clinic_id, entry.reason) == (cast.ana.id, cast.north.id, "Water damage")
    assert entry.after == {"repair": str(plan.id), "moved": [str(ada.id)], "asked": [str(bea.id)]}


def test_who_is_asked_keeps_what_is_booked_until_they_say_yes(cast: Cast):
    ada, bea, _carl = three_series(cast)
    close_monday(cast)
    plan = plan_of(cast, {ada: {3: ("14 08:00", cast.n1)}, bea: {3: ("14 11:00", cast.n1)}})

    carry_out_repair(plan, offer=[ada.id], reason="Water damage", actor=cast.as_desk, now=NOW)

    proposal = Proposal.objects.get()
    assert places_of(ada)[:3] == AS_BOOKED
    assert held() == [april("14 08:00")]
    assert (proposal.series, proposal.reason, proposal.expires_at) == (
        ada,
        "Water damage",
        NOW + timedelta(hours=72),
    )
    assert plan.parts.get(series=ada).proposal == proposal

    accept_proposal(proposal, actor=cast.as_ada, now=NOW + timedelta(hours=1))

    assert (places_of(ada)[2], held()) == (("14 08:00", "N1"), [])


def test_an_offer_ends_before_the_first_visit_that_it_concerns(cast: Cast):
    ada, *_ = three_series(cast)
    plan = plan_of(cast, {ada: {1: ("07 08:00", cast.n1)}}, now=april("05 20:00"))

    carry_out_repair(plan, offer=[ada.id], actor=cast.as_desk, now=april("05 20:00"))

    assert Proposal.objects.get().expires_at == april("06 08:00")


def test_two_series_take_one_anothers_places_in_one_step(cast: Cast):
    ada, bea, _carl = three_series(cast)
    before = claimed()
    plan = plan_of(cast, {ada: {3: ("13 11:00", cast.n1)}, bea: {3: ("13 08:00", cast.n1)}})

    after = carry_out_repair(plan, move=[ada.id, bea.id], actor=cast.as_desk, now=NOW)

    assert (places_of(ada)[2], places_of(bea)[2]) == (("13 11:00", "N1"), ("13 08:00", "N1"))
    assert (claimed(), after.status) == (before, RepairStatus.DONE)
    assert [one for one in prove(cast.north, now=NOW) if one.excuse is Excuse.NONE] == []


def test_a_series_that_needs_the_place_of_one_not_ticked_is_refused_by_name(cast: Cast):
    ada, bea, carl = three_series(cast)
    plan = plan_of(
        cast,
        {
            ada: {3: ("13 11:00", cast.n1)},
            bea: {3: ("14 11:00", cast.n1)},
            carl: {3: ("14 14:00", cast.n1)},
        },
    )
    before, row = claimed(), newest_row()

    refusal = refused(lambda: carry_out_repair(plan, move=[ada.id, carl.id], actor=cast.as_desk, now=NOW))

    (named,) = refusal.facts["series"]
    assert (named["series"], named["depends_on"]) == (ada.id, [bea.id])
    assert [one["rule"] for one in named["violations"]] == ["chair"]
    assert refusal.facts["possible"] == [carl.id]
    assert (claimed(), verbs_since(row)) == (before, [])

    carry_out_repair(plan, move=[ada.id, bea.id], actor=cast.as_desk, now=NOW)

    assert (places_of(ada)[2], places_of(bea)[2]) == (("13 11:00", "N1"), ("14 11:00", "N1"))


def test_a_place_that_only_an_offer_would_free_is_not_free(cast: Cast):
    ada, bea, _carl = three_series(cast)
    plan = plan_of(cast, {ada: {3: ("13 11:00", cast.n1)}, bea: {3: ("14 11:00", cast.n1)}})

    refusal = refused(
        lambda: carry_out_repair(plan, move=[ada.id], offer=[bea.id], actor=cast.as_desk, now=NOW)
    )

    assert [one["series"] for one in refusal.facts["series"]] == [ada.id]
    assert held() == []


def test_a_series_that_changed_meanwhile_is_refused_by_name_and_the_others_can_go(cast: Cast):
    ada, bea, _carl = three_series(cast)
    plan = plan_of(cast, {ada: {3: ("14 08:00", cast.n1)}, bea: {3: ("14 11:00", cast.n1)}})
    move_session(session(ada, 3), start=april("13 09:00"), actor=cast.as_desk, now=NOW)

    refusal = refused(lambda: carry_out_repair(plan, move=[ada.id, bea.id], actor=cast.as_desk, now=NOW))

    assert [(one["series"], one["detail"]) for one in refusal.facts["series"]] == [
        (ada.id, "Its visits are no longer where they were when the plan was drawn up.")
    ]
    assert refusal.facts["possible"] == [bea.id]
    assert places_of(bea)[2] == ("13 11:00", "N1")


def test_where_all_of_a_plan_has_changed_nothing_is_possible(cast: Cast):
    ada, *_ = three_series(cast)
    plan = plan_of(cast, {ada: {3: ("14 08:00", cast.n1)}})
    move_session(session(ada, 3), start=april("13 09:00"), actor=cast.as_desk, now=NOW)

    refusal = refused(lambda: carry_out_repair(plan, move=[ada.id], actor=cast.as_desk, now=NOW))

    assert ([one["series"] for one in refusal.facts["series"]], refusal.facts["possible"]) == ([ada.id], [])


def test_a_place_that_somebody_took_meanwhile_is_refused_with_its_rule(cast: Cast):
    ada, bea, _carl = three_series(cast)
    plan = plan_of(cast, {ada: {3: ("14 08:00", cast.n2)}, bea: {3: ("14 11:00", cast.n1)}})
    # Of Carl's series this one: both were begun at NOW, so "the latest" could be either.
    taken = book_one(cast, april("14 09:00"), patient=cast.carl, protocol=cast.infliximab)
    move_session(taken, start=april("14 09:00"), chair=cast.n2, actor=cast.as_desk, now=NOW)

    refusal = refused(lambda: carry_out_repair(plan, move=[ada.id, bea.id], actor=cast.as_desk, now=NOW))

    (named,) = refusal.facts["series"]
    assert [one["rule"] for one in named["violations"]] == ["chair"]
    assert refusal.facts["possible"] == [bea.id]


def test_spacing_is_judged_with_all_that_moves_of_a_patient_at_once(cast: Cast):
    ada, *_ = three_series(cast)
    drip = book_one(cast, april("15 11:00"), protocol=cast.infliximab).series
    # Ketamine keeps a day from any other treatment: either alone could go to the 14th, and both cannot.
    plan = plan_of(cast, {ada: {3: ("14 08:00", cast.n1)}, drip: {1: ("14 12:00", cast.n2)}})

    refusal = refused(lambda: carry_out_repair(plan, move=[ada.id, drip.id], actor=cast.as_desk, now=NOW))

    assert {one["series"] for one in refusal.facts["series"]} == {ada.id, drip.id}
    assert len(refusal.facts["possible"]) == 1


def test_what_was_proposed_before_is_overtaken_and_its_place_is_free_for_the_plan(cast: Cast):
    ada, *_ = three_series(cast)
    earlier = propose_moves(ada, moves={3: april("14 08:00")}, actor=cast.as_desk, now=NOW)
    plan = plan_of(cast, {ada: {3: ("14 08:00", cast.n1)}})

    carry_out_repair(plan, move=[ada.id], actor=cast.as_desk, now=NOW)

    earlier.refresh_from_db()
    assert (earlier.status, held(), places_of(ada)[2]) == (
        ProposalStatus.SUPERSEDED,
        [],
        ("14 08:00", "N1"),
    )


def test_carried_out_twice_is_refused_the_second_time(cast: Cast):
    ada, bea, _carl = three_series(cast)
    plan = plan_of(cast, {ada: {3: ("14 08:00", cast.n1)}, bea: {3: ("14 11:00", cast.n1)}})
    carry_out_repair(plan, move=[ada.id], if_version=1, actor=cast.as_desk, now=NOW)

    with pytest.raises(Stale):
        carry_out_repair(plan, move=[ada.id], if_version=1, actor=cast.as_desk, now=NOW)
    refusal = refused(lambda: carry_out_repair(plan, move=[ada.id], actor=cast.as_desk, now=NOW))

    assert [one["detail"] for one in refusal.facts["series"]] == ["This was carried out already."]


@pytest.mark.parametrize(
    ("after", "possible"), [(timedelta(hours=24, seconds=-1), True), (timedelta(hours=24), False)]
)
def test_a_plan_is_good_for_a_day(cast: Cast, after: timedelta, possible: bool):
    ada, *_ = three_series(cast)
    plan = plan_of(cast, {ada: {3: ("14 08:00", cast.n1)}})

    if possible:
        carry_out_repair(plan, move=[ada.id], actor=cast.as_desk, now=NOW + after)
    else:
        with pytest.raises(WrongState) as refusal:
            carry_out_repair(plan, move=[ada.id], actor=cast.as_desk, now=NOW + after)
        assert refusal.value.facts["status"] == "outdated"

    assert places_of(ada)[2] == (("14 08:00", "N1") if possible else ("13 08:00", "N1"))


def test_only_what_the_plan_has_places_for_can_be_named_and_only_once(cast: Cast):
    ada, bea, _carl = three_series(cast)
    plan = plan_of(cast, {ada: {3: ("14 08:00", cast.n1)}})

    for wanted in (
        {"move": [bea.id]},
        {"offer": [uuid4()]},
        {"move": [ada.id], "offer": [ada.id]},
        {},
    ):
        with pytest.raises(Invalid):
            carry_out_repair(plan, actor=cast.as_desk, now=NOW, **wanted)

    assert Repair.objects.get(id=plan.id).version == 1


def test_no_patient_and_nobody_from_another_clinic_carries_out_a_plan(cast: Cast):
    ada, *_ = three_series(cast)
    plan = plan_of(cast, {ada: {3: ("14 08:00", cast.n1)}})

    with pytest.raises((NotAllowed, NotFound)):
        carry_out_repair(plan, move=[ada.id], actor=cast.as_ada, now=NOW)

    assert places_of(ada)[:3] == AS_BOOKED
