"""Name the person who takes the patient home."""

from __future__ import annotations

from datetime import datetime

from django.db.models import F

from bookings import journal, lifecycle
from bookings.actors import Actor, admit
from bookings.attendance import wrong_state
from bookings.contacts import normalised_phone
from bookings.errors import Invalid, Stale
from bookings.locking import diary_lock
from bookings.models import Series, Session
from bookings.reading import reread


def name_escort(
    session: Session,
    *,
    name: str,
    phone: str = "",
    if_version: int | None = None,
    actor: Actor,
    now: datetime,
) -> Session:
    """That person takes the patient home after this visit; an empty name takes back who was named before.

    Until the visit has ended, whatever the cut-off. The same name and telephone again change nothing.
    """
    admit(actor, clinic_id=session.clinic_id, patient_id=session.patient_id)
    name, phone = name.strip(), _kept_phone(phone)
    if phone and not name:
        raise Invalid("name", "Whose telephone is this?")
    with diary_lock([], [session.patient_id], now=now):
        session = reread(session.id)
        if if_version is not None and if_version != session.version:
            raise Stale(version=session.version)
        if session.status not in lifecycle.LIVE:
            raise wrong_state(session)
        before = _facts(session)
        session.escort_name, session.escort_phone = name, phone
        if _facts(session) == before:
            return session
        session.version += 1
        session.save(update_fields=["escort_name", "escort_phone", "version"])
        Series.objects.filter(id=session.series_id).update(version=F("version") + 1)
        journal.record(
            "escort_named", actor=actor, now=now, session=session, before=before, after=_facts(session)
        )
    return session


def _kept_phone(phone: str) -> str:
    if not phone.strip():
        return ""
    kept = normalised_phone(phone)
    if kept is None:
        raise Invalid("phone", "Not a telephone number: write it like +1 202 555 0142.")
    return kept


def _facts(session: Session) -> dict[str, str]:
    return {"name": session.escort_name, "phone": session.escort_phone}
