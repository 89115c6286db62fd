"""`python docs/tour/desk.py`: pictures of a running demo's desk, into `desk-*.png` beside this file.

URL=http://127.0.0.1:8000 unless set. Run it while the clinic in Baltimore is open: then somebody sits in its
chairs. The people on the pictures do not exist.
"""

# ruff: noqa: INP001  a script beside a page, no package

import io
import os
import shutil
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

URL = os.environ.get("URL", "http://127.0.0.1:8000")
DESK = {"email": "manager@harbor.example", "password": "demo-only-please-change"}
SIZES = {"day": (1440, 1000), "rooms": (1024, 600), "planner": (1280, 820), "report": (1280, 860)}
COLOURS = 64


def main() -> None:
    """The day, the board for the wall, the planner and a report."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(timezone_id="America/New_York", locale="en-US")
        sign_in(page)
        for name, show in {"day": day, "rooms": rooms, "planner": planner, "report": report}.items():
            width, height = SIZES[name]
            page.set_viewport_size({"width": width, "height": height})
            show(page)
            keep(page, name)
        browser.close()


def sign_in(page: Page) -> None:
    page.goto(f"{URL}/desk/login/")
    page.locator("[name=username]").fill(DESK["email"])
    page.locator("[name=password]").fill(DESK["password"])
    page.locator("main form button").click()
    page.wait_for_url("**/day/")


def day(page: Page) -> None:
    page.goto(f"{URL}/desk/baltimore/day/")
    page.locator("#grid .ec-event[data-visit]").first.wait_for()
    page.locator("#grid .ec-event.state-infusing").first.click()
    page.locator("#grid .ec-event.chosen").wait_for()


def rooms(page: Page) -> None:
    page.goto(f"{URL}/desk/baltimore/rooms/")
    page.locator(".room").first.wait_for()


def planner(page: Page) -> None:
    """As for somebody who is new, on the telephone."""
    page.goto(f"{URL}/desk/baltimore/search/?q=a")
    page.locator("main a[href*='/patients/']").first.click()
    page.get_by_role("link", name="Plan").first.click()
    page.locator("[name=treatment]").select_option("ketamine-iv/induction")
    page.locator("[name=not_before]").fill("09:00")
    page.get_by_role("button", name="Show plans").click()
    page.locator(".plans li").first.wait_for()


def report(page: Page) -> None:
    page.goto(f"{URL}/desk/baltimore/reports/")


def keep(page: Page, name: str) -> None:
    """The first screenful, in few colours."""
    page.evaluate("document.activeElement.blur()")
    page.wait_for_timeout(1500)  # the live stream has said hello, and a picture has no hurry
    with Image.open(io.BytesIO(page.screenshot())) as shot:
        shot.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(
            Path(__file__).with_name(f"desk-{name}.png"), optimize=True
        )


if __name__ == "__main__":
    main()
