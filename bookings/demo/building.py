"""Builds the two clinics by the manager's and the prescriber's own verbs, before the first patient comes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from bookings.actors import SYSTEM, Actor, staff_actor
from bookings.commands.clinics import add_clinic
from bookings.commands.protocols import add_protocol
from bookings.commands.roster import Duty, add_chair, add_shifts, change_hours, close
from bookings.commands.staff import add_staff, change_staff
from bookings.demo.clinics import CLINICS, STAFF, WEEK, DemoClinic, DemoStaff, closed_days, working_days
from bookings.demo.protocols import PROTOCOLS
from bookings.models import Clinic, Protocol, StaffMember
from bookings.snapshot import protocol_of
from scheduler.protocol import Protocol as Rules

#: Weeks from the present one until a chair is away for service, for a day.
CHAIR_SERVICE_WEEKS = 3


@dataclass
class Stage:
    """Clinics and treatments by slug, staff by email, and who acts in which role."""

    clinics: dict[str, Clinic] = field(default_factory=dict)
    protocols: dict[str, Protocol] = field(default_factory=dict)
    rules: dict[str, Rules] = field(default_factory=dict)
    staff: dict[str, StaffMember] = field(default_factory=dict)
    actors: dict[str, Actor] = field(default_factory=dict)


def build(*, first: date, last: date, today: date, now: datetime) -> Stage:
    """Both clinics, ready for patients from `first` to `last`, as they were set up at `now`.

    Nurses' shifts, holidays and a day on which one chair is away in some weeks are there from the start, so
    that nothing booked later is displaced. Nobody has a password yet.
    """
    stage = Stage()
    manager = next(person for person in STAFF if person.role == "manager")
    _hire(stage, manager, actor=SYSTEM, now=now)
    for clinic in CLINICS:
        actor = stage.actors["manager"]
        stage.clinics[clinic.slug] = add_clinic(details=clinic.settings, actor=actor, now=now)
    stage.actors["manager"] = staff_actor(stage.staff[manager.email])  # now with the clinics it works at
    for person in STAFF:
        if person is not manager:
            _hire(stage, person, actor=stage.actors["manager"], now=now)
    for clinic in CLINICS:
        _furnish(stage, clinic, first=first, last=last, today=today, now=now)
    for rules, slugs in PROTOCOLS:
        offered_at = [stage.clinics[slug] for slug in slugs]
        slug = rules["slug"]
        prescriber = stage.actors["prescriber"]  # whose own version is signed at once
        version = add_protocol(slug, rules=rules, clinics=offered_at, actor=prescriber, now=now)
        stage.protocols[slug], stage.rules[slug] = version.protocol, protocol_of(version)
    return stage


def open_doors(stage: Stage, *, now: datetime) -> None:
    """Give the four members of staff who sign in their password: the sign that the demo is complete."""
    for person in STAFF:
        if person.password:
            member = stage.staff[person.email]
            change_staff(member, changes={}, password=person.password, actor=stage.actors["manager"], now=now)


def _hire(stage: Stage, person: DemoStaff, *, actor: Actor, now: datetime) -> None:
    details = {name: getattr(person, name) for name in ("email", "first_name", "last_name", "role")}
    clinics = [stage.clinics[slug] for slug in person.clinics if slug in stage.clinics]
    member = add_staff(details=details, clinics=clinics, actor=actor, now=now)
    stage.staff[person.email] = member
    stage.actors.setdefault(person.role, staff_actor(member))


def _furnish(stage: Stage, plan: DemoClinic, *, first: date, last: date, today: date, now: datetime) -> None:
    clinic, actor = stage.clinics[plan.slug], stage.actors["manager"]
    hours = {weekday: [(plan.opens, plan.closes)] for weekday in WEEK}
    change_hours(clinic, hours=hours, actor=actor, now=now)
    chairs = [
        add_chair(clinic, name=name, features=features, actor=actor, now=now)
        for name, features in plan.chairs.items()
    ]
    holidays = dict(closed_days(first, last))
    add_shifts(clinic, duties=_duties(stage, plan, first, last, holidays), actor=actor, now=now)
    for day, reason in holidays.items():
        midnight, next_midnight = (_at(clinic, one, time(0)) for one in (day, day + timedelta(days=1)))
        close(clinic, starts=midnight, ends=next_midnight, reason=reason, actor=actor, now=now)
    wednesday = today + timedelta(weeks=CHAIR_SERVICE_WEEKS, days=2 - today.weekday())
    close(
        clinic,
        starts=_at(clinic, wednesday, plan.opens),
        ends=_at(clinic, wednesday, plan.closes),
        reason="Chair away for service",
        chair=chairs[-1],
        actor=actor,
        now=now,
    )


def _duties(stage: Stage, plan: DemoClinic, first: date, last: date, holidays: dict[date, str]) -> list[Duty]:
    clinic = stage.clinics[plan.slug]
    return [
        Duty(stage.staff[shift.nurse], _at(clinic, day, shift.starts), _at(clinic, day, shift.ends))
        for day in working_days(first, last)
        if day not in holidays
        for shift in plan.shifts
        if day.isoweekday() in shift.weekdays
    ]


def _at(clinic: Clinic, day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, clinic.zone)
