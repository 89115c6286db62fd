"""Two hundred people write over HTTP while web, worker, Redis and PostgreSQL processes die by SIGKILL in
turn: what was answered is there, what was refused is not, and each message is accounted for.
"""

from __future__ import annotations

import random
import secrets
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from datetime import time as clock
from itertools import cycle

import pytest
from django.core.management import call_command
from django.utils import timezone

from bookings.api.authentication import digest_of
from bookings.commands.seal import seal_journal
from bookings.models import (
    AccessToken,
    Claim,
    JournalEntry,
    Patient,
    Role,
    Series,
    SeriesStatus,
    Session,
    StaffMember,
)
from notifications.commands import react
from notifications.kinds import Channel, Kind, Status
from notifications.models import Attempt, Message
from tests.cast import KET6, make_chairs, make_clinic, make_protocol, make_shifts, make_staff
from tests.faults.installation import Installation, installation, wait_for
from tests.faults.test_messages_survive import finish
from tests.faults.writers import Course, Crowd, Told
from tests.races.arena import SECONDS

WRITERS, CLINICS, CHAIRS = 200, 4, 10
PATIENTS = 20 + int(SECONDS / 5)  # of each writer
NEXT = 25  # answers between one death and the next: the service must have come back

pytestmark = [pytest.mark.fault, pytest.mark.timeout(900 + 4 * SECONDS)]


@pytest.fixture
def running(tmp_path, settings, django_db_blocker):
    with (
        django_db_blocker.unblock(),
        installation(tmp_path / "faults", settings, lasting=True, web_processes=2) as made,
    ):
        yield made


def test_what_was_answered_is_there_whatever_died(running, capsys):
    here, mailbox, _texts = running
    crowd = stage(here)
    for _ in range(2):
        here.start_worker()
        here.start_beat()
    assert wait_for(here.are_ready, seconds=240)
    killed = storm(here, crowd)
    finish_messages()

    lost, kept = missing(crowd.courses), invented(crowd.courses)
    with capsys.disabled():
        print(
            f"\n{WRITERS} writers, {SECONDS:.0f} s: {sum(killed.values())} times killed ({dict(killed)}); "
            f"{crowd.told[Told.DONE]} answered 2xx, {crowd.told[Told.REFUSED]} refused, "
            f"{crowd.told[Told.UNKNOWN]} without an answer ({dict(crowd.statuses)}); {len(lost)} lost, "
            f"{len(kept)} that were refused kept; {Message.objects.count()} messages, "
            f"{len(mailbox.mails)} mails"
        )
    assert crowd.faults == []
    assert lost == []
    assert kept == []
    assert half_done() == []
    assert more_often_than_asked(crowd.courses) == []
    call_command("check_diary", verbosity=0)
    seal_journal(now=timezone.now())
    call_command("verify_journal", verbosity=0)
    assert_each_message_is_accounted_for(mailbox)


def stage(here: Installation) -> Crowd:
    """Four clinics, a desk for each, open every day of the months to come; many who want to be booked."""
    now = timezone.now()
    today = now.date()
    clinics = [make_clinic(f"harbor-{n}", time_zone="Etc/UTC", weekdays=range(1, 8)) for n in range(CLINICS)]
    tokens = []
    for number, clinic in enumerate(clinics):
        make_chairs(clinic, *(f"C{chair}" for chair in range(CHAIRS)))
        for nurse in range(CHAIRS):
            member = make_staff(
                f"n{number}-{nurse}@harbor.example", "Nia", f"Bell {nurse}", Role.NURSE, clinic
            )
            make_shifts(
                clinic,
                member,
                clock(8),
                clock(17),
                first=today,
                last=today + timedelta(days=90),
                weekdays=range(1, 8),
            )
        desk = make_staff(f"desk{number}@harbor.example", "Dee", "Alvarez", Role.FRONT_DESK, *clinics)
        tokens.append(token_of(desk, now=now))
    prescriber = make_staff("prescriber@harbor.example", "Pia", "Roth", Role.PRESCRIBER, *clinics)
    make_protocol(KET6, *clinics, signed_by=prescriber)
    people = Patient.objects.bulk_create(
        (
            Patient(
                first_name="Pat",
                last_name=f"Example {number}",
                email=f"p{number}@mail.example",
                time_zone="Etc/UTC",
            )
            for number in range(WRITERS * PATIENTS)
        ),
        batch_size=2000,
    )
    return Crowd(
        port=here.port,
        tokens=tokens,
        clinics=[clinic.slug for clinic in clinics],
        protocol=KET6["slug"],
        first=datetime.combine(today + timedelta(days=14), clock(), clinics[0].zone),
        patients=[[str(one.id) for one in people[writer::WRITERS]] for writer in range(WRITERS)],
    )


def token_of(staff: StaffMember, *, now: datetime) -> str:
    plain = secrets.token_urlsafe(16)
    expires = now + timedelta(days=1)
    AccessToken.objects.create(digest=digest_of(plain), staff=staff, created_at=now, expires_at=expires)
    return plain


def storm(here: Installation, crowd: Crowd) -> Counter[str]:
    """What was killed, how often. Each death waits until the service has answered again since the last one:
    it takes SECONDS, and longer where a machine needs longer for one of each.
    """
    dice, killed = random.Random(1), Counter[str]()
    until = time.monotonic() + SECONDS
    writers = crowd.begin()
    victims = ways_to_die(here, crowd, dice)
    assert answers_again(crowd)
    while time.monotonic() < until or len(killed) < len(KINDS):
        kind, kill = next(victims)
        killed[kind] += 1
        kill()
        assert answers_again(crowd)
        time.sleep(dice.uniform(0, 2))
    crowd.ended.set()
    for writer in writers:
        writer.join()
    here.end_workers()
    return killed


KINDS = ("web", "worker", "Redis", "PostgreSQL")


def ways_to_die(
    here: Installation, crowd: Crowd, dice: random.Random
) -> Iterator[tuple[str, Callable[[], object]]]:
    def redis() -> None:
        here.kill_redis()
        assert answers_again(crowd)  # without it, too
        here.start_redis()

    deaths = (lambda: here.kill_web(dice), lambda: here.kill_a_worker(dice), redis)
    return cycle(zip(KINDS, (*deaths, lambda: here.kill_postgres(dice)), strict=True))


def answers_again(crowd: Crowd) -> bool:
    before = crowd.answered
    return wait_for(lambda: crowd.answered >= before + NEXT, seconds=300)


def finish_messages() -> None:
    """As workers do that live on: the journal is read to its end, and what is due goes out."""
    while react.react(now=timezone.now()):
        pass
    finish()


def missing(courses: list[Course]) -> list[str]:
    """What was answered with 2xx and is not so."""
    sessions = dict(Session.objects.values_list("id", "start"))
    status = dict(Series.objects.values_list("id", "status"))
    starts = {str(one): start for one, start in sessions.items()}
    there = {str(one): state for one, state in status.items()}
    found = []
    for course in courses:
        if course.booked is not Told.DONE:
            continue
        if course.series not in there:
            found.append(f"series {course.series}")
            continue
        if course.cancelled is Told.DONE and there[course.series] != SeriesStatus.CANCELLED:
            found.append(f"cancellation of {course.series}")
        found += [
            f"{one} at {starts.get(one)} instead of {known}"
            for one, known in course.sessions.items()
            if starts.get(one) not in known
        ]
    return found


def invented(courses: list[Course]) -> list[str]:
    """What was refused, or asked for once, and is there, or there twice."""
    series = Counter(str(one) for one in Series.objects.values_list("patient", flat=True))
    standing = {str(one) for one in Series.objects.filter(status="active").values_list("id", flat=True)}
    most = {Told.DONE: 1, Told.UNKNOWN: 1, Told.REFUSED: 0}
    found = [f"{series[one.patient]} series" for one in courses if series[one.patient] > most[one.booked]]
    given_up = [one for one in courses if one.booked is Told.DONE and one.cancelled is Told.REFUSED]
    return found + [f"{one.series} is cancelled" for one in given_up if one.series not in standing]


def half_done() -> list[str]:
    """Series that are not whole, and claims that are not those of the standing sessions."""
    broken = [f"series {one.id}" for one in Series.objects.prefetch_related("sessions") if six(one) != 6]
    live = set(Session.objects.exclude(status="cancelled").values_list("id", flat=True))
    claims = Claim.objects.filter(hold=None).values_list("session", flat=True)
    return broken + [f"claim of {one}" for one in live ^ set(claims)]


def six(series: Series) -> int:
    return len(series.sessions.all())


def more_often_than_asked(courses: list[Course]) -> list[str]:
    """Bookings and moves that the journal has more or less often than they can have been carried out."""
    rows = JournalEntry.objects.filter(verb="session_moved").values_list("session", flat=True)
    moved = Counter(map(str, rows))
    made = Counter(JournalEntry.objects.filter(verb="series_booked").values_list("series", flat=True))
    found = [f"series {one} booked {times} times" for one, times in made.items() if times != 1]
    for course in courses:
        for session, told in course.moves.items():
            least, most = told[Told.DONE], told[Told.DONE] + told[Told.UNKNOWN]
            if not least <= moved[session] <= most:
                found.append(f"{session} moved {moved[session]} times, not {least} to {most}")
    return found


def assert_each_message_is_accounted_for(mailbox) -> None:
    """In a final state with its reason, or planned for a day to come; and handed over once, or twice where a
    worker died over it.
    """
    soon = timezone.now() + timedelta(hours=8)
    assert not Message.objects.filter(status=Status.SENDING).exists()
    assert not Message.objects.filter(status=Status.PLANNED, due_at__lt=soon).exists()
    done = Message.objects.exclude(status__in=[Status.PLANNED, Status.SENT, Status.DELIVERED])
    assert not done.filter(reason="").exists()
    standing = Series.objects.filter(status=SeriesStatus.ACTIVE).values_list("id", flat=True)
    confirmed = Message.objects.filter(kind=Kind.CONFIRMATION, channel=Channel.EMAIL)
    told = Counter(confirmed.values_list("series", flat=True))
    assert {series: told[series] for series in standing if told[series] != 1} == {}
    mails = Counter(mail["Message-ID"].strip("<>").partition("@")[0] for mail in mailbox.mails)
    handed_over = Message.objects.filter(status__in=[Status.SENT, Status.DELIVERED], channel=Channel.EMAIL)
    assert {str(one) for one in handed_over.values_list("id", flat=True)} == set(mails)
    for message, times in mails.items():
        if times > 1:
            assert times <= 1 + Attempt.objects.filter(message=message, outcome="lost").count()
