"""A small simulation: the same luck twice, nothing broken, and switches that switch."""

from __future__ import annotations

import json
from argparse import ArgumentTypeError
from dataclasses import replace
from datetime import timedelta
from functools import cache
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from bookings.models import Clinic, JournalEntry, Offer, Patient, StartTemplate, Task, WaitingEntry
from bookings.simulation.premises import SLUG, NotEmpty, empty
from bookings.simulation.world import World
from notifications.management.commands.simulate import _setting, run
from notifications.simulation import Mute, Untold
from tests import database
from tests.cast import make_patient

pytestmark = pytest.mark.timeout(300)  # on a machine that does other things as well

#: Two weeks of a clinic with two chairs, to which many come, and in which much goes wrong.
SMALL = World(
    seed=7,
    weeks=2,
    warm_up_weeks=0,
    chairs=2,
    new_patients=8,
    soon=timedelta(days=1),
    joins_list=1,
    missed=0.15,
    cancelled=0.25,
    unaided=0,
    willing=1,
    answers_message=1,
    accepts_offer=1,
    levels_after_weeks=1,
    closed_days_per_year=26,
    sick_days_per_nurse=26,
)


#: The same before its manager levels anything, which is what takes longest.
PLAIN = replace(SMALL, levels_after_weeks=SMALL.weeks)


def live(arm, messages=None, *, world=SMALL):
    database.empty()
    return run(world, arm, messages=messages or Untold(), on_week=lambda _week, _done: None)


@cache
def _everything():
    return live("everything"), _verbs()


@cache
def _everything_plain():
    return live("everything", Mute(), world=PLAIN), _verbs()


def _verbs():
    return frozenset(JournalEntry.objects.values_list("verb", flat=True))


@pytest.fixture
def lived_plainly(transactional_db):
    """What came of the plain world with everything on that is in it and no messages, likewise."""
    return _everything_plain()


@pytest.fixture
def lived(transactional_db):
    """What came of the small world with everything on, and the verbs in its journal. Lived once."""
    return _everything()


def test_no_rule_is_broken_though_much_goes_wrong(lived_plainly):
    found, verbs = lived_plainly
    assert found["broken rules"] == 0
    assert {
        "session_no_show",
        "session_cancelled",
        "session_moved",
        "closure_added",
        "shift_removed",
    } <= verbs
    assert found["visits"] >= 10


@pytest.mark.race
def test_everything_that_is_switched_on_happens(lived):
    found, verbs = lived
    assert found["broken rules"] == 0
    assert {"task_opened", "moves_proposed", "proposal_accepted", "waiting_joined", "offer_made"} <= verbs
    assert sum(found["messages"]["reminder by email"].values()) > found["visits"]
    assert found["messages"]["reminder by text"]["sent"] > 0


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_the_same_luck_makes_the_same_year(lived):
    assert live("everything") == lived[0]


@pytest.mark.django_db(transaction=True)
def test_without_the_watch_nobody_is_told_what_is_missing(lived_plainly):
    found = live("no-watch", Mute(), world=PLAIN)
    watched = {"incomplete", "not_arrived", "soft_gap", "hard_gap", "phase_finished", "no_longer_fits"}
    assert watched & found["tasks"].keys() == set()
    assert {"incomplete", "not_arrived"} <= lived_plainly[0]["tasks"].keys()
    assert found["broken rules"] == 0
    assert found["asked"] == lived_plainly[0]["asked"]


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_without_the_waiting_list_nobody_is_offered_anything(lived):
    found = live("no-waiting-list", Mute())
    assert (found["offers"], WaitingEntry.objects.count(), Offer.objects.count()) == ({}, 0, 0)
    assert lived[0]["offers"]
    assert found["broken rules"] == 0
    assert Task.objects.filter(kind="incomplete").exists()


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_without_levelling_no_template_is_in_force(lived):
    live("no-levelling", Mute())
    assert StartTemplate.objects.count() == 0
    assert "template_in_force" in lived[1]


@pytest.mark.django_db(transaction=True)
def test_a_database_with_people_in_it_is_refused_and_kept():
    ada = make_patient("Ada", "Quill", number=1)
    with pytest.raises(NotEmpty, match="There are people in this database"):
        run(SMALL, "everything", messages=Untold(), on_week=lambda _week, _done: None)
    assert list(Patient.objects.all()) == [ada]
    assert JournalEntry.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_only_a_simulations_own_database_is_emptied(lived_plainly):
    Clinic.objects.create(slug="elsewhere", name="Elsewhere", time_zone="America/Chicago")
    with pytest.raises(NotEmpty, match="not the simulation's"):
        empty()
    assert Clinic.objects.get().slug == "elsewhere" != SLUG


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_the_command_lives_beside_what_is_there_and_keeps_each_run(tmp_path):
    ada = make_patient("Ada", "Quill", number=1)
    configured = connection.settings_dict["NAME"]
    said, steps = StringIO(), StringIO()
    options = {"weeks": 1, "seeds": [1, 2], "arms": ["everything", "no-watch"], "folder": tmp_path}
    call_command("simulate", stdout=said, stderr=steps, **options)
    assert list(Patient.objects.all()) == [ada]
    assert connection.settings_dict["NAME"] == configured
    kept = sorted(file.name for file in tmp_path.glob("*.json"))
    assert kept == [f"{arm}-1-weeks-{seed}.json" for arm in ("everything", "no-watch") for seed in (1, 2)]
    assert json.loads((tmp_path / kept[0]).read_text())["found"]["broken rules"] == 0
    assert "chair time used" in said.getvalue()
    assert len((tmp_path / "runs.csv").read_text().splitlines()) == 5
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_database WHERE datname LIKE '%%_simulation_%%'")
        assert cursor.fetchone() == (0,)

    again = StringIO()
    call_command("simulate", stdout=again, stderr=StringIO(), **options)
    assert again.getvalue() == said.getvalue()


def test_a_run_is_at_least_a_week_long(tmp_path):
    with pytest.raises(CommandError, match="at least a week"):
        call_command("simulate", weeks=0, folder=tmp_path)


def test_only_numbers_of_the_world_can_be_others():
    assert _setting("unaided=0.27") == ("unaided", 0.27)
    for wrong in ("patients=3", "chairs=4.5", "seed=1"):
        with pytest.raises(ArgumentTypeError, match="the world has no number"):
            _setting(wrong)
