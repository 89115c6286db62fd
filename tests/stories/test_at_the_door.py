"""What a clinic would try over HTTP: a course booked once, a chair for one of two, a hold that ends by
itself, a second treatment, and a visit dragged too close.
"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import connection

from bookings.models import Claim, Hold, IdempotencyKey, JournalEntry, Role, Series, Session
from bookings.proof import prove
from notifications.commands.react import react
from notifications.models import Message
from tests.api.conftest import Caller, caller_for
from tests.api.refusing import booster, facts, ket6, refusal, starts
from tests.bookings.scenes import book_ket6, book_one, starts_of
from tests.cast import (
    MONDAYS_AND_THURSDAYS,
    NOW,
    make_cast,
    make_patient,
    make_staff,
    make_version,
    new_york,
    phoenix,
)
from tests.threads import at_once

SIX = MONDAYS_AND_THURSDAYS


@pytest.fixture
def cast(transactional_db, clock):
    """The cast in a database in which every transaction is a real one."""
    return make_cast()


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def rows() -> dict[str, int]:
    tables = (Series, Session, Claim, Hold, JournalEntry, Message)
    return {table.__name__: table.objects.count() for table in tables}


# Six visits on Mondays and Thursdays


def test_a_course_is_booked_in_one_transaction_and_told_once(cast):
    ada = caller_for(cast.ada)

    booked = ada.post("series/", ket6(*SIX), Idempotency_Key="mondays and thursdays")
    react(now=NOW)

    assert booked.status_code == 201
    visits = booked.json()["sessions"]
    assert [f"{utc(one['start']):%m-%d %H:%M}" for one in visits] == [
        f"04-{day} 14:00" for day in ("06", "09", "13", "16", "20", "23")
    ]
    assert {(f"{utc(one['end']):%H:%M}", f"{utc(one['chair_until']):%H:%M}") for one in visits} == {
        ("16:10", "16:30")
    }
    assert (utc(visits[5]["start"]).date() - utc(visits[0]["start"]).date()).days == 17
    assert transactions() == 1
    written = {"Series": 1, "Session": 6, "Claim": 6, "Hold": 0, "JournalEntry": 1, "Message": 13}
    assert rows() == written
    kinds = Message.objects.order_by("kind").values_list("kind", flat=True)
    assert list(kinds) == ["confirmation"] + ["reminder"] * 12
    planned = Message.objects.filter(kind="reminder").values_list("session__number", "days_before")
    assert sorted(planned) == [(number, days) for number in range(1, 7) for days in (1, 3)]

    again = ada.post("series/", ket6(*SIX), Idempotency_Key="mondays and thursdays")
    react(now=NOW)

    assert (again.status_code, again.json()) == (201, booked.json())
    assert again["Idempotent-Replayed"] == "true"
    assert rows() == written


def transactions() -> int:
    """How many transactions wrote the rows of the diary and its journal, as PostgreSQL knows."""
    tables = ("bookings_series", "bookings_session", "bookings_claim", "bookings_journalentry")
    with connection.cursor() as cursor:
        cursor.execute(" UNION ".join(f"SELECT xmin::text FROM {table}" for table in tables))
        return len(cursor.fetchall())


# Two desks, one chair


def test_the_last_chair_goes_to_one_desk_and_the_other_hears_of_three_others(cast):
    """Ada's and Bea's desks ask at the same moment; two of the three chairs are taken by then."""
    at = new_york("2026-04-14 13:00")
    book_one(cast, new_york("2026-04-14 11:15"), patient=cast.carl)
    book_one(cast, new_york("2026-04-14 12:00"), patient=make_patient("Dora", "Ule", number=4))
    second = make_staff("door@north.example", "Don", "Ito", Role.FRONT_DESK, cast.north)
    desks = [(caller_for(cast.desk), cast.ada), (caller_for(second), cast.bea)]

    def ask(desk: Caller, patient):
        return lambda: desk.post(
            "series/", booster(at, patient=str(patient.id)), Idempotency_Key=f"for {patient.id}"
        )

    answers = at_once([ask(desk, patient) for desk, patient in desks])

    assert sorted(one.status_code for one in answers) == [201, 409]
    (lost,) = [one for one in answers if one.status_code == 409]
    problem = refusal(lost, 409, "taken")
    assert problem["sessions"] == [{"number": 1, "start": "2026-04-14T13:00:00-04:00"}]
    assert {one["rule"] for one in problem["violations"]} == {"chair", "nursing"}
    alternatives = [plan["sessions"] for plan in problem["alternatives"]]
    assert [one["start"] for (one,) in alternatives] == [  # the first chair is free again at 13:45
        f"2026-04-14T{clock}:00-04:00" for clock in ("13:45", "14:00", "14:15")
    ]
    (active,) = Session.objects.filter(start=at)
    assert (active.status, active.chair_id) == ("booked", Claim.objects.get(start=at).chair_id)
    # Both attempts are known: what was asked, by whom, and how it was answered.
    assert sorted(IdempotencyKey.objects.values_list("status", flat=True)) == [201, 409]
    assert IdempotencyKey.objects.values("caller").distinct().count() == 2
    assert [row.actor_id for row in JournalEntry.objects.filter(session=None, patient=active.patient)] == [
        cast.desk.id if active.patient == cast.ada else second.id
    ]
    assert prove(now=NOW) == []


# A hold of ten minutes


def test_a_hold_is_over_when_its_time_is_over_though_no_worker_runs(cast, clock):
    """At WEST, whose one nurse sets up one patient at a time. No worker is there to sweep anything."""
    clock.set(new_york("2026-04-01 10:00"))
    at = phoenix("2026-04-06 10:00")
    place = {"clinic": "west", "protocol": "booster"}
    held = Caller().post("holds/", {**place, "sessions": starts(at)}).json()
    ada, bea = caller_for(cast.ada), caller_for(cast.bea)

    clock.forward(minutes=9, seconds=59)
    refusal(bea.post("series/", {**place, "sessions": starts(at)}), 409, "taken")
    clock.forward(seconds=1)
    taken = bea.post("series/", {**place, "sessions": starts(at)})
    clock.forward(seconds=1)
    late = ada.post("series/", {**place, "hold": held["id"]})

    assert held["expires_at"] == "2026-04-01T07:10:00-07:00"
    assert taken.status_code == 201
    assert refusal(late, 409, "hold-expired")["code"] == "hold-expired"
    assert [one.patient for one in Session.objects.all()] == [cast.bea]
    assert Claim.objects.count() == 1


# Two treatments on one day


def test_two_treatments_are_neither_at_one_time_nor_on_one_day(cast, clock):
    book_ket6(cast)
    rules = cast.infliximab.versions.get().rules
    washouts = [{"spacing_group": "ketamine", "days": 1}]
    make_version(cast.infliximab, {**rules, "washouts": washouts}, signed_by=cast.prescriber)
    ada, desk, prescriber = caller_for(cast.ada), caller_for(cast.desk), caller_for(cast.prescriber)

    def ask(caller, at, **more):
        body = {"clinic": "north", "protocol": "infliximab", "sessions": starts(new_york(at)), **more}
        return caller.post("series/", body)

    overlap = refusal(ask(ada, "2026-04-06 11:00"), 409, "taken")
    assert overlap["violations"][0]["rule"] == "patient_overlap"
    same_day = refusal(ask(ada, "2026-04-06 13:00"), 422, "spacing")
    assert [one["rule"] for one in same_day["violations"]] == ["washout"]

    far = {"patient": str(cast.ada.id), "override": {"reason": "comes from far away"}}
    assert refusal(ask(desk, "2026-04-06 13:00", **far), 422, "spacing")["override"]["needs"] == "prescriber"
    allowed = ask(prescriber, "2026-04-06 13:00", **far)
    assert allowed.status_code == 201
    (override,) = allowed.json()["sessions"][0]["overrides"]
    assert (override["rule"], override["reason"]) == ("washout", "comes from far away")

    desk.post(f"series/{allowed.json()['id']}/cancel/")
    assert ask(ada, "2026-04-07 11:00").status_code == 201


# Dragged too close


def test_a_session_that_is_dragged_too_close_stays_where_it_is(cast):
    series = book_ket6(cast)
    second, tuesday = series.sessions.get(number=2), new_york("2026-04-07 10:00")
    body = {"start": tuesday.isoformat()}
    hurry = {**body, "override": {"reason": "hurry"}}

    problem = refusal(caller_for(cast.ada).post(f"sessions/{second.id}/move/", body), 422, "spacing")
    assert facts(problem) == {"violations"}
    assert "earliest Wed 8 April" in problem["detail"]
    nurses = refusal(caller_for(cast.ana).post(f"sessions/{second.id}/move/", hurry), 422, "spacing")
    assert "earliest Wed 8 April" in nurses["detail"]
    assert nurses["override"] == {"needs": "prescriber", "rules": ["min_gap"]}
    assert starts_of(series) == SIX

    travels = {**body, "override": {"reason": "travels"}}
    moved = caller_for(cast.prescriber).post(f"sessions/{second.id}/move/", travels)

    assert moved.status_code == 200
    assert [(one["rule"], one["reason"]) for one in moved.json()["overrides"]] == [("min_gap", "travels")]
    assert starts_of(series) == [SIX[0], tuesday, *SIX[2:]]


# A visit must end before the clinic closes


def test_esketamine_is_offered_until_half_past_two(cast):
    """15 minutes of check-in, 10 of dosing, 120 of watching: 145, and the clinic closes at 17:00."""
    query = {"clinic": "north", "protocol": "esketamine", "phase": "maintenance"}

    days = Caller().get("openings/", **query, **{"from": "2026-04-10", "to": "2026-04-10"}).json()["days"]

    assert [one["start"][11:16] for one in days[0]["openings"]][-1] == "14:30"
    at_three = {**query, "sessions": starts(new_york("2026-04-10 15:00"))}
    problem = refusal(caller_for(cast.ada).post("series/", at_three), 422, "not-offered")
    assert [one["rule"] for one in problem["violations"]] == ["closed", "nursing"]  # one nurse goes at 16:30
