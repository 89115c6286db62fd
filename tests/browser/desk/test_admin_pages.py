"""The admin in a browser: its theme works under its policy, and axe-core finds no flaw of ours in it."""

from __future__ import annotations

import pytest

from tests.cast import make_patient

pytestmark = pytest.mark.timeout(180)
TELEPHONE = {"width": 360, "height": 780}
#: Of the theme's own frame, which has no `main`: good practice, asked for by no criterion of WCAG.
THE_THEMES = {"landmark-one-main", "landmark-unique", "region"}


@pytest.fixture
def keeper(at):
    """Somebody who may open the admin and change who else may."""
    at.manager.is_staff = at.manager.is_superuser = True
    at.manager.save()
    return at.manager


@pytest.mark.parametrize("size", [TELEPHONE, {"width": 1440, "height": 900}], ids=["telephone", "desk"])
def test_its_pages_have_no_flaw(at, keeper, sits_down, size):
    ada = make_patient("Ada", "Quill", number=1)
    at.book(ada, at.at("13:00"))
    desk = sits_down(keeper, size=size)
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
        page.wait_for_timeout(300)
        if found := [flaw for flaw in desk.flaws() if flaw.split()[1].rstrip(":") not in THE_THEMES]:
            flaws[name] = found
        assert page.evaluate("document.documentElement.scrollWidth") == size["width"], name
        desk.picture(f"admin-{name}-{size['width']}")

    assert flaws == {}
    assert (desk.said, refused) == ([], [])
