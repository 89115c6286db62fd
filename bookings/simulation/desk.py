"""What staff do: see to tasks, ring people, and book what patients ring about."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from bookings.actors import Actor, patient_actor
from bookings.commands.attend import miss_session
from bookings.commands.clearance import grant_clearance
from bookings.commands.deciding import assess_series
from bookings.commands.move import move_session
from bookings.commands.proposals import accept_proposal, decline_proposal, propose_moves
from bookings.commands.replan import apply_replan
from bookings.commands.todo import resolve_task
from bookings.demo.courses import FIRST_PHASE
from bookings.errors import Refused
from bookings.lifecycle import EXPECTED, GONE
from bookings.models import Proposal, Series, SeriesStatus, Session, SessionStatus, Task, TaskKind
from bookings.simulation.asking import CLEARANCE, SPARE_SESSIONS, Asking
from bookings.simulation.chance import Loss
from bookings.simulation.stage import Course, Stage
from bookings.simulation.visits import Visits

#: Without the watch somebody looks at the day's list before going home, and marks who did not come.
LAST_LOOK = timedelta(minutes=5)
_MENDED_BY_ANOTHER_TIME = frozenset({TaskKind.INCOMPLETE, TaskKind.SOFT_GAP, TaskKind.NO_LONGER_FITS})


class Desk:
    """Everybody who works at the clinic."""

    def __init__(self, stage: Stage, asking: Asking, visits: Visits) -> None:
        self._stage, self._asking, self._visits = stage, asking, visits

    @property
    def _actor(self) -> Actor:
        return self._stage.premises.actors["front_desk"]

    def task(self, task: Task, now: datetime) -> None:
        """A task has come up: somebody will see to it while the desk is staffed."""
        if task.kind == TaskKind.NOT_ARRIVED:
            after = timedelta(minutes=10)
        else:
            after = self._stage.world.task_after * self._stage.chance.of("desk", now).expovariate(1)
        self._when_staffed(now, after, lambda then: self._see_to(task, then))

    def lost(self, session: Session, now: datetime) -> None:
        """A visit was cancelled or missed: some patients ring about another one by themselves."""
        loss = self._loss_of(Series.objects.get(id=session.series_id))
        if loss.rings_after is not None:
            self._when_staffed(now, loss.rings_after, lambda then: self._make_up(session.series_id, then))

    def ended(self, series: Series, now: datetime) -> None:
        """A phase is over: some patients book the next one before they go."""
        course = self._stage.course_of(series)
        wanted = self._asking.goes_on(course)
        if wanted is None:
            return
        loss = self._stage.chance.loss(course.person.number, course.order, "ended")
        if loss.rings_after is not None:
            self._when_staffed(now, timedelta(minutes=15), lambda then: self._next(series, then))

    def treated(self, session: Session, now: datetime) -> None:
        """Where the treatment asks for it, a prescriber looks at who was treated; all of them go on."""
        course, series = self._stage.course_of(session.series_id), session.series
        given = series.sessions.filter(status=SessionStatus.COMPLETED).count()
        if given in self._stage.premises.rules(course.person.protocol).phase(course.phase).assess_after:
            prescriber = self._stage.premises.actors["prescriber"]
            self._stage.put(
                now + timedelta(minutes=30),
                lambda then: assess_series(series, go_on=True, actor=prescriber, now=then),
            )

    def proposed(self, proposal: Proposal, now: datetime) -> None:
        """A message with other times is under way: whoever answers it does so after a while."""
        loss = self._loss_of(proposal.series)
        at = _awake(now, loss.answers_after)
        if loss.answers_message and at < proposal.expires_at:
            self._stage.put(at, lambda then: self._answer(proposal, loss, then))

    def unanswered(self, series: Series, now: datetime) -> None:
        """Nobody took the other times: somebody rings."""
        self._when_staffed(now, timedelta(hours=1), lambda then: self._ring(series, then))

    def missing(self, session: Session, now: datetime) -> None:
        """Without the watch: whoever did not come is marked at the end of the day."""
        session.refresh_from_db()
        if session.status in EXPECTED and not self._visits.comes(session):
            self._miss(session, now)

    def _see_to(self, task: Task, now: datetime) -> None:
        task.refresh_from_db()
        if task.resolved_at is not None or task.series is None:
            return
        kind = TaskKind(task.kind)
        if kind == TaskKind.NOT_ARRIVED:
            self._not_arrived(task, now)
        elif kind in _MENDED_BY_ANOTHER_TIME:
            self._offer_other_times(task, now)
        elif kind == TaskKind.HARD_GAP:
            self._look_again(task, now)
        elif kind == TaskKind.PHASE_FINISHED:
            self._after_phase(task, now)
        elif kind == TaskKind.PLACE_FREE:
            self._call_about_place(task, now)
        else:
            self._resolve(task, "Seen.", now)

    def _not_arrived(self, task: Task, now: datetime) -> None:
        session = task.session
        assert session is not None, "somebody has not come to a visit"
        self._stage.ring("not arrived")
        if not self._visits.comes(session):
            self._miss(session, now)

    def _miss(self, session: Session, now: datetime) -> None:
        miss_session(session, actor=self._actor, now=now)

    def _offer_other_times(self, task: Task, now: datetime) -> None:
        """By a message where there is time, else by telephone."""
        assert task.series is not None
        try:
            propose_moves(task.series, reason="", actor=self._actor, now=now)
        except Refused:
            self._ring(task.series, now)

    def _ring(self, series: Series, now: datetime) -> None:
        """About a visit that was lost: book another one, or close the task for good."""
        series.refresh_from_db()
        if series.status not in (SeriesStatus.ACTIVE, SeriesStatus.LAPSED):
            return
        tasks = self._open_tasks(series)
        if not tasks:
            return  # mended meanwhile
        self._stage.ring("another time")
        if self._loss_of(series).willing:
            try:
                self._make_up(series.id, now)
            except Refused:
                self._stage.calls["in vain"] += 1
            else:
                return
        for task in tasks:
            self._resolve(task, "Rung; they leave it at that.", now)

    def _make_up(self, series_id: UUID, now: datetime) -> None:
        series = Series.objects.get(id=series_id)
        if series.status == SeriesStatus.LAPSED:
            self._clear(self._stage.course_of(series), now)
            series.refresh_from_db()
        if series.status == SeriesStatus.ACTIVE and self._needs_another_time(series, now):
            apply_replan(series, actor=self._actor, now=now)

    def _needs_another_time(self, series: Series, now: datetime) -> bool:
        """Whether a visit was lost and not made up for, or somebody has said that something is wrong."""
        whole = FIRST_PHASE.get(self._stage.course_of(series).person.protocol)
        live = series.sessions.exclude(status__in=GONE).count()
        lost = series.sessions.filter(status__in=GONE).exists()
        short = whole is not None and series.phase == whole[0] and lost and live < whole[1]
        return short or bool(self._open_tasks(series))

    def _look_again(self, task: Task, now: datetime) -> None:
        """A prescriber looks at somebody whose gap has grown too long."""
        assert task.series is not None
        self._stage.ring("re-evaluation")
        if self._loss_of(task.series).willing:
            self._clear(self._stage.course_of(task.series), now)
            self.unanswered(task.series, now)
        else:
            self._resolve(task, "The patient does not go on.", now)

    def _clear(self, course: Course, now: datetime) -> None:
        premises = self._stage.premises
        grant_clearance(
            course.patient,
            protocol=premises.protocol(course.person.protocol),
            sessions=FIRST_PHASE[course.person.protocol][1] + SPARE_SESSIONS,
            expires=premises.day_of(now + CLEARANCE),
            actor=premises.actors["prescriber"],
            now=now,
        )

    def _after_phase(self, task: Task, now: datetime) -> None:
        assert task.series is not None
        self._stage.ring("next phase")
        course = self._stage.course_of(task.series)
        willing = self._stage.chance.loss(course.person.number, course.order, "ended").willing
        if not (willing and self._next(task.series, now)):
            self._resolve(task, "They do not go on for now.", now)

    def _next(self, series: Series, now: datetime) -> bool:
        """Book the next phase, if they want it and have not booked it; whether they have it."""
        course = self._stage.course_of(series)
        wanted = self._asking.goes_on(course)
        if wanted is None:
            return False
        if Series.objects.filter(patient=course.patient, created_at__gt=series.created_at).exists():
            return True
        phase, sessions = wanted
        following = Course(course.person, course.patient, phase, course.order + 1)
        return self._asking.ask(following, sessions=sessions, online=False, now=now) is not None

    def _call_about_place(self, task: Task, now: datetime) -> None:
        assert task.series is not None
        assert task.session is not None
        assert task.proposal is not None
        course = self._stage.course_of(task.series)
        self._stage.ring("place free")
        place = task.proposal["place"]
        start = datetime.fromisoformat(task.proposal["moves"][0]["to"])
        if self._stage.chance.answer(course.person.number, "call", place).accepts_call and start > now:
            move_session(task.session, start=start, actor=self._actor, now=now)
        else:
            self._resolve(task, "Cannot come so soon.", now)

    def _answer(self, proposal: Proposal, loss: Loss, now: datetime) -> None:
        actor = patient_actor(self._stage.course_of(proposal.series).patient)
        if loss.willing:
            accept_proposal(proposal, actor=actor, now=now)
        else:
            decline_proposal(proposal, actor=actor, now=now)

    def _loss_of(self, series: Series) -> Loss:
        """How the patient takes what has become of their series: one way for each visit that they lost."""
        course = self._stage.course_of(series)
        lost = series.sessions.filter(status__in=GONE).count()
        return self._stage.chance.loss(course.person.number, course.order, lost)

    def _open_tasks(self, series: Series) -> list[Task]:
        kinds = (*_MENDED_BY_ANOTHER_TIME, TaskKind.HARD_GAP)
        return list(Task.objects.filter(series=series, kind__in=kinds, resolved_at__isnull=True))

    def _resolve(self, task: Task, why: str, now: datetime) -> None:
        task.refresh_from_db()
        if task.resolved_at is None:
            resolve_task(task, resolution=why, actor=self._actor, now=now)

    def _when_staffed(self, now: datetime, after: timedelta, deed: Callable[[datetime], object]) -> None:
        self._stage.put(self._stage.premises.staffed(now + after), deed)


def _awake(now: datetime, after: timedelta) -> datetime:
    """So much later, or in the morning where that is at night (by a fixed hour of UTC; nobody is exact)."""
    at = now + after
    return at if at.hour >= 12 or at.hour < 3 else at.replace(hour=13, minute=5)
