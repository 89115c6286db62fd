"""How long a change takes from one screen to another."""

from __future__ import annotations

from typing import Any

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


def delays(at: Clinic10, here: Any, there: Any, *, changes: int) -> list[int]:
    """Milliseconds from a press at `here` until the state of that visit is another one at `there`. Each visit
    of the day, and there must be half as many as changes, takes two steps.
    """
    for each in (here, there):
        each.go(at.path("list/"))
        each.page.wait_for_timeout(800)  # the stream's first look tells nothing
    names = [row.split()[1] for row in here.page.locator("#visits tbody th").all_inner_texts()]
    took = []
    for change in range(changes):
        name, step = names[change // 2], ("Arrived", "Start infusion")[change % 2]
        there.page.evaluate(_WATCH, name)
        line(here.page, name).get_by_role("button", name=step).wait_for()
        pressed = here.page.evaluate(_PRESS, name)
        took.append(int(there.page.evaluate("window.seenAt")) - pressed)
    return took
