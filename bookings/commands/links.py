"""Links in messages: issued, looked at without a trace, and used."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from bookings import journal, signals
from bookings.actors import Actor, patient_actor
from bookings.errors import NotFound, WrongCredentials
from bookings.known import patients_of
from bookings.models import AccessToken, Link, LinkPurpose, Offer, Patient, Proposal, Session
from bookings.tokens import PATIENT_TOKEN_LIFE, digest_of, new_access_token, new_link_token

SIGN_IN_LINK_LIFE = timedelta(minutes=10)


def issue_link(
    patient: Patient,
    *,
    purpose: str,
    session: Session | None = None,
    proposal: Proposal | None = None,
    offer: Offer | None = None,
    expires_at: datetime | None = None,
    now: datetime,
) -> str:
    """The secret of a new link to sign in, or to something of this patient's, said only here.

    Unless `expires_at` says otherwise, a link to sign in lives ten minutes and one to a proposal as long as
    the proposal is held. One to an offer opens until the time that is offered begins, so that whoever comes
    late reads what has become of it. A link to a visit takes no `expires_at`: it ends with the visit,
    wherever that is moved to.
    """
    link, plain = new_link(
        patient,
        purpose=purpose,
        session=session,
        proposal=proposal,
        offer=offer,
        expires_at=expires_at,
        now=now,
    )
    link.save(force_insert=True)
    return plain


def new_link(
    patient: Patient,
    *,
    purpose: str,
    session: Session | None = None,
    proposal: Proposal | None = None,
    offer: Offer | None = None,
    expires_at: datetime | None = None,
    now: datetime,
) -> tuple[Link, str]:
    """As `issue_link`, for somebody who saves many at once: the link, not yet saved, and its secret."""
    return _new(patient, purpose, session, proposal, offer, expires_at, now)


def look_at_link(plain: str, *, now: datetime) -> Link | None:
    """What the secret opens, with patient, visit, proposal and offer in the same query. Changes nothing.

    None for one that is wrong, late or used up: they look the same.
    """
    link = (
        Link.objects.select_related(
            "patient",
            "session__series__protocol_version",
            "session__clinic",
            "proposal__series__protocol_version",
            "proposal__series__clinic",
            "offer__entry__clinic",
            "offer__entry__session__series",
        )
        .filter(digest=digest_of(plain), used_at__isnull=True)
        .first()
    )
    if link is None:
        return None
    ends = link.session.end if link.session else link.expires_at
    return link if ends is not None and now < ends else None


def use_link(plain: str, *, now: datetime) -> tuple[AccessToken, str]:
    """A token for the patient of a link to sign in, which is used up; the plain token is said only here.

    Refuses with WrongCredentials, and does not say why.
    """
    with transaction.atomic(durable=True):
        fresh = Link.objects.select_related("patient").filter(
            digest=digest_of(plain), purpose=LinkPurpose.SIGN_IN, used_at__isnull=True, expires_at__gt=now
        )
        link = fresh.first()
        if link is None or not fresh.update(used_at=now):
            raise WrongCredentials
        actor = patient_actor(link.patient)
        return new_access_token(actor, patient=link.patient, life=PATIENT_TOKEN_LIFE, now=now)


def end_links(patient: Patient, *, actor: Actor, now: datetime) -> int:
    """Every link that was sent to the patient so far opens nothing any more; how many did until now.

    The next messages bring new ones.
    """
    if actor.is_patient and actor.id != patient.id:
        raise NotFound("There is no such patient.")
    with transaction.atomic(durable=True):
        ended = Link.objects.filter(patient=patient, used_at__isnull=True).update(used_at=now)
        if ended:
            journal.record("links_ended", actor=actor, now=now, patient=patient, after={"links": ended})
    return ended


def request_sign_in_link(contact: str, *, now: datetime) -> None:
    """A link to sign in for each patient behind a contact in its kept form; nothing for an unknown one.

    Nothing is said either way. After the commit `sign_in_link_issued` is sent for each of them.
    """
    with transaction.atomic(durable=True):
        patients = list(patients_of(contact))
        issued = [_new(one, LinkPurpose.SIGN_IN, None, None, None, None, now) for one in patients]
        Link.objects.bulk_create([link for link, _ in issued])
    for patient, (_, plain) in zip(patients, issued, strict=True):
        signals.sign_in_link_issued.send_robust(
            Link, contact=contact, token=plain, name=patient.first_name, language=patient.language
        )


def _new(
    patient: Patient,
    purpose: str,
    session: Session | None,
    proposal: Proposal | None,
    offer: Offer | None,
    expires_at: datetime | None,
    now: datetime,
) -> tuple[Link, str]:
    owners = [one.patient_id for one in (session, proposal and proposal.series, offer and offer.entry) if one]
    if any(owner != patient.id for owner in owners):
        raise ValueError("a link opens nothing of another patient")
    if purpose == LinkPurpose.VISIT and expires_at is not None:
        raise ValueError("a link to a visit ends with the visit")
    if purpose == LinkPurpose.SIGN_IN:
        expires_at = expires_at or now + SIGN_IN_LINK_LIFE
    if purpose == LinkPurpose.PROPOSAL and proposal is not None:
        expires_at = expires_at or proposal.expires_at
    if purpose == LinkPurpose.OFFER and offer is not None:
        expires_at = expires_at or offer.start
    plain = new_link_token()
    link = Link(digest=digest_of(plain), purpose=purpose, patient=patient, created_at=now)
    link.session, link.proposal, link.offer, link.expires_at = session, proposal, offer, expires_at
    return link, plain
