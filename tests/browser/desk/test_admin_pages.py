"""The admin in a browser: its theme works under its policy, and axe-core finds no flaw of ours in it."""

from __future__ import annotations

import pytest

from tests.browser.conftest import DESKTOP
from tests.cast import make_patient

pytestmark = pytest.mark.timeout(180)
TELEPHONE = {"width": 360, "height": 780}


@pytest.fixture
def keeper(at):
    """Somebody who may open the admin and change who else may."""
    at.manager.is_staff = at.manager.is_superuser = True
    at.manager.save()
    return at.manager


def test_its_pages_have_no_flaw(at, keeper, sits_down):
    ada = make_patient("Ada", "Quill", number=1)
    at.book(ada, at.at("13:00"))
    desk = sits_down(keeper)
    refused: list[str] = []
    desk.page.on("console", lambda told: refused.append(told.text) if told.type == "error" else None)
    paths = {
        "start": "",
        "visits": "bookings/session/",
        "patients": "bookings/patient/",
        "patient": f"bookings/patient/{ada.id}/change/",
        "staff": f"bookings/staffmember/{at.nurse.id}/change/",
    }
    flaws = {}
    for name, path in paths.items():
        page = desk.go(f"/admin/{path}")
        for size in (TELEPHONE, DESKTOP):
            page.set_viewport_size(size)
            page.wait_for_timeout(300)
            if found := desk.flaws():
                flaws[f"{name} {size['width']}"] = found
            assert page.evaluate("document.documentElement.scrollWidth") == size["width"], name
            desk.picture(f"admin-{name}-{size['width']}")

    assert flaws == {}
    assert (desk.said, refused) == ([], [])
