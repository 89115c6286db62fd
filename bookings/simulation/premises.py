"""Builds the clinic of a simulation by the manager's and the prescriber's own verbs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.core.management import call_command

from bookings.actors import SYSTEM, Actor, staff_actor
from bookings.commands.clinics import add_clinic
from bookings.commands.protocols import add_protocol
from bookings.commands.roster import Duty, add_chair, add_shifts, change_hours, close
from bookings.commands.staff import add_staff
from bookings.demo.clinics import WEEK, closed_days, working_days
from bookings.demo.protocols import PROTOCOLS
from bookings.models import Clinic, Patient, Protocol, ProtocolVersion, StaffMember
from bookings.simulation.world import TIME_ZONE, ZONE, World
from bookings.snapshot import protocol_of
from scheduler.protocol import Protocol as Rules

SLUG = "simulated"
#: The roster reaches further than anybody books.
ROSTER_WEEKS = 20
#: The first chairs are certified settings, which esketamine asks for.
CERTIFIED_CHAIRS = 2


class NotEmpty(Exception):
    """There are people here whom the simulation did not make: it lives in a database of its own."""


@dataclass(frozen=True)
class Premises:
    """The clinic, what it treats, and who acts in which role."""

    world: World
    clinic: Clinic
    versions: dict[str, ProtocolVersion]
    actors: dict[str, Actor]

    def now_at(self, day: date, clock: time) -> datetime:
        """That moment on the clinic's wall."""
        return datetime.combine(day, clock, self.clinic.zone)

    def day_of(self, at: datetime) -> date:
        """The clinic-local date of an instant."""
        return at.astimezone(self.clinic.zone).date()

    def rules(self, protocol: str) -> Rules:
        """A treatment as the engine sees it."""
        return protocol_of(self.versions[protocol])

    def protocol(self, slug: str) -> Protocol:
        return self.versions[slug].protocol

    def staffed(self, at: datetime) -> datetime:
        """That moment if somebody is at the desk, else when somebody is again."""
        local = at.astimezone(self.clinic.zone)
        day, world = local.date(), self.world
        if day.isoweekday() in WEEK and local.time() < world.closes:
            return max(at, self.now_at(day, world.opens))
        day += timedelta(days=1)
        while day.isoweekday() not in WEEK:
            day += timedelta(days=1)
        return self.now_at(day, world.opens)


def refuse_strangers() -> None:
    """Raise NotEmpty unless there is nobody in this database."""
    if Patient.objects.exists() or Clinic.objects.exists() or StaffMember.objects.exists():
        raise NotEmpty("There are people in this database. A simulation lives in an empty one.")


def empty() -> None:
    """Remove everything from the database of a simulation. Raises NotEmpty where a clinic is not ours."""
    if Clinic.objects.exclude(slug=SLUG).exists():
        raise NotEmpty("There is a clinic here that is not the simulation's. Nothing was removed.")
    call_command("flush", interactive=False, verbosity=0)


def build(world: World) -> Premises:
    """The clinic as it opens, a month after it was set up. Raises NotEmpty in a database that is in use."""
    refuse_strangers()
    now = datetime.combine(world.begins - timedelta(days=28), time(12), ZONE)
    boss = _hire("manager", "manager", [], actor=SYSTEM, now=now)
    clinic = add_clinic(details=_settings(world), actor=staff_actor(boss), now=now)
    manager = staff_actor(boss)
    staff = {
        role: _hire(role, role, [clinic], actor=manager, now=now) for role in ("front_desk", "prescriber")
    }
    nurses = [
        _hire(f"nurse{k}", "nurse", [clinic], actor=manager, now=now) for k in range(1, world.nurses + 1)
    ]
    _furnish(world, clinic, nurses, actor=manager, now=now)
    actors = {role: staff_actor(member) for role, member in staff.items()}
    actors |= {"manager": manager, "nurse": staff_actor(nurses[0])}
    versions = {
        rules["slug"]: add_protocol(
            rules["slug"], rules=rules, clinics=[clinic], actor=actors["prescriber"], now=now
        )
        for rules, _ in PROTOCOLS
        if rules["slug"] in world.demand
    }
    clinic.refresh_from_db()
    return Premises(world, clinic, versions, actors)


def _settings(world: World) -> dict[str, Any]:
    return {
        "slug": SLUG,
        "name": "A clinic that does not exist",
        "time_zone": TIME_ZONE,
        "phone": "+12025550199",
        "address": "1 Example Street",
        "nursing_mode": world.nursing_mode,
        "patients_per_nurse": world.patients_per_nurse,
        "stagger_starts": world.stagger_starts,
        "stagger_minutes": None if world.stagger_starts is None else 15,
    }


def _hire(name: str, role: str, clinics: list[Clinic], *, actor: Actor, now: datetime) -> StaffMember:
    details = {
        "email": f"{name}@simulated.example",
        "first_name": name.capitalize(),
        "last_name": "Example",
        "role": role,
    }
    return add_staff(details=details, clinics=clinics, actor=actor, now=now)


def _furnish(world: World, clinic: Clinic, nurses: list[StaffMember], *, actor: Actor, now: datetime) -> None:
    hours = {weekday: [(world.opens, world.closes)] for weekday in WEEK}
    change_hours(clinic, hours=hours, actor=actor, now=now)
    for number in range(1, world.chairs + 1):
        features = ["certified-setting"] if number <= CERTIFIED_CHAIRS else []
        add_chair(clinic, name=f"Chair {number}", features=features, actor=actor, now=now)
    last = world.ends + timedelta(weeks=ROSTER_WEEKS)
    holidays = dict(closed_days(world.begins, last))
    zone = clinic.zone
    duties = [
        Duty(nurse, datetime.combine(day, world.opens, zone), datetime.combine(day, world.closes, zone))
        for day in working_days(world.begins, last)
        if day not in holidays
        for nurse in nurses
    ]
    add_shifts(clinic, duties=duties, actor=actor, now=now)
    for day, reason in holidays.items():
        midnight, morrow = (datetime.combine(one, time(), zone) for one in (day, day + timedelta(days=1)))
        close(clinic, starts=midnight, ends=morrow, reason=reason, actor=actor, now=now)
