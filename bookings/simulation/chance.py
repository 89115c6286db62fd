"""Luck that does not depend on what the service does: whoever would have missed their third visit misses it
in every arm, whenever that is.

Each draw has a name and a generator of its own, so that one more draw in one arm shifts no other.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time, timedelta
from math import exp
from random import Random

from bookings.demo.courses import RHYTHMS
from bookings.demo.people import (
    ENGLISH,
    ENGLISH_SURNAMES,
    MAY_WE_TEXT,
    SPANISH,
    SPANISH_SURNAMES,
)
from bookings.simulation.world import TIME_ZONE, World


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who will ask for a course, made up."""

    number: int
    asks_on: date
    asks_at: time
    online: bool
    protocol: str
    weekdays: tuple[int, ...]
    not_before: time | None
    not_after: time | None
    details: dict[str, object]
    agrees_to_texts: str | None  # in these words


@dataclass(frozen=True, slots=True)
class Visit:
    """What a patient will do about one visit, wherever it is."""

    comes: bool
    cancels: timedelta | None  # so long before its start
    moves: timedelta | None
    confirms: timedelta | None
    late: timedelta


@dataclass(frozen=True, slots=True)
class Loss:
    """How somebody takes the loss of a visit, or the end of a phase."""

    rings_after: timedelta | None  # unasked; None: never
    willing: bool  # to come at another time, when asked
    answers_message: bool
    answers_after: timedelta


@dataclass(frozen=True, slots=True)
class Answer:
    """How somebody answers an offer; None: not at all."""

    accepts: bool
    accepts_call: bool
    after: timedelta | None


class Chance:
    """The luck of one world."""

    def __init__(self, world: World) -> None:
        self.world = world

    def of(self, *name: object) -> Random:
        """The generator of that name: the same at each asking, and independent of all others."""
        named = "/".join(map(str, (self.world.seed, *name)))
        return Random(named)  # noqa: S311  people made up by chance, no secret

    def people(self) -> list[Person]:
        """Everybody who will ask, in the order in which they do."""
        found: list[Person] = []
        for week in range(self.world.weeks):
            luck = self.of("week", week)
            monday = self.world.begins + timedelta(weeks=week)
            days = sorted(luck.randrange(7) for _ in range(_poisson(luck, self.world.new_patients)))
            found += [
                self._person(len(found) + k, monday + timedelta(days=day)) for k, day in enumerate(days)
            ]
        return found

    def visit(self, person: int, *, course: int, number: int) -> Visit:
        """What that patient does about that session of that course."""
        world, luck = self.world, self.of("visit", person, course, number)
        fate = luck.random()
        notice = world.shortest_notice * (world.longest_notice / world.shortest_notice) ** luck.random()
        cancels = world.missed <= fate < world.missed + world.cancelled
        moves = world.missed + world.cancelled <= fate < world.missed + world.cancelled + world.moved
        confirms = timedelta(hours=luck.uniform(22, 71)) if luck.random() < world.confirms else None
        late = luck.uniform(5, 30) if luck.random() < world.late else luck.uniform(-8, 3)
        return Visit(
            comes=fate >= world.missed,
            cancels=notice if cancels else None,
            moves=notice if moves else None,
            confirms=confirms,
            late=timedelta(minutes=round(late)),
        )

    def set_up(self, person: int, *, course: int, number: int) -> float:
        """How many times its planned minutes the set-up for that session takes."""
        return self.of("set-up", person, course, number).lognormvariate(0, self.world.set_up_spread)

    def loss(self, person: int, *name: object) -> Loss:
        """How that patient takes that loss."""
        world, luck = self.world, self.of("loss", person, *name)
        fate = luck.random()
        after = world.unaided_after * luck.expovariate(1)
        answers = luck.random() < world.answers_message
        return Loss(
            rings_after=timedelta(hours=1) + after if fate < world.unaided else None,
            willing=fate < world.willing,
            answers_message=answers,
            answers_after=timedelta(minutes=5) + world.answer_after * luck.expovariate(1),
        )

    def answer(self, person: int, *name: object) -> Answer:
        """How that patient answers that offer."""
        world, luck = self.world, self.of("offer", person, *name)
        accepts, call = luck.random() < world.accepts_offer, luck.random() < world.accepts_call
        says_no = luck.random() < world.declines_offer
        after = timedelta(minutes=1) + world.offer_answer_after * luck.expovariate(1)
        return Answer(accepts, call, after if accepts or says_no else None)

    def happens(self, share: float, *name: object) -> bool:
        """Whether something does that happens so often."""
        return self.of(*name).random() < share

    def days(self, per_year: float, *name: object) -> list[date]:
        """The working days on which something happens that happens so often a year."""
        world, luck = self.world, self.of(*name)
        every = [world.begins + timedelta(days=day) for day in range(world.weeks * 7)]
        working = [day for day in every if day.isoweekday() <= 5]
        return [day for day in working if luck.random() < per_year / 260]

    def _person(self, number: int, day: date) -> Person:
        world, luck = self.world, self.of("person", number)
        language = "es" if luck.random() < 0.25 else "en"
        names, surnames = (SPANISH, SPANISH_SURNAMES) if language == "es" else (ENGLISH, ENGLISH_SURNAMES)
        online = luck.random() < world.online
        hours = (7, 22) if online else (8, 17)
        if not online and day.isoweekday() > 5:
            day += timedelta(days=8 - day.isoweekday())  # nobody answers the telephone
        protocol = luck.choices(list(world.demand), weights=list(world.demand.values()))[0]
        not_before, not_after = luck.choice(world.times_of_day)
        return Person(
            number=number,
            asks_on=day,
            asks_at=time(luck.randrange(*hours), luck.randrange(60)),
            online=online,
            protocol=protocol,
            weekdays=luck.choice(RHYTHMS),
            not_before=not_before,
            not_after=not_after,
            details={
                "first_name": luck.choice(names),
                "last_name": luck.choice(surnames),
                "birth_date": date(
                    luck.randrange(1950, 2005), 1 + luck.randrange(12), 1 + luck.randrange(28)
                ),
                "email": f"patient.{number}@mail.example",
                "phone": f"+1202555{100 + number % 100:04d}",
                "time_zone": TIME_ZONE,
                "language": language,
            },
            agrees_to_texts=MAY_WE_TEXT[language] if luck.random() < 0.8 else None,
        )


def _poisson(luck: Random, mean: float) -> int:
    """So many of something that happens `mean` times on average."""
    least, found, product = exp(-mean), 0, luck.random()
    while product > least:
        found, product = found + 1, product * luck.random()
    return found
