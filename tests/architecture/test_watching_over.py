"""Alerts and the dashboard ask for figures that there are, and the alerts ring when they should."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from django.utils import timezone

from bookings.commands.pulse import take_tick

CHECKOUT = Path(__file__).resolve().parents[2]
RULES = {
    rule["alert"]: rule
    for group in yaml.safe_load((CHECKOUT / "ops" / "alerts.yml").read_text())["groups"]
    for rule in group["rules"]
}
PANELS = json.loads((CHECKOUT / "ops" / "dashboard.json").read_text())["panels"]
_OURS = re.compile(r"\b(?:cadence|diary|http)_\w+")


def asked_for() -> set[str]:
    questions = [rule["expr"] for rule in RULES.values()]
    questions += [target["expr"] for panel in PANELS for target in panel["targets"]]
    return {name for question in questions for name in _OURS.findall(question)}


def told(client) -> str:
    client.get("/healthz")
    return client.get("/metrics").content.decode()


@pytest.mark.django_db
def test_every_figure_that_is_asked_for_is_there(client):
    now = timezone.now()
    take_tick(sent_at=now, now=now)
    names = set(re.findall(r"^# TYPE (\w+) ", told(client), re.MULTILINE))
    names |= {f"{name}_bucket" for name in names}
    assert asked_for() - names == set()


def test_every_figure_is_explained_and_each_alert_says_what_to_do():
    page = (CHECKOUT / "docs" / "operations.md").read_text()
    plain = {name.removesuffix("_bucket") for name in asked_for()}
    assert {name for name in plain if f"`{name}`" not in page} == set()
    assert [name for name, rule in RULES.items() if not rule["annotations"].get("action")] == []
    assert {rule["labels"]["severity"] for rule in RULES.values()} == {"page", "ticket"}


@pytest.mark.django_db
@pytest.mark.parametrize(("silent", "rings"), [(299, False), (301, True)])
def test_the_alert_about_workers_rings_after_five_minutes(client, silent, rings):
    name, bound = re.fullmatch(r"(\w+) > (\d+)", RULES["CadenceWorkersSilent"]["expr"]).groups()
    at = timezone.now() - timedelta(seconds=silent)
    take_tick(sent_at=at, now=at)
    (value,) = re.findall(rf"^{name} (\S+)$", told(client), re.MULTILINE)
    assert (float(value) > float(bound)) == rings


def test_panels_stand_beside_one_another():
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in PANELS]
    assert len(set(places)) == len(PANELS) == 10
