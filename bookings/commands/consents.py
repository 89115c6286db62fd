"""What patients agree to, and that they may take it back."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from bookings import journal
from bookings.actors import Actor
from bookings.errors import Invalid, NotFound
from bookings.models import Consent, ConsentPurpose, Patient

LONGEST_WORDING = 4000


def give_consent(
    patient: Patient,
    *,
    purpose: str,
    wording: str,
    language: str,
    source: str,
    actor: Actor,
    now: datetime,
) -> Consent:
    """The patient agrees to this, in these words, which are kept for good.

    Given already in the same words, it is returned unchanged; in other words, those end and these count from
    now on.
    """
    _admit(actor, patient)
    _known(purpose)
    if not wording.strip() or len(wording) > LONGEST_WORDING:
        raise Invalid("wording", f"The words that were shown, up to {LONGEST_WORDING} characters.")
    with transaction.atomic(durable=True):
        live = _live(patient, purpose)
        if live is not None and live.wording == wording:
            return live
        if live is not None:
            _end(live, source=source, now=now)
        consent = Consent.objects.create(
            patient=patient,
            purpose=purpose,
            wording=wording,
            language=language,
            source=source,
            given_at=now,
        )
        journal.record("consent_given", actor=actor, now=now, patient=patient, after=_facts(consent))
    return consent


def withdraw_consent(
    patient: Patient, *, purpose: str, source: str, actor: Actor, now: datetime
) -> Consent | None:
    """The patient takes it back: None, and no journal row, when there was nothing to take back."""
    _admit(actor, patient)
    _known(purpose)
    with transaction.atomic(durable=True):
        live = _live(patient, purpose)
        if live is None:
            return None
        before = _facts(live)
        _end(live, source=source, now=now)
        after = {"purpose": live.purpose, "source": source}
        journal.record("consent_withdrawn", actor=actor, now=now, patient=patient, before=before, after=after)
    return live


def _admit(actor: Actor, patient: Patient) -> None:
    if actor.is_patient and actor.id != patient.id:
        raise NotFound("There is no such patient.")


def _known(purpose: str) -> None:
    if purpose not in ConsentPurpose.values:
        raise Invalid("purpose", f"Not a purpose. They are: {', '.join(ConsentPurpose.values)}.")


def _live(patient: Patient, purpose: str) -> Consent | None:
    """The live consent, which nobody else gives or ends until this transaction is over."""
    Patient.objects.select_for_update().filter(id=patient.id).values_list("id").get()
    return Consent.objects.filter(patient=patient, purpose=purpose, withdrawn_at__isnull=True).first()


def _end(consent: Consent, *, source: str, now: datetime) -> None:
    consent.withdrawn_at, consent.withdrawn_source = now, source
    consent.save(update_fields=["withdrawn_at", "withdrawn_source"])


def _facts(consent: Consent) -> dict[str, str]:
    return {
        "consent": str(consent.id),
        "purpose": consent.purpose,
        "language": consent.language,
        "source": consent.source,
    }
