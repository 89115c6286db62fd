"""The steps that most visitors take."""

from __future__ import annotations

import re

from playwright.sync_api import Page

ADA = "ada@mail.example"
#: In whatever language the page is.
DRIP = re.compile("Ketamine infusion|Infusión de ketamina")


def choose(visitor, treatment: str | re.Pattern[str] = DRIP) -> Page:
    """From the first page to a plan that is kept: one press on a treatment, one on a plan."""
    page: Page = visitor.go("/")
    page.locator("article", has_text=treatment).get_by_role("link").click()
    page.locator("article.plan button").first.click()
    page.locator("[name=first_name]").wait_for()
    return page


def to_plans(visitor, practice, **query: str) -> Page:
    """The page of plans for the drip."""
    page: Page = visitor.go(practice.plans(**query))
    page.locator("article.plan").first.wait_for()
    return page


def fill_in(page: Page, *, contact: str = ADA) -> None:
    """Say who it is for, agree to everything, and ask for a code."""
    page.locator("[name=first_name]").fill("Ada")
    page.locator("[name=last_name]").fill("Quill")
    for part, said in (("month", "4"), ("day", "27"), ("year", "1985")):
        page.locator(f"[name=birth_date_{part}]").fill(said)
    page.locator("[name=contact]").fill(contact)
    page.locator("[name=agree]").check()
    page.locator("[name=remind]").check()
    page.locator("main form button.whole").click()
    page.wait_for_load_state()
