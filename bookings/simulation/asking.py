"""How patients come to a course: they ask, wait, ask again, and give up."""

from __future__ import annotations

from datetime import datetime, timedelta

from bookings.actors import Actor, patient_actor
from bookings.commands.book import book_series
from bookings.commands.clearance import grant_clearance
from bookings.commands.consents import give_consent
from bookings.commands.patients import add_patient
from bookings.commands.waiting import join_waiting_list, leave_waiting_list
from bookings.demo.courses import FIRST_PHASE, NEXT_PHASE, OFTEN_A_WEEK
from bookings.models import ConsentPurpose, ConsentSource, Series, Session, WaitingEntry
from bookings.queries.openings import Offer
from bookings.simulation.chance import Person
from bookings.simulation.stage import Course, Stage
from scheduler.case import Wish
from scheduler.series import Unplannable
from scheduler.spans import instant

CLEARANCE = timedelta(days=150)
#: A prescriber clears a few more than are booked at first: some are missed and made up.
SPARE_SESSIONS = 4


class Asking:
    """Everybody who is going to come."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def expect(self, person: Person) -> None:
        """They will ask for their first course."""
        at = self._stage.premises.now_at(person.asks_on, person.asks_at)
        self._stage.put(at, lambda then: self._welcome(person, then))

    def goes_on(self, course: Course) -> tuple[str, int] | None:
        """The phase that this patient wants after that one, with its sessions; None where they do not."""
        following = NEXT_PHASE.get((course.person.protocol, course.phase))
        if following is None:
            return None
        phase, sessions, share = following
        wants = self._stage.chance.happens(share / 100, "goes on", course.person.number, course.order)
        return (phase, sessions) if wants else None

    def ask(self, course: Course, *, sessions: int, online: bool, now: datetime) -> Series | None:
        """Book the best plan there is for that course, by their wishes or else without; None where there is
        none.
        """
        stage, premises = self._stage, self._stage.premises
        person, patient = course.person, course.patient
        actor = patient_actor(patient) if online else premises.actors["front_desk"]
        if premises.rules(person.protocol).needs_clearance:
            grant_clearance(
                patient,
                protocol=premises.protocol(person.protocol),
                sessions=sessions + SPARE_SESSIONS,
                expires=premises.day_of(now + CLEARANCE),
                actor=premises.actors["prescriber"],
                now=now,
            )
        starts = self._starts_for(course, sessions, actor, now)
        if starts is None or (course.order == 0 and starts[0] - now > stage.world.patience):
            return None
        stage.wanted[patient.id] = course
        return book_series(
            patient,
            clinic=premises.clinic,
            protocol=premises.protocol(person.protocol),
            phase=course.phase,
            starts=starts,
            actor=actor,
            now=now,
        )

    def has_course(self, series: Series) -> None:
        """A series is booked: from now on it is known whose, and how long they have waited for it."""
        stage = self._stage
        course = stage.wanted.pop(series.patient_id)
        stage.courses[series.id] = course
        if course.order == 0:
            stage.asked["booked"] += 1
            stage.waits[series.id] = stage.asked_at[series.patient_id]

    def waiting_for(self, entry: WaitingEntry) -> Course:
        """The course for which, or for an earlier visit of which, somebody waits."""
        if entry.series_id is None:
            return self._stage.wanted[entry.patient_id]
        return self._stage.course_of(entry.series_id)

    def _welcome(self, person: Person, now: datetime) -> None:
        stage, desk = self._stage, self._stage.premises.actors["front_desk"]
        patient = add_patient(details=person.details, actor=desk, now=now)
        if person.agrees_to_texts:
            give_consent(
                patient,
                purpose=ConsentPurpose.TEXTS,
                wording=person.agrees_to_texts,
                language=str(person.details["language"]),
                source=ConsentSource.DESK,
                actor=desk,
                now=now,
            )
        stage.asked_at[patient.id] = now
        self._ask_first(Course(person, patient, FIRST_PHASE[person.protocol][0], order=0), now)

    def _ask_first(self, course: Course, now: datetime) -> None:
        """For a first course. Who finds none, or none soon, waits, asks again, and in the end gives up."""
        stage, patient = self._stage, course.patient
        if stage.courses_of(patient):
            return  # had by an offer meanwhile
        online, sessions = course.person.online, FIRST_PHASE[course.person.protocol][1]
        series = self.ask(course, sessions=sessions, online=online, now=now)
        if series is not None:
            session = series.sessions.order_by("start")[0]
            joins = stage.chance.happens(stage.world.joins_list, "joins", course.person.number)
            if joins and session.start - now > stage.world.soon:
                self._join(course, session, now)
        elif now + stage.world.asks_again - stage.asked_at[patient.id] > stage.world.patience:
            stage.asked["elsewhere"] += 1
            for entry in WaitingEntry.objects.filter(patient=patient, closed_at__isnull=True):
                leave_waiting_list(entry, actor=stage.premises.actors["front_desk"], now=now)
        else:
            self._join(course, None, now)
            again = stage.premises.staffed(now + stage.world.asks_again)
            stage.put(again, lambda then: self._ask_first(course, then))

    def _join(self, course: Course, session: Session | None, now: datetime) -> None:
        """The list for an earlier time of that session, or for the first place of the course."""
        stage, person = self._stage, course.person
        if not stage.arm.waiting_list:
            return
        stage.wanted[course.patient.id] = course
        join_waiting_list(
            course.patient,
            clinic=stage.premises.clinic,
            protocol=stage.premises.protocol(person.protocol),
            phase=None if session else course.phase,
            session=session,
            wish=Wish(frozenset(), person.not_before, person.not_after),
            actor=stage.premises.actors["front_desk"],
            now=now,
        )

    def _starts_for(
        self, course: Course, sessions: int, actor: Actor, now: datetime
    ) -> list[datetime] | None:
        premises, person = self._stage.premises, course.person
        rules = premises.rules(person.protocol)
        asked = Offer(
            clinic=premises.clinic,
            version=premises.versions[person.protocol],
            phase=rules.phase(course.phase),
            actor=actor,
            now=now,
            patient_id=course.patient.id,
        )
        earliest = premises.day_of(now) + timedelta(days=1)
        latest = asked.latest_for(earliest, sessions)
        often = person.protocol in OFTEN_A_WEEK and course.order == 0
        wish = Wish(frozenset(person.weekdays if often else ()), person.not_before, person.not_after)
        for wanted in (wish, Wish()):
            _, settled = asked.plans(
                sessions=sessions, earliest=earliest, latest=latest, wish=wanted, limit=1
            )
            plans = settled.answer
            if isinstance(plans, Unplannable) or not plans:
                continue
            starts = [instant(place.start) for place in plans[0].places]
            if wanted == Wish() or starts[0] - now <= self._stage.world.patience:
                return starts
        return None
