import pytest
from datetime import timedelta
from tests.browser.conftest import *
from tests.bookings.scenes import *

def test_shots(at, sits_down):
    from bookings.models import Session
    v = sits_down(at.desk if hasattr(at, "desk") else at.manager)
    day = Session.objects.order_by("start").first()
    q = ""
    if day:
        d = day.start.date(); q = f"?from={d - timedelta(days=3)}&to={d + timedelta(days=20)}"
    for scheme in ("light", "dark"):
        v.page.emulate_media(color_scheme=scheme)
        for name in ("", "starts/", "no-shows/", "gaps/", "messages/"):
            v.page.goto(f"{v.home if hasattr(v,'home') else v.served if hasattr(v,'served') else ''}/desk/{at.clinic.slug}/reports/{name}{q}")
            v.page.screenshot(path=f"/tmp/shots/{name.strip('/') or 'use'}-{scheme}.png")
    print(v.said)
