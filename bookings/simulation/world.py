"""What the world of a simulation is like, as values: the clinic, who comes, and how people behave.

"Our default" means that no published number was found; docs/simulation.md lists every one of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

from bookings.demo.courses import TIMES_OF_DAY

TIME_ZONE = "America/New_York"
ZONE = ZoneInfo(TIME_ZONE)
#: The latest or earliest hour that somebody asks for; None where they do not mind.
Hours = tuple[time | None, time | None]
WARM_UP_WEEKS = 6  # until the diary of a clinic that opened empty looks like any other week's


@dataclass(frozen=True, slots=True)
class Arm:
    """Which of the things that the service does by itself are on."""

    name: str
    watch: bool = True
    waiting_list: bool = True
    levelling: bool = True
    template: bool = True


BASE = "everything"
#: All of it, and each without one.
ARMS = {
    one.name: one
    for one in (
        Arm(BASE),
        Arm("no-watch", watch=False),
        Arm("no-waiting-list", waiting_list=False),
        Arm("no-template", template=False),
        Arm("no-levelling", levelling=False, template=False),
    )
}


@dataclass(frozen=True)
class World:
    """Everything but the luck, which follows from `seed` alone.

    Shares are parts of one; `per_year` counts how often something happens to one clinic, chair or nurse.
    """

    seed: int
    weeks: int = 52
    warm_up_weeks: int = WARM_UP_WEEKS
    #: A Monday. The year has both changes of clock in it.
    begins: date = date(2026, 1, 5)

    # --- the clinic -----------------------------------------------------------------------------
    #: Three chairs to one or two nurses: freestanding infusion centres have 3.6 chairs a nurse
    #: (https://www.advisory.com/Blog/2016/03/infusion-nurse-staffing).
    chairs: int = 3
    nurses: int = 2
    opens: time = time(8)
    closes: time = time(17)
    #: How nurses are counted (CONTRACT.md, "What the rules count"), and how many visits may begin within any
    #: quarter of an hour; None: as many as there are chairs and nurses for.
    nursing_mode: str = "strict"
    patients_per_nurse: int = 3
    stagger_starts: int | None = 2

    # --- who comes ------------------------------------------------------------------------------
    #: New patients a week; our default, chosen so that the chairs are nearly full.
    new_patients: float = 5.5
    #: Of a hundred of them, who comes for what; our default.
    demand: Mapping[str, int] = field(
        default_factory=lambda: {"ketamine-iv": 80, "ferric-carboxymaltose": 20}
    )
    #: The hours that they ask for, each as often as the others. Our default.
    times_of_day: tuple[Hours, ...] = TIMES_OF_DAY
    #: Who books at the page; the others ring. Our default.
    online: float = 0.5
    #: Whoever finds no first visit within so many days asks again each week, and goes elsewhere once they
    #: are over. Our default.
    patience: timedelta = timedelta(days=21)
    asks_again: timedelta = timedelta(days=7)
    #: A first visit later than this is one that people would rather have sooner, and so many of them join the
    #: waiting list for it. Our defaults.
    soon: timedelta = timedelta(days=6)
    joins_list: float = 0.6

    # --- what becomes of a visit ----------------------------------------------------------------
    #: With reminders three days and one day before, as sent here, 4.4 % are missed (randomised, n = 54,066,
    #: https://pubmed.ncbi.nlm.nih.gov/30130032/).
    missed: float = 0.044
    #: Cancelled without asking for another time. Our default.
    cancelled: float = 0.06
    #: Moved by telephone. Our default.
    moved: float = 0.05
    #: How long before the visit either is said: each doubling between these as likely as any other. Our
    #: defaults.
    shortest_notice: timedelta = timedelta(hours=2)
    longest_notice: timedelta = timedelta(days=5)
    #: Comes late by up to half an hour. Our default; the grace time is 15 minutes.
    late: float = 0.06
    confirms: float = 0.7
    #: A set-up takes its planned minutes in the middle; the standard deviation of the logarithm of how many
    #: times that it does take. Our default: one of three takes a quarter longer, or more.
    set_up_spread: float = 0.5

    # --- how people answer ----------------------------------------------------------------------
    #: Of those who lost a visit, who sees to another one unasked. Of cancelled visits about 62 % used to be
    #: booked again within 30 days, 27 % in 2024
    #: (https://www.mgma.com/articles/designing-backfill-and-overbooking-by-specialty). The higher one, so
    #: that the watch is worth no more than it is.
    unaided: float = 0.62
    #: Until they do, on average; exponential. Our default.
    unaided_after: timedelta = timedelta(days=5)
    #: Of the same people, who agrees to another time when asked; whoever does so unaided is among them. Our
    #: default.
    willing: float = 0.85
    #: Of those who are willing, who answers the message with the proposed times; the others are rung.
    answers_message: float = 0.7
    answer_after: timedelta = timedelta(hours=5)
    #: Offers of earlier times that are accepted: 11 % (60,660 offers, https://jmir.org/2024/1/e52071).
    accepts_offer: float = 0.11
    #: And when somebody rings about it. Our default.
    accepts_call: float = 0.25
    #: Of offers that are not accepted, so many are declined; nobody answers the others.
    declines_offer: float = 0.4
    offer_answer_after: timedelta = timedelta(minutes=25)

    # --- the desk -------------------------------------------------------------------------------
    #: Until somebody sees to a task, while the desk is staffed; exponential. Our default.
    task_after: timedelta = timedelta(hours=2)

    #: The manager has a template of starts drawn up from the weeks behind, first after so many, then each
    #: quarter. Our default.
    levels_after_weeks: int = 6
    levels_again_weeks: int = 12

    # --- what happens to the clinic -------------------------------------------------------------
    closed_days_per_year: float = 2  # snow, a burst pipe: known at six that morning
    sick_days_per_nurse: float = 5  # known at half past six that morning
    chair_failures_per_chair: float = 1  # known the afternoon before, for two days

    @property
    def ends(self) -> date:
        """The first day after the simulation, a Monday."""
        return self.begins + timedelta(weeks=self.weeks)

    @property
    def counted_from(self) -> date:
        """The first day that counts."""
        return self.begins + timedelta(weeks=self.warm_up_weeks)
