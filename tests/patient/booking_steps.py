"""The steps of the booking pages, as a browser without JavaScript sends them."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from django.test import Client

ADA = "ada@mail.example"
TYPED = {
    "first_name": "Ada",
    "last_name": "Quill",
    "birth_date_month": "1",
    "birth_date_day": "2",
    "birth_date_year": "1980",
    "contact": ADA,
    "agree": "on",
    "remind": "on",
    "time_zone": "America/New_York",
}


def hidden(page: str, name: str) -> list[str]:
    """The values of the hidden fields of that name, in order."""
    return [unescape(found) for found in re.findall(rf'name="{name}" value="([^"]*)"', page)]


def actions(page: str) -> list[str]:
    """Where the forms lead that are posted."""
    return [unescape(found) for found in re.findall(r'<form method="post" action="([^"]*)"', page)]


def text(answer: Any) -> str:
    """The page as it is read."""
    return answer.content.decode()


def chosen(client: Client, address: str, *, plan: int = 0) -> str:
    """The address of the page of a hold of that plan; fails where there is none."""
    page = text(client.get(address))
    form = next(action for action in actions(page) if action.startswith("/book/"))
    body = {"plan": hidden(page, "plan")[plan], "once": hidden(page, "once")[plan]}
    answer = client.post(form, body)
    assert answer.status_code == 302, text(answer)
    assert answer.url.startswith("/book/hold/"), answer.url
    return str(answer.url)


def send(client: Client, hold: str, step: str, **typed: str) -> Any:
    """Send the form that the page of the hold shows now."""
    once = hidden(text(client.get(hold)), "once")[0]
    return client.post(hold, {"once": once, "step": step, **typed})
