"""`manage.py simulate`: a clinic that does not exist lives for a year, with and without what the service does
by itself.
"""

from __future__ import annotations

import csv
import json
import time
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.test.utils import override_settings

from bookings.simulation.clinics import SETTINGS, USUAL
from bookings.simulation.comparing import MEASURES, Run, rows
from bookings.simulation.database import database_of_its_own
from bookings.simulation.figures import figures
from bookings.simulation.life import Life
from bookings.simulation.premises import empty
from bookings.simulation.workers import Messages
from bookings.simulation.world import ARMS, WARM_UP_WEEKS, World
from notifications.simulation import TEXTS, Mute, Untold, counts

FOLDER = Path(".simulation")


class Command(BaseCommand):
    """Each run is a file of its own in the folder, and is not lived again while that is there.

    Everything happens in a database that is made for it beside the configured one, and dropped at the end.
    No message leaves the machine.
    """

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--weeks", type=int, default=52, help="how long each run is; 52 unless given")
        parser.add_argument("--seeds", type=int, nargs="+", default=[1], help="one run of each arm for each")
        parser.add_argument("--clinic", choices=SETTINGS, default=USUAL, help="of simulation/clinics.py")
        parser.add_argument("--arms", nargs="+", choices=ARMS, help="those of the clinic unless given")
        parser.add_argument(
            "--mute", action="store_true", help="tell nobody anything: a third less work, all else the same"
        )
        parser.add_argument(
            "--world",
            type=_setting,
            nargs="+",
            default=[],
            metavar="NAME=NUMBER",
            help="numbers of bookings/simulation/world.py that are others here; use another folder for them",
        )
        parser.add_argument("--folder", type=Path, help="where runs are kept; .simulation unless given")

    def handle(self, *_args: Any, **options: Any) -> None:
        clinic, weeks, setting = options["clinic"], options["weeks"], SETTINGS[options["clinic"]]
        folder = options["folder"] or FOLDER / (clinic if clinic != USUAL else "")
        arms = options["arms"] or setting.arms
        if weeks < 1:
            raise CommandError("A run is at least a week long.")
        wanted = [(arm, seed) for seed in options["seeds"] for arm in arms]
        missing = [one for one in wanted if not _file(folder, *one, weeks).exists()]
        folder.mkdir(parents=True, exist_ok=True)
        if missing:
            with database_of_its_own():
                for arm, seed in missing:
                    file = _file(folder, arm, seed, weeks)
                    world = World(seed=seed, weeks=weeks, warm_up_weeks=min(WARM_UP_WEEKS, weeks // 3))
                    world = replace(world, **{**setting.world, **dict(options["world"])})
                    self._live(arm, world, file, messages=Mute() if options["mute"] else Untold())
                    empty()
        runs = [_read(_file(folder, arm, seed, weeks)) for arm, seed in wanted]
        _write_csv(folder / "runs.csv", runs)
        for row in rows(runs):
            self.stdout.write(f"{row[0]:46}" + "".join(f"{cell:>28}" for cell in row[1:]))

    def _live(self, arm: str, world: World, file: Path, *, messages: Messages) -> None:
        began = time.process_time()

        def tell(week: date, done: int) -> None:
            self.stderr.write(f"{arm}, seed {world.seed}: week of {week:%d %B %Y}, {done} things done ...")

        found = run(world, arm, messages=messages, on_week=tell)
        seconds = round(time.process_time() - began)
        file.write_text(
            json.dumps({"arm": arm, "seed": world.seed, "seconds": seconds, "found": found}, indent=1)
        )


def run(
    world: World, arm: str, *, messages: Messages, on_week: Callable[[date, int], None]
) -> dict[str, Any]:
    """Live that world in this database, which must be empty, and count what came of it."""
    with override_settings(**TEXTS):
        life = Life(world, ARMS[arm], messages=messages, on_week=on_week)
        life.run()
        return {**figures(life.stage), "messages": counts()}


def _setting(text: str) -> tuple[str, float]:
    """`NAME=NUMBER`, where the world has such a number."""
    name, _, number = text.partition("=")
    if not isinstance(getattr(World(seed=0), name, None), float):
        raise ArgumentTypeError(f"the world has no number {name!r}")
    return name, float(number)


def _file(folder: Path, arm: str, seed: int, weeks: int) -> Path:
    return folder / f"{arm}-{weeks}-weeks-{seed}.json"


def _read(file: Path) -> Run:
    kept = json.loads(file.read_text())
    return Run(kept["arm"], kept["seed"], kept["found"])


def _write_csv(file: Path, runs: list[Run]) -> None:
    with file.open("w", newline="") as opened:
        table = csv.writer(opened)
        table.writerow(["arm", "seed", *(one.name for one in MEASURES)])
        for one in runs:
            table.writerow([one.arm, one.seed, *(round(each.of(one.found), 4) for each in MEASURES)])
