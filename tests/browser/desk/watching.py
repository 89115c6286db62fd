"""How long a change takes from one screen to another."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from bookings import signals
from tests.browser.desk.clinic import Clinic10
from tests.browser.desk.conftest import line

#: Notes in the page itself when the line of a patient says another state.
_WATCH = """name => { window.seenAt = new Promise(done => {
  const rows = () => [...document.querySelectorAll('#visits tbody tr')];
  const said = () => rows().find(one => one.textContent.includes(name))?.querySelector('.tag').textContent;
  const before = said();
  const look = new MutationObserver(() => {
    if (said() && said() !== before) { look.disconnect(); done(Date.now()); }
  });
  look.observe(document.getElementById('visits'), { childList: true, subtree: true, characterData: true });
}); }"""


#: In one go: between finding a button and pressing it, the list may have been drawn anew.
_PRESS = """name => {
  const row = [...document.querySelectorAll('#visits tbody tr')].find(one => one.textContent.includes(name));
  const at = Date.now();
  row.querySelector('button').click();
  return at;
}"""


@dataclass(frozen=True)
class Delay:
    """Milliseconds until the state of a visit was another one at the other screen."""

    from_press: int
    from_commit: int


def delays(at: Clinic10, here: Any, there: Any, *, changes: int) -> list[Delay]:
    """How long changes pressed at `here` took to be seen at `there`. Each visit of the day, and there must be
    half as many as changes, takes two steps. The server must run in this process: its commits are timed.
    """
    committed: list[float] = []

    def note(**_told: Any) -> None:
        committed.append(time.time() * 1000)

    for each in (here, there):
        each.go(at.path("list/"))
        each.page.locator("#live[data-state=live]").wait_for(state="attached")
    names = [row.split()[1] for row in here.page.locator("#visits tbody th").all_inner_texts()]
    took = []
    signals.journal_written.connect(note)
    try:
        for change in range(changes):
            name, step = names[change // 2], ("Arrived", "Start infusion")[change % 2]
            there.page.evaluate(_WATCH, name)
            line(here.page, name).get_by_role("button", name=step).wait_for()
            committed.clear()
            pressed = here.page.evaluate(_PRESS, name)
            seen = there.page.evaluate("window.seenAt")
            took.append(Delay(from_press=int(seen - pressed), from_commit=int(seen - committed[0])))
    finally:
        signals.journal_written.disconnect(note)
    return took
