"""What becomes of a series when one of its sessions ends, is given back or returns."""

from __future__ import annotations

from datetime import datetime

from bookings import journal, lifecycle, snapshot
from bookings.actors import Actor
from bookings.attendance import overlong, set_series_status
from bookings.models import JournalEntry, Series, SeriesStatus


def close_or_lapse(series: Series, *, actor: Actor, now: datetime) -> list[JournalEntry]:
    """After a session was given back or missed: the rows, not yet written, of what became of series.

    Nothing live or finished left: the series is cancelled. A gap that is now longer than the hard maximum: it
    lapses, and so does any other series of the patient in the same spacing group. Two queries.
    """
    sessions = snapshot.load_patient(series.patient_id)
    group = (
        Series.objects.select_related("protocol_version")
        .filter(patient_id=series.patient_id, spacing_group=series.spacing_group, status=SeriesStatus.ACTIVE)
        .order_by("id")
    )
    if not any(one.series == str(series.id) for one in sessions):
        if series.sessions.exclude(status=lifecycle.CANCELLED).exists():
            return []  # missed, not given up: it waits for a make-up
        return [_change(series, SeriesStatus.CANCELLED, "series_cancelled", actor=actor, now=now)]
    rows = []
    for one in group:
        if gap := overlong(sessions, series=one):
            reason = f"A gap of {gap[0]} days; at most {gap[1]} are allowed."
            mine = series if one.id == series.id else one
            rows.append(
                _change(mine, SeriesStatus.LAPSED, "series_lapsed", actor=actor, now=now, reason=reason)
            )
    return rows


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
    if overlong(snapshot.load_patient(series.patient_id), series=series):
        return []
    return [_change(series, SeriesStatus.ACTIVE, "series_reopened", actor=actor, now=now)]


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
