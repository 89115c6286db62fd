"""Treatments at the desk: written in a form, compared, signed, offered."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from bookings.demo.protocols import PROTOCOLS
from bookings.frontdesk.running.differences import differences
from bookings.frontdesk.running.protocol_form import ProtocolForm
from bookings.models import Protocol, Role, Series
from tests.bookings.scenes import book_ket6
from tests.cast import make_protocol, make_version
from tests.frontdesk.conftest import at_the_desk, said, words
from tests.treatments import BOOSTER, ESKETAMINE, INFLIXIMAB, KET6

pytestmark = pytest.mark.django_db(transaction=True)

DEMO = [rules for rules, _clinics in PROTOCOLS]
TREATMENTS = "/desk/north/clinic/treatments/"


@pytest.fixture
def manager(cast, clock):
    return at_the_desk(cast.manager)


def typed(rules: dict[str, Any], *, version: int | None = 1, **changes: str) -> dict[str, str]:
    """What a browser sends of the form for those rules; `changes` by names of inputs, with __ for dots."""
    form = ProtocolForm.of_rules(rules, is_new=version is None, version=version)
    sent = {"version": str(version)} if version else {}
    for _key, _words, inputs in form.groups():
        sent |= {one.name: one.value for one in inputs if one.value or one.entry.kind != "yes"}
    for name, _words, rows, _errors in form.lists():
        sent[f"{name}.count"] = str(len(rows))
        for row in rows:
            sent |= {one.name: one.value for one in row.inputs if one.value or one.entry.kind != "yes"}
    return sent | {name.replace("__", "."): value for name, value in changes.items()}


def different(**changes: Any) -> dict[str, Any]:
    """KET6 with other values at the top."""
    return {**copy.deepcopy(KET6), **changes}


@pytest.mark.parametrize("rules", [KET6, BOOSTER, ESKETAMINE, INFLIXIMAB, *DEMO], ids=lambda one: one["slug"])
def test_the_form_says_back_what_the_rules_say(rules):
    form = ProtocolForm.of_rules(rules, is_new=False)

    again = form.judge()

    assert form.errors == {}
    assert _plain(again) == _plain(rules)


def test_assessments_and_missed_visits_are_written_in_the_form_and_told_apart(cast, manager):
    change = f"{TREATMENTS}{cast.esketamine.id}/change/"
    asks = typed(
        ESKETAMINE,
        phases__0__assess_after="4, 8",
        phases__0__on_missed__then="restart",
        phases__0__on_missed__after_gap_days="14",
    )

    shown = manager.post(change, asks)
    manager.post(change, {**asks, "confirmed": "yes"})

    assert [(line.label, line.before, line.after) for line in shown.context["lines"] if line.is_changed] == [
        ("induction: After a missed visit", None, "the phase begins anew"),
        ("induction: Only after a gap of more than", None, "14 days"),
        ("induction: A prescriber assesses after visits", None, "4, 8"),
    ]
    induction, maintenance = cast.esketamine.versions.get(version=2).rules["phases"]
    assert induction["assess_after"] == [4, 8]
    assert induction["on_missed"] == {"then": "restart", "after_gap_days": 14}
    assert maintenance == ESKETAMINE["phases"][1]


def test_what_was_not_changed_makes_no_version(cast, manager):
    answer = manager.post(f"{TREATMENTS}{cast.ket6.id}/change/", typed(KET6))

    assert answer.status_code == 400
    assert "Nothing has been changed" in words(answer)
    assert cast.ket6.versions.count() == 1


def test_the_next_version_says_what_it_changes_and_whom_it_leaves_alone(cast, manager):
    book_ket6(cast)
    change = f"{TREATMENTS}{cast.ket6.id}/change/"
    longer = typed(KET6, steps__2__minutes="50", phases__0__spacing__min_gap_minutes="48:00")

    shown = manager.post(change, longer)
    page = words(shown)
    saved = manager.post(change, {**longer, "confirmed": "yes"})

    assert [(line.label, line.before, line.after) for line in shown.context["lines"] if line.is_changed] == [
        ("induction: Shortest gap, start to start", "44:00 h", "48:00 h"),
        ("infusion", "40 min, a shared nurse", "50 min, a shared nurse"),
    ]
    assert "1 series stays under version 1, under which it was booked." in page
    assert "after a prescriber has signed it" in page
    assert said(saved) == ["Version 2 waits for the signature of a prescriber."]
    version = cast.ket6.versions.get(version=2)
    assert version.signed_at is None
    assert version.rules["phases"][0]["spacing"]["min_gap_minutes"] == 48 * 60
    assert Series.objects.get().protocol_version.version == 1


def test_a_prescribers_own_version_is_in_effect_at_once(cast, prescriber):
    longer = typed(KET6, cancel_cutoff_hours="48")

    answer = prescriber.post(f"{TREATMENTS}{cast.ket6.id}/change/", {**longer, "confirmed": "yes"})

    assert said(answer) == ["Version 2 is in effect for what is booked from now on."]
    assert cast.ket6.versions.get(version=2).signed_by == cast.prescriber


@pytest.mark.parametrize(
    ("change", "at"),
    [
        ({"steps__0__minutes": "0"}, "steps.0.minutes"),
        ({"steps__0__minutes": "a while"}, "steps.0.minutes"),
        ({"phases__0__spacing__min_gap_minutes": "44:60"}, "phases.0.spacing.min_gap_minutes"),
        ({"phases__0__spacing__min_gap_minutes": ""}, "phases.0.spacing.min_gap_minutes"),
        ({"phases__0__spacing__rolling_limit__sessions": "3"}, "phases.0.spacing.rolling_limit.days"),
        ({"phases__0__spacing__max_gap_days": "6"}, "phases.0.spacing.max_gap_days"),
        ({"washouts__0__days": ""}, "washouts.0.days"),
        ({"preparation__clear_fluids_hours": "2"}, "preparation.clear_fluids_hours"),
        ({"reminders": "3, soon"}, "reminders"),
        ({"price__amount": "475"}, "price.currency"),
        ({"horizon_days": ""}, "horizon_days"),
        ({"steps__count": "0"}, "steps"),
        ({"spacing_group": "other"}, "spacing_group"),
    ],
    ids=str,
)
def test_a_fault_stands_at_its_input_and_what_was_typed_stays(cast, manager, change, at):
    sent = typed(KET6, name="A name of its own", **change) | {"confirmed": "yes"}

    answer = manager.post(f"{TREATMENTS}{cast.ket6.id}/change/", sent)

    assert (answer.status_code, list(answer.context["form"].errors)) == (400, [at])
    assert 'value="A name of its own"' in answer.content.decode()
    assert cast.ket6.versions.count() == 1


def test_rows_are_added_moved_and_removed_without_losing_what_was_typed(cast, manager):
    change = f"{TREATMENTS}{cast.ket6.id}/change/"

    added = manager.post(change, {**typed(KET6, name="Typed"), "edit": "add.steps"})
    moved = manager.post(change, {**typed(KET6, name="Typed"), "edit": "up.steps.4"})
    gone = manager.post(change, {**typed(KET6, name="Typed"), "edit": "remove.steps.0"})

    assert [_steps(answer) for answer in (added, moved, gone)] == [
        ["check-in", "set-up", "infusion", "recovery", "turnover", ""],
        ["check-in", "set-up", "infusion", "turnover", "recovery"],
        ["set-up", "infusion", "recovery", "turnover"],
    ]
    assert all('value="Typed"' in answer.content.decode() for answer in (added, moved, gone))
    assert {answer.status_code for answer in (added, moved, gone)} == {200}


@pytest.mark.parametrize(
    "order", ["", "add.nothing", "up.steps.0", "up.steps.99", "remove.steps.99", "add.steps.x.y"]
)
def test_a_button_that_is_not_there_does_no_harm(cast, manager, order):
    sent = {**typed(KET6), "edit": order, "phases.count": "999999999999"}

    assert manager.post(f"{TREATMENTS}{cast.ket6.id}/change/", sent).status_code == 200


def test_whoever_was_overtaken_sees_the_difference_and_saves_again(cast, manager):
    change = f"{TREATMENTS}{cast.ket6.id}/change/"
    make_version(cast.ket6, different(lead_time_hours=12), signed_by=cast.prescriber)
    mine = typed(KET6, cancel_cutoff_hours="36")

    late = manager.post(change, {**mine, "confirmed": "yes"})
    again = manager.post(change, {**mine, "version": str(late.context["form"].version), "confirmed": "yes"})

    assert late.status_code == 412
    assert [(line.before, line.after) for line in late.context["lines"]] == [
        ("12 hours", "0 hours"),
        ("24 hours", "36 hours"),
    ]
    assert "Somebody has written version 2 meanwhile." in words(late)
    assert again.status_code == 302
    assert cast.ket6.versions.count() == 3


def test_a_new_treatment_is_offered_where_it_was_written(cast, manager):
    rules = {**different(slug="night-drip", name="Drip by night"), "spacing_group": "night"}

    answer = manager.post(f"{TREATMENTS}new/", typed(rules, version=None))

    made = Protocol.objects.get(slug="night-drip")
    assert answer.status_code == 302
    assert list(made.clinics.all()) == [cast.north]
    assert made.versions.get().signed_at is None


def test_a_name_in_addresses_that_is_taken_is_refused_where_it_stands(cast, manager):
    answer = manager.post(f"{TREATMENTS}new/", typed(different(), version=None))

    assert (answer.status_code, answer.context["form"].errors) == (400, {"slug": ["This is taken already."]})


# --- signing, offering, comparing ---------------------------------------------------------------------------


def test_versions_differ_in_the_words_of_the_form():
    after = different(
        steps=[KET6["steps"][0], *KET6["steps"][2:]], needs_escort=False, chair_features=["bed"], washouts=[]
    )

    changed = [(line.label, line.before, line.after) for line in differences(KET6, after) if line.is_changed]

    assert changed == [
        (
            "Steps of a visit",
            "check-in → set-up → infusion → recovery → turnover",
            "check-in → infusion → recovery → turnover",
        ),
        ("set-up", "15 min, a nurse alone", None),
        ("Washout: every other group", "1 days", None),
        ("Somebody must take the patient home", "yes", "no"),
        ("What the chair must have", None, "bed"),
    ]


@pytest.mark.parametrize("page", ["", "?left=9&right=9", "?left=x&right=", "?left=2&right=1"])
def test_any_two_versions_may_be_asked_for(cast, desk, page):
    make_version(cast.ket6, different(lead_time_hours=12), signed_by=cast.prescriber)

    assert desk.get(f"{TREATMENTS}{cast.ket6.id}/{page}").status_code == 200


def test_the_list_costs_the_same_for_one_treatment_and_for_three(cast, desk, django_assert_num_queries):
    desk.get(TREATMENTS)
    with django_assert_num_queries(7):
        desk.get(TREATMENTS)
    for number in range(3):
        make_protocol(different(slug=f"more-{number}"), cast.north, signed_by=cast.prescriber)
    with django_assert_num_queries(7):
        desk.get(TREATMENTS)


def test_addresses_do_not_say_what_anybody_is_treated_for(cast, desk):
    page = desk.get(TREATMENTS).content.decode()

    assert "ket6" not in page


@pytest.mark.parametrize("role", [Role.FRONT_DESK, Role.NURSE])
def test_who_may_not_write_reads(cast, clock, role):
    somebody = {Role.FRONT_DESK: cast.desk, Role.NURSE: cast.ana}[role]
    answer = at_the_desk(somebody).get(f"{TREATMENTS}{cast.ket6.id}/")

    assert (answer.status_code, answer.context["may_write"]) == (200, False)
    assert "/change/" not in answer.content.decode()


def _steps(answer: Any) -> list[str]:
    return [row.get("name", "") for row in answer.context["form"].rows["steps"]]


def _plain(rules: dict[str, Any]) -> dict[str, Any]:
    """The rules without the slug and without lists that are empty."""
    return {name: value for name, value in rules.items() if name != "slug" and value != []}
