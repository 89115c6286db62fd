"""What becomes of a series when one of its sessions ends, is given back or returns."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import QuerySet

from bookings import journal, lifecycle, snapshot
from bookings.actors import Actor
from bookings.attendance import set_series_status
from bookings.gaps import LongGap, long_gaps
from bookings.models import JournalEntry, Series, SeriesStatus, Session
from scheduler.diary import PatientSession
from scheduler.violations import Rule


def close_or_lapse(series: Series, *, actor: Actor, now: datetime) -> list[JournalEntry]:
    """After a session was given back or missed: the rows, not yet written, of what became of series.

    Nothing live or finished left: the series is cancelled. A gap that is now longer than the hard maximum,
    and that no prescriber has accepted: it lapses, and so does any other series of the patient in the same
    spacing group. Two queries, and a few more for each series with a long gap.
    """
    sessions = snapshot.load_patient(series.patient_id)
    if not any(one.series == str(series.id) for one in sessions):
        if series.sessions.exclude(status=lifecycle.CANCELLED).exists():
            return []  # missed, not given up: it waits for a make-up
        return [_change(series, SeriesStatus.CANCELLED, "series_cancelled", actor=actor, now=now)]
    rows = []
    for one in _active_in_group(series):
        if gap := _unaccepted_gap(sessions, one):
            reason = f"A gap of {gap.days} days; at most {gap.allowed} are allowed."
            mine = series if one.id == series.id else one
            rows.append(
                _change(mine, SeriesStatus.LAPSED, "series_lapsed", actor=actor, now=now, reason=reason)
            )
    return rows


def foreseen(session: Session) -> tuple[bool, LongGap | None]:
    """What `close_or_lapse` would make of it if the session were given back now, by the same rules: whether
    its series would be cancelled, and else the gap for which one of the patient's would lapse.
    """
    series = session.series
    sessions = snapshot.load_patient(series.patient_id, without_sessions=[str(session.id)])
    if not any(one.series == str(series.id) for one in sessions):
        others = series.sessions.exclude(id=session.id).exclude(status=lifecycle.CANCELLED)
        return not others.exists(), None
    gaps = (_unaccepted_gap(sessions, one) for one in _active_in_group(series))
    return False, next((gap for gap in gaps if gap), None)


def complete_if_last(series: Series, *, actor: Actor, now: datetime) -> list[JournalEntry]:
    """After a session was completed: the series is complete when none is live. At most two statements."""
    if series.sessions.filter(status__in=lifecycle.LIVE).exists():
        return []
    return [_change(series, SeriesStatus.COMPLETED, "series_completed", actor=actor, now=now)]


def reopen(series: Series, *, actor: Actor, now: datetime) -> list[JournalEntry]:
    """After a session came back: a series that had ended is active again, a lapsed one if its gaps allow
    it.
    """
    if series.status in (SeriesStatus.ACTIVE, SeriesStatus.REQUESTED):
        return []
    if _unaccepted_gap(snapshot.load_patient(series.patient_id), series):
        return []
    return [_change(series, SeriesStatus.ACTIVE, "series_reopened", actor=actor, now=now)]


def _active_in_group(series: Series) -> QuerySet[Series]:
    """The patient's active series of that spacing group. One query when read."""
    return (
        Series.objects.select_related("protocol_version")
        .filter(patient_id=series.patient_id, spacing_group=series.spacing_group, status=SeriesStatus.ACTIVE)
        .order_by("id")
    )


def _unaccepted_gap(sessions: Sequence[PatientSession], series: Series) -> LongGap | None:
    """The first gap longer than the hard maximum that no prescriber has accepted."""
    if not any(long_gaps(sessions, series=str(series.id), decided=(), cleared_on=None)):
        return None
    overridden = Session.objects.filter(
        patient_id=series.patient_id, overrides__contains=[{"rule": Rule.MAX_GAP.value}]
    )
    cleared = series.clearance
    found = long_gaps(
        sessions,
        series=str(series.id),
        decided={str(one) for one in overridden.values_list("id", flat=True)},
        cleared_on=cleared.granted_at.astimezone(series.clinic.zone).date() if cleared else None,
    )
    return next((gap for gap in found if not gap.accepted), None)


def _change(
    series: Series, status: SeriesStatus, verb: str, *, actor: Actor, now: datetime, reason: str = ""
) -> JournalEntry:
    before = {"status": series.status}
    set_series_status(series, status)
    return journal.entry(
        verb,
        actor=actor,
        now=now,
        series=series,
        before=before,
        after={"status": series.status},
        reason=reason,
    )
