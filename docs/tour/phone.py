"""`python docs/tour/phone.py`: puts pictures of the last browser tests side by side, into `phone.png`.

Run the tests of `tests/browser/test_every_page.py` first: they leave the pictures in `test-results/`.
"""

# ruff: noqa: INP001  a script beside a page, no package

from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
STATES = ("1-landing", "2-plans", "6-code", "7-booked")
WIDTH, HEIGHT, GAP = 360, 740, 24
GROUND = (222, 215, 201)


def main() -> None:
    """The first screenful of each state, on one ground."""
    sheet = Image.new("RGB", (len(STATES) * (WIDTH + GAP) + GAP, HEIGHT + 2 * GAP), GROUND)
    for at, state in enumerate(STATES):
        with Image.open(ROOT / "test-results" / f"phone-{state}.png") as page:
            screen = page.convert("RGB").crop((0, 0, WIDTH, HEIGHT))
        sheet.paste(screen, (GAP + at * (WIDTH + GAP), GAP))
    sheet.quantize(64).save(Path(__file__).with_suffix(".png"), optimize=True)


if __name__ == "__main__":
    main()
