"""Tokens for programs: what each opens, where, for how long, and in whose name."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from bookings.api.endpoint import Endpoint
from bookings.api.permissions import scope_needed
from bookings.commands.signing_in import sign_in_staff
from bookings.commands.staff import add_program, change_staff
from bookings.commands.tokens import LONGEST_DAYS, make_token, revoke_token
from bookings.errors import Invalid, NotAllowed, WrongCredentials, WrongState
from bookings.models import AccessToken, JournalEntry, Role, Scope, StaffMember
from tests.access.routes import routes
from tests.api.conftest import Caller, Clock
from tests.api.refusing import refusal
from tests.cast import NOW, Cast

READS, BOOKS, MANAGES = ("GET", "patients/"), ("POST", "patients/"), ("POST", "staff/")
ADA = {"first_name": "Ada", "last_name": "Quill"}


@pytest.fixture
def program(cast: Cast) -> StaffMember:
    """A program of both clinics, for managers' work."""
    return add_program(
        "Phone tree", role=Role.MANAGER, clinics=[cast.north, cast.west], actor=cast.as_manager, now=NOW
    )


def token(cast: Cast, member: StaffMember, scope: Scope, **changes) -> tuple[AccessToken, Caller]:
    asked = {"name": "calls", "clinics": [cast.north], "days": 30, "actor": cast.as_manager, "now": NOW}
    made, plain = make_token(member, scope=scope, **(asked | changes))
    return made, Caller(plain)


@pytest.mark.parametrize(
    ("scope", "opened"),
    [(Scope.READ, {READS}), (Scope.BOOK, {READS, BOOKS}), (Scope.MANAGE, {READS, BOOKS, MANAGES})],
)
def test_each_scope_opens_what_it_says_and_those_before_it(cast, clock, program, scope, opened):
    _made, caller = token(cast, program, scope)

    answers = {
        (method, path): getattr(caller, method.lower())(path) for method, path in (READS, BOOKS, MANAGES)
    }

    assert {asked for asked, answer in answers.items() if answer.status_code != 403} == opened
    for asked in answers.keys() - opened:
        assert (
            refusal(answers[asked], 403, "forbidden")["detail"] == "This token was made for less than this."
        )


def test_what_a_program_does_is_written_down_in_its_name(cast, clock, program):
    _made, caller = token(cast, program, Scope.BOOK)

    assert caller.post("patients/", ADA).status_code == 201

    row = JournalEntry.objects.get(verb="patient_added")
    assert (row.actor_kind, row.actor_id) == ("staff", program.id)
    assert caller.get("me/").json()["first_name"] == "Phone tree"


def test_a_token_opens_its_clinics_alone(cast, clock, program):
    _made, caller = token(cast, program, Scope.READ)

    assert caller.get("clinics/north/day/", date="2026-04-01").status_code == 200
    refusal(caller.get("clinics/west/day/", date="2026-04-01"), 404, "not-found")


def test_a_clinic_that_its_owner_left_is_shut_to_it(cast, clock, program):
    _made, caller = token(cast, program, Scope.READ)
    program.clinics.set([cast.west])

    refusal(caller.get("clinics/north/day/", date="2026-04-01"), 404, "not-found")


def test_it_ends_at_its_hour(cast, clock: Clock, program):
    _made, caller = token(cast, program, Scope.READ, days=1)

    clock.forward(hours=23, minutes=59)
    assert caller.get("me/").status_code == 200
    clock.forward(minutes=1)
    assert caller.get("me/").status_code == 401


def test_and_at_once_when_it_is_revoked_which_happens_once(cast, clock, program):
    made, caller = token(cast, program, Scope.READ)

    revoke_token(made, actor=cast.as_manager, now=NOW)

    assert caller.get("me/").status_code == 401
    with pytest.raises(WrongState):
        revoke_token(made, actor=cast.as_manager, now=NOW)
    assert JournalEntry.objects.get(verb="token_revoked").after["token"] == str(made.id)


def test_the_table_keeps_no_more_than_a_digest(cast, clock, program):
    _made, plain = make_token(
        program, name="x", scope=Scope.READ, clinics=[cast.north], days=1, actor=cast.as_manager, now=NOW
    )

    (row,) = AccessToken.objects.values()
    assert plain not in str(row)
    assert plain not in str(JournalEntry.objects.values_list("after"))


def test_nobody_makes_a_token_in_another_persons_name(cast):
    for actor in (cast.as_manager, cast.as_desk):
        with pytest.raises(NotAllowed):
            token(cast, cast.prescriber, Scope.READ, actor=actor)


def test_nor_does_anybody_but_a_manager_make_one_for_a_program(cast, program):
    with pytest.raises(NotAllowed):
        token(cast, program, Scope.READ, actor=cast.as_desk)


def test_whose_own_token_it_is_ends_it(cast):
    made, _caller = token(cast, cast.desk, Scope.READ, actor=cast.as_desk)

    with pytest.raises(NotAllowed):
        revoke_token(made, actor=cast.as_nurse, now=NOW)
    revoke_token(made, actor=cast.as_desk, now=NOW)


def test_ones_own_token_does_no_more_than_ones_role(cast, clock):
    _made, caller = token(cast, cast.desk, Scope.MANAGE, actor=cast.as_desk)

    assert refusal(caller.post("staff/"), 403, "forbidden")["detail"] == "Your role may not do this."


@pytest.mark.parametrize("days", [0, LONGEST_DAYS + 1])
def test_none_lives_longer_than_a_year(cast, program, days):
    with pytest.raises(Invalid):
        token(cast, program, Scope.READ, days=days)
    assert token(cast, program, Scope.READ, days=LONGEST_DAYS)[0].expires_at == NOW + timedelta(days=365)


def test_nor_for_a_clinic_at_which_not_both_work(cast, program):
    program.clinics.set([cast.north])
    for clinics in ([cast.west], [cast.north, cast.west], []):
        with pytest.raises(Invalid):
            token(cast, program, Scope.READ, clinics=clinics)


def test_a_program_has_no_password_by_which_to_come_in(cast, program):
    with pytest.raises(Invalid):
        change_staff(program, changes={}, password="a long and private one", actor=cast.as_manager, now=NOW)
    with pytest.raises(WrongCredentials):
        sign_in_staff(program.email, password="", now=NOW)


def test_not_even_by_raw_sql(cast, program):
    program.set_password("a long and private one")

    with pytest.raises(IntegrityError, match="service_is_no_person"), transaction.atomic():
        program.save()


@pytest.mark.parametrize("role", [Role.NURSE, Role.PRESCRIBER])
def test_a_program_is_no_nurse_and_no_prescriber(cast, program, role):
    with pytest.raises(Invalid):
        add_program("Doctor", role=role, clinics=[], actor=cast.as_manager, now=NOW)
    with pytest.raises(Invalid):
        change_staff(program, changes={"role": role}, actor=cast.as_manager, now=NOW)


def test_a_program_that_is_switched_off_is_out_at_once(cast, clock, program):
    _made, caller = token(cast, program, Scope.READ)

    change_staff(program, changes={"is_active": False}, actor=cast.as_manager, now=NOW)

    assert caller.get("me/").status_code == 401


def test_no_program_touches_how_its_owner_signs_in(cast, clock):
    _made, caller = token(cast, cast.manager, Scope.MANAGE)

    for path in ("me/second-factor/", "me/second-factor/drop/", "me/second-factor/recovery-codes/"):
        refusal(caller.post(path), 403, "forbidden")


def test_no_change_is_open_to_a_token_for_reading():
    """Of all endpoints there are, only asking for plans, which writes nothing, and the end of itself."""
    open_to_readers = {
        (method, route.path.removeprefix("api/v1/"))
        for route in routes("api/v1/")
        if isinstance(route.view, type) and issubclass(route.view, Endpoint)
        for method in route.view.roles
        if method != "GET" and scope_needed(route.view, method) == Scope.READ
    }

    assert open_to_readers == {("POST", "plans/"), ("DELETE", "tokens/current/")}
