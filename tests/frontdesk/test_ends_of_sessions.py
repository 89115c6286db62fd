"""When the session of somebody at the desk ends: after a quarter of an hour alone, after twelve anyway."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from bookings.models import StaffMember
from tests.frontdesk.conftest import at_the_desk
from tests.frontdesk.test_recovery_codes import PASSWORD

pytestmark = pytest.mark.django_db(transaction=True)

DAY = "/desk/north/day/"


@pytest.fixture
def owner(cast, clock) -> Client:
    """A manager who may open the admin, at work since now."""
    StaffMember.objects.filter(id=cast.manager.id).update(is_staff=True, is_superuser=True)
    cast.manager.refresh_from_db()
    client = at_the_desk(cast.manager)
    assert client.get(DAY).status_code == 200
    return client


def works(client: Client, clock, *, until: timedelta) -> None:
    """Opens a page every ten minutes for so long."""
    end = clock.now + until
    while clock.now + timedelta(minutes=10) < end:
        clock.forward(minutes=10)
        assert client.get(DAY).status_code == 200
    clock.set(end)


def test_after_twelve_hours_however_busy(owner, clock):
    works(owner, clock, until=timedelta(hours=12))
    assert owner.get(DAY).status_code == 200

    clock.forward(seconds=1)

    assert owner.get(DAY).headers["Location"].startswith("/desk/login/")


@pytest.mark.parametrize("page", ["/admin/", "/desk/outbox/", DAY])
def test_no_page_of_staff_outlives_a_quarter_of_an_hour_alone(owner, clock, page):
    clock.forward(minutes=15, seconds=1)

    led_to = owner.get(page).headers["Location"].partition("?")[0]

    assert led_to in ("/desk/login/", "/admin/login/")  # which leads on to the first
    assert owner.get(DAY).status_code == 302


@pytest.mark.parametrize("page", ["/admin/", DAY])
def test_and_each_keeps_it_awake(owner, clock, page):
    for _ in range(3):
        clock.forward(minutes=14)
        assert owner.get(page).status_code == 200


def test_a_live_stream_keeps_nothing_awake(owner, clock):
    """It hears by a ticket in its address and no cookie reaches it; what the page asks for by itself is
    marked.
    """
    ticket = owner.get(DAY).context["desk"].live_url
    assert "ticket=" in ticket
    for _ in range(15):
        clock.forward(minutes=1)
        owner.get("/desk/north/alive/", headers={"X-By-Itself": "1", "HX-Request": "true"})

    clock.forward(seconds=1)

    assert owner.get(DAY).status_code == 302


def test_a_screen_on_the_wall_opens_neither_the_admin_nor_the_outbox(owner):
    owner.post("/desk/north/rooms/hang-up/")

    assert owner.get("/desk/north/rooms/").status_code == 200
    assert owner.get("/desk/outbox/").status_code == 302
    assert owner.get("/admin/").status_code in (302, 403)


def test_wrong_passwords_end_at_the_bound_and_come_back_after_the_window(cast, clock, settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "wrong passwords of an account": (3, 900)}
    browser = Client()

    def comes_in(password: str, email: str = cast.desk.email) -> bool:
        given = {"username": email, "password": password}
        return browser.post("/desk/login/", given).status_code == 302

    assert [comes_in("wrong") for _ in range(3)] == [False] * 3
    assert (comes_in(PASSWORD), comes_in(PASSWORD, cast.manager.email)) == (False, True)
    clock.forward(seconds=900)
    assert comes_in(PASSWORD)


def test_two_wrong_ones_of_three_lock_nobody_out(cast, clock, settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "wrong passwords of an account": (3, 900)}
    browser = Client()
    given = {"username": cast.desk.email, "password": "wrong"}

    assert [browser.post("/desk/login/", given).status_code for _ in range(2)] == [200, 200]
    assert browser.post("/desk/login/", {**given, "password": PASSWORD}).status_code == 302


def test_one_address_is_one_person_however_it_is_written(cast):
    twin = StaffMember(email="Desk@North.EXAMPLE", first_name="D", last_name="A", role="nurse")

    with pytest.raises(Exception, match="staff_email_once"):
        twin.save()
