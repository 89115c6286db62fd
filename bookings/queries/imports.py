"""What a file would bring into a clinic, seen beforehand: the same rules as booking, and nothing written."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from bookings import placing, snapshot
from bookings.actors import Actor
from bookings.errors import Invalid, Refused
from bookings.import_files import Course, ImportFile, Key, Person, Refusal
from bookings.judging import Question, best_clearance, standing_of, with_clearance
from bookings.models import Clinic, JournalEntry, Patient, Protocol, Session
from bookings.treatments import current_version, resolve_phase
from scheduler.diary import Claim, PatientSession
from scheduler.spans import instant, minute


@dataclass(frozen=True)
class Foreseen:
    """What would become of each part of a file."""

    known: dict[Key, Patient]  # who is there already
    new: dict[Key, Person]  # who would be added
    books: tuple[Course, ...]  # what would be booked, in the order of the file
    there: tuple[Course, ...]  # what is booked already, by this file or otherwise
    refusals: tuple[Refusal, ...]  # in order of lines


def foresee(file: ImportFile, *, clinic: Clinic, actor: Actor, now: datetime) -> Foreseen:
    """The file against the diary as it is, each course after those before it. Writes nothing.

    Somebody is known by names (without case and accents) and birth date. A course that was imported before,
    or whose visits are all there, is not booked again, whatever has become of it since.
    """
    found, twice = _known(file)
    refusals = [*file.refusals]
    for key in twice:
        line = file.people[key][0]
        refusals.append(Refusal(line, "two_patients", _("Two patients have this name and birth date.")))
    known = {key: patient for key, patient in found.items() if key not in twice}
    there, asked = _sorted_out(file, known, clinic)
    foreseeing = _Foreseeing(clinic, actor, now)
    books = []
    for course in asked:
        if course.person in twice:
            continue
        try:
            patient = known.get(course.person)
            foreseeing.take(course, patient.id if patient else None)
        except Refused as refusal:
            refusals += by_line(course, refusal)
        else:
            books.append(course)
    refused = {one.line for one in refusals}
    wanted = {course.person for course in books}
    new = {
        key: person
        for key, (line, person) in file.people.items()
        if key not in found and (key in wanted or line not in refused)
    }
    return Foreseen(known, new, tuple(books), tuple(there), tuple(sorted(refusals, key=lambda one: one.line)))


def by_line(course: Course, refusal: Refused) -> list[Refusal]:
    """The refusal of a course, told to each of its lines: the rule that this visit breaks or, where another
    one breaks it, that a series is taken whole.
    """
    violations = refusal.facts.get("violations") or []
    if not violations:
        rule = refusal.facts["errors"][0]["field"] if "errors" in refusal.facts else refusal.code
        return [Refusal(line, rule, refusal.detail) for line in course.lines]
    found = []
    for number, line in enumerate(course.lines, start=1):
        own = [one for one in violations if number in one["sessions"] or not one["sessions"]]
        found += [Refusal(line, one["rule"], one["detail"]) for one in own[:1]]
    told = {one.line for one in found}
    first = found[0].line if found else course.lines[0]
    detail = _("A series is taken whole or not at all: see line %(line)d.") % {"line": first}
    return found + [Refusal(line, "whole_series", detail) for line in course.lines if line not in told]


def _known(file: ImportFile) -> tuple[dict[Key, Patient], set[Key]]:
    """Who is there already, and of whom there are several. One query."""
    found: dict[Key, Patient] = {}
    twice = set()
    born = {person.birth_date for _, person in file.people.values()}
    for patient in Patient.objects.filter(birth_date__in=born).order_by("created_at", "id"):
        person = Person(patient.first_name, patient.last_name, patient.birth_date, "", "", "", "")  # type: ignore[arg-type]
        if person.key in file.people:
            if person.key in found:
                twice.add(person.key)
            found.setdefault(person.key, patient)
    return found, twice


def _sorted_out(
    file: ImportFile, known: dict[Key, Patient], clinic: Clinic
) -> tuple[list[Course], list[Course]]:
    """The courses that are there already, and the others. Two queries."""
    prints = [course.fingerprint for course in file.courses]
    rows = JournalEntry.objects.filter(clinic=clinic, verb="series_imported", after__fingerprint__in=prints)
    imported = set(rows.values_list("after__fingerprint", flat=True))
    starts = defaultdict(set)
    sessions = Session.objects.filter(patient__in=list(known.values()), clinic=clinic)
    for patient_id, start, slug in sessions.values_list(
        "patient_id", "start", "series__protocol_version__protocol__slug"
    ):
        starts[patient_id, slug].add(minute(start))
    there: list[Course] = []
    asked: list[Course] = []
    for course in file.courses:
        patient = known.get(course.person)
        has = starts.get((patient.id, course.protocol), set()) if patient else set()
        is_there = course.fingerprint in imported or set(course.starts) <= has
        (there if is_there else asked).append(course)
    return there, asked


class _Foreseeing:
    """One course after another, each in the diary as those before it would leave it."""

    def __init__(self, clinic: Clinic, actor: Actor, now: datetime) -> None:
        self._clinic, self._actor, self._now = clinic, actor, now
        self._claims: list[Claim] = []
        self._visits: dict[Key, list[PatientSession]] = defaultdict(list)
        self._protocols = {one.slug: one for one in Protocol.objects.filter(clinics=clinic)}

    def take(self, course: Course, patient_id: UUID | None) -> None:
        """As if it were booked. Refuses as `book_series` would, and what is not to come."""
        protocol = self._protocols.get(course.protocol)
        if protocol is None:
            raise Invalid("protocol", _("This clinic does not offer that treatment."))
        if course.starts[0] <= minute(self._now):
            raise Invalid("start", _("This visit is not in the future."))
        version = current_version(protocol, clinic=self._clinic, now=self._now)
        phase = resolve_phase(version, course.phase or None, patient_id=patient_id)
        treatment = snapshot.protocol_of(version)
        places = placing.parse_places(treatment, phase, [instant(start) for start in course.starts])
        question = Question(version, phase, places, self._actor, self._now, patient_id)
        case = question.look(self._clinic)
        case = replace(
            case,
            diary=case.diary.with_claims(self._claims),
            booked=(*case.booked, *self._visits[course.person]),
        )
        if treatment.needs_clearance and patient_id is not None:
            standing = standing_of(patient_id, protocol.id)
            case = with_clearance(case, best_clearance(case, places, standing, self._now))
        seats = placing.seat(case, places, question.judge(case))
        self._claims += [
            Claim(f"line {line}", seat.chair, seat.start, treatment.timed_steps)
            for line, seat in zip(course.lines, seats, strict=True)
        ]
        self._visits[course.person] += [
            PatientSession(
                id=f"line {line}",
                series=course.fingerprint,
                number=place.number,
                spacing_group=treatment.spacing_group,
                phase=phase,
                start=place.start,
                end=place.start + treatment.visit_minutes,
                date=case.supply.date_of(place.start),
                protocol=treatment,
            )
            for line, place in zip(course.lines, places, strict=True)
        ]
