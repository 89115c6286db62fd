"""What the worker does for the diary: a door, which reads the clock and calls verbs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from celery import Task, shared_task
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone

from bookings.commands import holds, levelling, offers, proposals, pulse, repairs, seal, tidying, watching


@shared_task(bind=True)
def take_tick(self: Task[..., None]) -> None:
    """Remember that a worker took a tick of the beat, and when the beat sent it."""
    now = timezone.now()
    sent_at = self.request.get("sent_at")  # config/celery.py puts it there
    pulse.take_tick(sent_at=datetime.fromtimestamp(sent_at, UTC) if sent_at else now, now=now)


@shared_task
def sweep_holds() -> None:
    """Close proposals that nobody can accept any more, and remove holds that have expired."""
    proposals.tidy_proposals(now=timezone.now())
    holds.tidy_holds(now=timezone.now())


@shared_task
def sweep_idempotency_keys() -> None:
    """Forget old answers to repeated requests."""
    tidying.forget_answers(now=timezone.now())


@shared_task
def forget_old() -> None:
    """Forget what was kept for as long as settings say: ended ways in, and who was shown whose data."""
    now = timezone.now()
    tidying.forget_ways_in(before=now - timedelta(days=settings.RETENTION["ways_in"]))
    tidying.forget_readings(before=now - timedelta(days=settings.RETENTION["readings"]))


@shared_task
def forget_ended_sessions() -> None:
    """Forget the sessions of browsers that have ended, with whatever was typed in them and never booked."""
    SessionStore.clear_expired()


@shared_task
def seal_journal() -> None:
    """Bring what was written under seal."""
    seal.seal_journal(now=timezone.now())


@shared_task
def draw_up_repairs() -> None:
    """Draw up the joint plans that somebody waits for, and close those that are outdated."""
    while repairs.draw_up_next(now=timezone.now()):
        pass
    repairs.tidy_repairs(now=timezone.now())


@shared_task
def watch_recent() -> None:
    """Look at the series that may have got out of line lately."""
    watching.watch_recent(now=timezone.now())


@shared_task
def watch_new_days() -> None:
    """Look at every series of the clinics whose day is a new one."""
    watching.watch_new_days(now=timezone.now())


@shared_task
def watch_after(entries: list[int]) -> None:
    """Look at the series that these journal rows concern."""
    watching.watch_after(entries, now=timezone.now())


@shared_task
def offer_freed_places() -> None:
    """Offer what came free to those who wait, and what nobody wanted to those next in turn."""
    offers.offer_freed_places(now=timezone.now())


@shared_task
def offer_after(entries: list[int]) -> None:
    """Offer what these journal rows gave back."""
    offers.offer_freed_places(entries=entries, now=timezone.now())


@shared_task
def draw_up_templates() -> None:
    """Draw up the templates of starts that managers asked for."""
    levelling.draw_up_templates(now=timezone.now())
