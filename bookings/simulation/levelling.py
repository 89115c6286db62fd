"""The manager's part in levelling: templates of starts, drawn up from the weeks behind."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, time, timedelta
from unittest import mock

from bookings.commands.levelling import ask_for_template, draw_up_templates, take_into_force
from bookings.simulation.stage import Stage
from scheduler import load


@contextmanager
def any_hour_alike() -> Iterator[None]:
    """Until the end of the block no plan prefers hours in which few others begin."""
    with mock.patch.multiple(load, BUSY_START=0, BUSY_CHAIR=0):
        yield


class Levelling:
    """A clinic that levels its starts."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def expect(self) -> None:
        """Templates will be drawn up on Sundays, and be in force on the Monday after."""
        world = self._stage.world
        for weeks in range(world.levels_after_weeks, world.weeks, world.levels_again_weeks):
            sunday = world.begins + timedelta(days=7 * weeks - 1)
            self._stage.put(self._stage.premises.now_at(sunday, time(18)), self._draw_up)

    def _draw_up(self, now: datetime) -> None:
        premises, world = self._stage.premises, self._stage.world
        behind = (premises.day_of(now) - world.begins).days // 7 + 1
        weeks = min(behind, world.levels_again_weeks)
        manager = premises.actors["manager"]
        template = ask_for_template(premises.clinic, weeks=weeks, actor=manager, now=now)
        draw_up_templates(now=now)
        take_into_force(template, actor=manager, now=now)
        premises.clinic.refresh_from_db()
