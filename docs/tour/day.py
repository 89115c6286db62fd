"""Draws one day of a running demo as SVG: chairs, the steps of visits, nurses needed and nurses on duty.

    python3 docs/tour/day.py 2026-12-01 > docs/tour/day.svg      (URL=http://127.0.0.1:8000 unless set)

Standard library only. Nothing on the picture says who the patients are.
"""

# ruff: noqa: INP001  a script beside a page, no package

import json
import os
import sys
import urllib.request
from datetime import datetime

URL = os.environ.get("URL", "http://127.0.0.1:8000")
DESK = {"email": "desk@harbor.example", "password": "demo-only-please-change"}
LEFT, TOP, HOUR, ROW, GAP = 78, 46, 84, 34, 30
STAFF_UNIT = 16  # height of one nurse
GONE = {"cancelled", "no_show"}
COLOURS = {
    "check-in": "#dbe7f3",
    "set-up": "#e8927c",
    "dosing": "#e8927c",
    "infusion": "#5b8db8",
    "recovery": "#a9cbe6",
    "observation": "#a9cbe6",
    "turnover": "#e3e3e3",
}
LEGEND = {
    "arrival": "#dbe7f3",
    "one nurse, one patient": "#e8927c",
    "infusion, shared nurse": "#5b8db8",
    "recovery, shared nurse": "#a9cbe6",
    "turnover": "#e3e3e3",
}


def ask(path: str, *, body: dict[str, str] | None = None, token: str = "") -> dict:
    """What the interface of the demo answers."""
    request = urllib.request.Request(f"{URL}/api/v1/{path}")  # noqa: S310  the address of our own demo
    request.add_header("Content-Type", "application/json")
    if token:
        request.add_header("Authorization", f"Bearer {token}")
    data = json.dumps(body).encode() if body else None
    with urllib.request.urlopen(request, data) as answer:  # noqa: S310
        return json.load(answer)


def draw(board: dict) -> str:
    """The board of a day as an SVG document."""
    opens, closes = (_hours(board["open"][0][end]) for end in ("starts", "ends"))
    chairs = [chair["id"] for chair in board["chairs"]]
    most = max(load["on_duty"] for load in board["nursing"])
    bottom = TOP + ROW * len(chairs) + GAP + STAFF_UNIT * most
    width, height = LEFT + HOUR * (closes - opens) + 20, bottom + 58

    def x(at: str) -> float:
        return LEFT + (min(max(_hours(at), opens), closes) - opens) * HOUR

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" font-size="12"',
        '  font-family="system-ui, sans-serif" fill="#333">',
        f"<title>The board of {board['date']}</title>",
        f'<rect width="{width:.0f}" height="{height:.0f}" fill="#fff"/>',
    ]
    for hour in range(int(opens), int(closes) + 1):
        at = LEFT + (hour - opens) * HOUR
        parts.append(f'<path d="M{at:.0f} {TOP - 6}V{bottom}" stroke="#ddd"/>')
        parts.append(f'<text x="{at:.0f}" y="{TOP - 14}" text-anchor="middle">{hour}:00</text>')
    parts += (
        f'<text x="8" y="{TOP + row * ROW + 19}">{chair["name"]}</text>'
        for row, chair in enumerate(board["chairs"])
    )
    for session in board["sessions"]:
        if session["status"] in GONE:
            continue
        y = TOP + chairs.index(session["chair"]["id"]) * ROW
        parts += (_bar(x(step["start"]), x(step["end"]), y, step["name"]) for step in session["steps"])
    parts.append(f'<text x="8" y="{bottom - 4}">nurses</text>')
    for name, style in (("on_duty", 'fill="none" stroke="#888"'), ("needed", 'fill="#5b8db8" opacity=".55"')):
        line = "".join(
            f"H{x(load['at']):.1f}V{bottom - STAFF_UNIT * load[name]}" for load in board["nursing"]
        )
        end = x(board["open"][0]["ends"])
        parts.append(f'<path d="M{LEFT} {bottom}{line}H{end:.1f}V{bottom}" {style}/>')
    parts += _legend(bottom + 34)
    return "\n".join([*parts, "</svg>", ""])


def _bar(start: float, end: float, y: float, step: str) -> str:
    colour = COLOURS.get(step, "#ccc")
    return f'<rect x="{start:.1f}" y="{y}" width="{end - start:.1f}" height="26" fill="{colour}"/>'


def _legend(y: float) -> list[str]:
    parts, at = [], LEFT
    for text, colour in LEGEND.items():
        parts.append(f'<rect x="{at}" y="{y - 11}" width="12" height="12" fill="{colour}" stroke="#bbb"/>')
        parts.append(f'<text x="{at + 17}" y="{y}">{text}</text>')
        at += 34 + 7 * len(text)
    return parts


def _hours(at: str) -> float:
    """The hour of an instant in the wall-clock in which it is written."""
    moment = datetime.fromisoformat(at)
    return moment.hour + moment.minute / 60


if __name__ == "__main__":
    desk = ask("tokens/", body=DESK)["token"]
    sys.stdout.write(draw(ask(f"clinics/baltimore/day/?date={sys.argv[1]}", token=desk)))
