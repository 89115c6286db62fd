"""Sessions that have not begun give their places back: the rows, for every verb that does so."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import F

from bookings import journal, lifecycle
from bookings.actors import Actor
from bookings.models import Claim, JournalEntry, Series, SeriesStatus, Session, SessionStatus


def open_sessions(series: Series) -> list[Session]:
    """The sessions that have not begun. A visit under way is ended by the people who are with the patient."""
    open_ones = series.sessions.filter(status__in=lifecycle.MOVABLE).select_related(
        "series__protocol_version"
    )
    return list(open_ones.order_by("number"))


def cancelled(session: Session, after: str, *, reason: str, actor: Actor, now: datetime) -> JournalEntry:
    """The session in its new state, not yet saved, and the row that tells of it."""
    before = journal.session_facts(session)
    session.status_before, session.status = session.status, after
    facts = {**journal.session_facts(session), "version": session.version + 1}
    return journal.entry(
        "session_cancelled", actor=actor, now=now, session=session, before=before, after=facts, reason=reason
    )


def give_up(sessions: Sequence[Session], *, reason: str, actor: Actor, now: datetime) -> list[JournalEntry]:
    """Those sessions are cancelled and their chairs free; the rows that tell of it are not yet written. Two
    statements.
    """
    entries = [cancelled(one, lifecycle.CANCELLED, reason=reason, actor=actor, now=now) for one in sessions]
    Claim.objects.filter(session__in=sessions).delete()
    Session.objects.filter(id__in=[one.id for one in sessions]).update(
        status=SessionStatus.CANCELLED, status_before=F("status"), version=F("version") + 1
    )
    return entries


def end_series(
    series: Series, sessions: Sequence[Session], *, reason: str, actor: Actor, now: datetime
) -> list[JournalEntry]:
    """The series is cancelled with all its open sessions; the rows are not yet written. Three statements."""
    entries = give_up(sessions, reason=reason, actor=actor, now=now)
    before = {"status": series.status}
    series.status, series.version = SeriesStatus.CANCELLED, series.version + 1
    series.save(update_fields=["status", "version"])
    whole = journal.entry(
        "series_cancelled",
        actor=actor,
        now=now,
        series=series,
        before=before,
        after={"status": series.status},
        reason=reason,
    )
    return [whole, *entries]
