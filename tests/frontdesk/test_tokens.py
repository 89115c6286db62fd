"""Programs and their tokens at the desk: who makes them for whom, and that each is shown once."""

from __future__ import annotations

import pytest

from bookings.commands.staff import add_program
from bookings.commands.tokens import make_token
from bookings.models import AccessToken, Role, Scope, StaffMember
from tests.api.conftest import Caller
from tests.cast import NOW
from tests.frontdesk.conftest import at_the_desk, words

pytestmark = pytest.mark.django_db(transaction=True)

STAFF = "/desk/north/clinic/staff/"
ASKED = {"name": "calls", "scope": "read", "clinics": ["north"], "days": "7"}


@pytest.fixture
def manager(cast, clock):
    return at_the_desk(cast.manager)


@pytest.fixture
def program(cast) -> StaffMember:
    return add_program("Phone tree", role=Role.MANAGER, clinics=[cast.north], actor=cast.as_manager, now=NOW)


def page(member: StaffMember) -> str:
    return f"{STAFF}{member.id}/tokens/"


def test_a_manager_adds_a_program_and_is_led_to_its_tokens(cast, manager):
    answer = manager.post(
        f"{STAFF}programs/new/", {"name": "Phone tree", "role": "front_desk", "clinics": ["north"]}
    )

    made = StaffMember.objects.get(is_service=True)
    assert (answer.status_code, answer.headers["Location"]) == (302, page(made))
    assert (str(made), made.role, list(made.clinics.all())) == ("Phone tree", "front_desk", [cast.north])
    assert "Phone tree program" in words(manager.get(STAFF))


def test_a_token_is_shown_once_and_opens_what_was_ticked(cast, manager, program):
    answer = manager.post(page(program), ASKED)

    plain = answer.context["plain"]
    assert plain in answer.content.decode()
    assert Caller(plain).get("patients/").status_code == 200
    assert Caller(plain).post("patients/").status_code == 403
    listed = manager.get(page(program))
    assert "calls Read North 1 Apr 2026, Max Gray 8 Apr 2026" in words(listed)
    assert plain not in listed.content.decode()


def test_ended_at_the_desk_it_is_dead(cast, manager, program):
    plain = manager.post(page(program), ASKED).context["plain"]
    token = AccessToken.objects.get()

    assert manager.post(f"{page(program)}{token.id}/end/").status_code == 302

    assert Caller(plain).get("patients/").status_code == 401
    assert "ended 1 Apr 2026" in words(manager.get(page(program)))


def test_everybody_makes_their_own_and_nobody_anothers(cast, clock, manager):
    desk = at_the_desk(cast.desk)

    assert desk.post(page(cast.desk), ASKED).context["token"].staff == cast.desk
    assert desk.get(page(cast.ana)).status_code == 404
    assert manager.get(page(cast.desk)).status_code == 200
    refused = manager.post(page(cast.desk), ASKED)
    assert "A token in a person’s name is made by themselves." in words(refused)
    assert AccessToken.objects.count() == 1


def test_a_manager_ends_a_token_of_somebody_else(cast, manager):
    token, _plain = make_token(
        cast.desk, name="x", scope=Scope.READ, clinics=[cast.north], days=1, actor=cast.as_desk, now=NOW
    )

    assert manager.post(f"{page(cast.desk)}{token.id}/end/").status_code == 302
    token.refresh_from_db()
    assert token.revoked_at == NOW


def test_a_program_is_changed_without_what_only_people_have(cast, manager, program):
    shown = manager.get(f"{STAFF}{program.id}/")
    fields = set(shown.context["form"].fields)
    typed = {"first_name": "Answering", "role": "front_desk", "clinics": ["north"], "version": "1"}

    assert not fields & {"email", "last_name", "password"}
    assert manager.post(f"{STAFF}{program.id}/", typed).status_code == 302
    program.refresh_from_db()
    assert (program.first_name, program.is_active) == ("Answering", False)
