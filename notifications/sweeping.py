"""What touches a whole clinic goes through its sessions some at a time, nearest first.

How far it has come is a row, written with the messages of each step: a worker that dies here loses one step,
and whoever reacts next goes on. Everything here runs inside the caller's transaction, under the lock of
those who react.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import OperationalError, connection, transaction

from bookings.models import Session
from notifications.knowing import known_of
from notifications.models import Message, Sweep, writing
from notifications.planning import RESTUDIED, restudy
from notifications.touched import PAST, sessions_at

STEP = 200  # sessions; half a second's work, for which others wait
FIRST = UUID(int=0)
_log = logging.getLogger(__name__)

_BEGIN = f"""
    INSERT INTO {Sweep._meta.db_table} (clinic_id, decided_at, start, session)
    SELECT clinic, %(decided_at)s, %(start)s, %(session)s FROM unnest(%(clinics)s::uuid[]) AS clinic
    ON CONFLICT (clinic_id) DO UPDATE
    SET decided_at = excluded.decided_at, start = excluded.start, session = excluded.session
"""  # noqa: S608, SLF001  a name of ours

_UNDER_WAY = f"SELECT EXISTS (SELECT FROM {Sweep._meta.db_table})"  # noqa: S608, SLF001


def begin(clinics: Iterable[UUID], *, decided_at: datetime, now: datetime) -> None:
    """Have every session at these clinics looked at that may have messages that wait; from the first one
    again where that is under way.
    """
    if found := list(clinics):
        asked: dict[str, Any] = {"clinics": found, "decided_at": decided_at}
        asked |= {"start": now - PAST, "session": FIRST}
        with connection.cursor() as cursor:
            cursor.execute(_BEGIN, asked)


def under_way() -> bool:
    """Whether there is anything to carry on."""
    with connection.cursor() as cursor:  # asked after every booking
        cursor.execute(_UNDER_WAY)
        [found] = cursor.fetchone()
        return bool(found)


def step(*, most: int = STEP, now: datetime) -> bool:
    """Look at the next sessions of one clinic, so many at the most; whether one waits for that.

    A session whose messages cannot be planned is logged and passed over: it would hold up all behind it.
    """
    sweep = Sweep.objects.order_by("clinic").first()
    if sweep is None:
        return False
    sessions = sessions_at(sweep.clinic_id, start=sweep.start, id=sweep.session, most=most)
    try:
        with transaction.atomic():
            _restudy(sessions, sweep, now=now)
    except OperationalError:  # the database is away
        raise
    except Exception:
        _log.exception("sessions could not be looked at together; trying one at a time")
        _one_by_one(sessions, sweep, now=now)
    if len(sessions) < most:
        sweep.delete()
    else:
        sweep.start, sweep.session = sessions[-1].start, sessions[-1].id
        sweep.save(update_fields=["start", "session"])
    return True


def _one_by_one(sessions: Iterable[Session], sweep: Sweep, *, now: datetime) -> None:
    for session in sessions:
        try:
            with transaction.atomic():
                _restudy([session], sweep, now=now)
        except OperationalError:
            raise
        except Exception:
            _log.exception("the messages of session %s could not be planned", session.id)


def _restudy(sessions: Sequence[Session], sweep: Sweep, *, now: datetime) -> None:
    known = known_of(
        (one.patient for one in sessions), {one.series_id: one.series for one in sessions}.values()
    )
    changed = restudy(sessions, known, decided_at=lambda _: sweep.decided_at, now=now)
    Message.objects.bulk_create(changed.new, ignore_conflicts=True)
    writing.update(changed.rows, RESTUDIED)
