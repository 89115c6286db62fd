"""The pages of plans: what they ask of the database, what they keep out of addresses, and their headers."""

from __future__ import annotations

from datetime import date, timedelta
from html import escape

import pytest
from django.test import Client

from bookings.models import Hold
from bookings.patient.shown import code_of, starts_in
from tests.cast import MONDAYS_AND_THURSDAYS
from tests.patient.booking_steps import hidden, text

STRICT = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
}


def test_three_plans_are_told_apart_in_words(client: Client, practice):
    week = date.today() + timedelta(days=7)  # where a course begins within its week decides its weekdays
    monday = week + timedelta(days=-week.weekday() % 7)
    page = text(client.get(f"{practice.plans()}?begin={monday}"))

    assert len(set(hidden(page, "plan"))) == 3
    assert page.count("done by") >= 3
    assert "Mondays and Thursdays at 8:00 a.m." in page


def test_a_plan_in_an_address_is_the_plan_it_was():
    assert starts_in(code_of(MONDAYS_AND_THURSDAYS)) == MONDAYS_AND_THURSDAYS


@pytest.mark.parametrize("code", ["", "!", "zzzzzzz", "a..b", "A", "." * 5, "1" * 400])
def test_what_is_no_plan_is_none(code):
    assert starts_in(code) == []


def test_a_slug_leads_to_an_address_that_does_not_say_the_treatment(client: Client, practice):
    answer = client.get("/book/harbor/ketamine-iv/?time=morning")

    assert answer.url == f"/book/harbor/{practice.drip.id}/?part=1&time=morning"


@pytest.mark.parametrize(
    "path", ["/book/nowhere/ketamine-iv/", "/book/harbor/nothing/", "/book/harbor/nothing/adjust/"]
)
def test_what_is_not_offered_is_not_here(client: Client, practice, path):
    answer = client.get(path)

    assert answer.status_code == 404
    assert "This page is not here." in text(answer)


@pytest.mark.parametrize(
    "query", ["?on=9", "?begin=tomorrow", "?time=night", "?many=x&part=2", "?part=7", "?lost=x.y"]
)
def test_wishes_that_nobody_can_have_made_do_no_harm(client: Client, practice, query):
    assert client.get(practice.plans() + query).status_code == 200


@pytest.mark.parametrize("visit", [{}, {"visit": "2"}], ids=["all", "one"])
def test_a_plan_whose_times_have_passed_leads_to_new_ones(client: Client, practice, visit):
    query = {"part": "1", "time": "morning", "begin": "2026-04-01", "plan": code_of(MONDAYS_AND_THURSDAYS)}
    answer = client.get(f"/book/harbor/{practice.drip.id}/adjust/", query | visit)

    assert answer.status_code == 410
    assert "These times have passed" in text(answer)
    again = f"/book/harbor/{practice.drip.id}/?part=1&time=morning"
    assert f'<a class="button" href="{escape(again)}">See plans from today</a>' in text(answer)
    assert client.get(again).status_code == 200


def test_a_plan_whose_times_have_passed_cannot_be_kept_and_leads_to_new_ones(client: Client, practice):
    address = f"/book/harbor/{practice.drip.id}/hold/"
    answer = client.post(address, {"plan": code_of(MONDAYS_AND_THURSDAYS)})

    assert answer.status_code == 410
    assert "See plans from today" in text(answer)
    assert not Hold.objects.exists()


def test_who_wanted_a_plan_whose_times_have_passed_is_shown_new_ones(client: Client, practice):
    page = text(client.get(practice.plans(lost=code_of(MONDAYS_AND_THURSDAYS))))

    assert len(set(hidden(page, "plan"))) == 3
    assert "Somebody was quicker" not in page


def test_a_plan_whose_first_visit_has_passed_can_still_be_changed(client: Client, practice):
    ahead = starts_in(hidden(text(client.get(practice.plans())), "plan")[0])
    code = code_of([MONDAYS_AND_THURSDAYS[0], *ahead[1:]])
    for visit in ("1", "2"):
        answer = client.get(f"/book/harbor/{practice.drip.id}/adjust/", {"plan": code, "visit": visit})

        assert answer.status_code == 200


def test_a_phase_that_is_open_asks_how_many(client: Client, practice):
    page = text(client.get(practice.plans(part="2", many="2")))

    assert all(len(starts_in(code)) == 2 for code in hidden(page, "plan"))
    assert 'name="many"' in page


def test_its_questions_to_the_database_are_few_and_fixed(client: Client, practice, django_assert_num_queries):
    page = text(client.get(practice.plans()))
    plan = hidden(page, "plan")[0]

    with django_assert_num_queries(2):
        client.get(practice.plans())
    with django_assert_num_queries(3):
        client.get(f"/book/harbor/{practice.drip.id}/adjust/?plan={plan}&visit=3")


@pytest.mark.parametrize("path", ["/", "plans", "/sign-in/", "/book/nowhere/x/"])
def test_no_cache_keeps_a_page_and_nothing_inline_or_foreign_runs(client: Client, practice, path):
    answer = client.get(practice.plans() if path == "plans" else path)

    assert "no-store" in answer.headers["Cache-Control"]
    assert set(answer.headers["Content-Security-Policy"].split("; ")) == STRICT
    page = text(answer)
    assert " style=" not in page
    assert "<style" not in page
    assert "<script>" not in page
    assert " onclick=" not in page
