"""Hear what a patient texts: obey it, have it answered, and have a person look where only a person can."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from bookings import tasklist
from bookings.actors import patient_actor
from bookings.commands.attend import confirm_session
from bookings.commands.consents import give_consent, withdraw_consent
from bookings.contacts import normalised_phone
from bookings.errors import Refused
from bookings.known import patients_of
from bookings.lifecycle import CONFIRMED
from bookings.models import Consent, ConsentPurpose, ConsentSource, Patient, Series, Session, TaskKind
from notifications import hearing, optouts
from notifications.answers import meaning_of, plain, speaks_of_cancelling
from notifications.kinds import Channel, Kind, Meaning, Status
from notifications.models import InboundText, Message
from notifications.replies import Answer, Visit, answer_to

REPLY_KEEPS = timedelta(hours=6)  # a reply later than that puzzles more than it helps
#: Two machines that answer one another stop here.
MOST_REPLIES, REPLIES_WITHIN = 20, timedelta(days=1)
#: Somebody who writes three times is told once that it will be read.
NOTED_AGAIN_AFTER = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class _Heard:
    """A text, whom it may come from, and what it is about."""

    number: str
    body: str
    meaning: Meaning
    patients: Sequence[Patient]
    visit: Session | None
    told: datetime | None

    @property
    def series(self) -> Series | None:
        return self.visit.series if self.visit else hearing.latest_series(self.patients)


def hear(
    *, sid: str, sender: str, receiver: str, body: str, carrier_says: str = "", now: datetime
) -> Message | None:
    """Take in a text that somebody sent; the reply that is now to be sent, or None.

    `sid` is the carrier's name for it: delivered twice, it counts once. From an unknown number only the wish
    to be left alone is obeyed, and nothing is said. Nothing but a plain yes changes the diary.
    """
    if InboundText.objects.filter(sid=sid).exists():
        return None
    heard = _understand(sender, body, carrier_says, now=now)
    _obey(heard, now=now)
    answer, trouble = _act(heard, now=now)
    with transaction.atomic(durable=True):
        text = InboundText(
            sid=sid,
            sender=heard.number,
            receiver=receiver[:32],
            body=heard.body,
            received_at=now,
            meaning=heard.meaning,
            patient=heard.visit.patient if heard.visit else next(iter(heard.patients), None),
            session=heard.visit,
        )
        InboundText.objects.bulk_create([text], ignore_conflicts=True)
        if not InboundText.objects.filter(id=text.id).exists():
            return None  # its twin was quicker, and all of this was done once already
        reply = _reply(heard, answer, text, now=now)
        if reply is not None:
            reply.save(force_insert=True)
            text.reply = reply
            text.save(update_fields=["reply"])
        _have_a_person_look(heard, trouble, now=now)
    return reply


def _understand(sender: str, body: str, carrier_says: str, *, now: datetime) -> _Heard:
    phone = normalised_phone(sender)
    number = phone or sender[:32]
    body = body.replace("\0", "")[:1600]
    meaning = meaning_of(body, carrier_says=carrier_says)
    if plain(body) == "yes" and optouts.is_out(Channel.TEXT, number):
        meaning = Meaning.START  # so carriers read it from somebody who had stopped
    patients = list(patients_of(phone)) if phone else []
    found = hearing.visit_of(patients, number, now=now) if patients else None
    visit, told = found or (None, None)
    return _Heard(number, body, meaning, patients, visit, told)


def _obey(heard: _Heard, *, now: datetime) -> None:
    """Stop or start texts to this number. Consents follow: they say the same of each patient behind it."""
    if heard.meaning in (Meaning.STOP, Meaning.CANCEL):
        optouts.opt_out(Channel.TEXT, heard.number, why="stop", now=now)
        for patient in heard.patients:
            withdraw_consent(
                patient,
                purpose=ConsentPurpose.TEXTS,
                source=ConsentSource.TEXT,
                actor=patient_actor(patient),
                now=now,
            )
    elif heard.meaning == Meaning.START:
        optouts.lift(Channel.TEXT, heard.number, now=now)
        for patient in heard.patients:
            _agree_again(patient, heard.body, now=now)


def _agree_again(patient: Patient, body: str, *, now: datetime) -> None:
    """To the words that were agreed to before; somebody who never did agrees to their own."""
    earlier = Consent.objects.filter(patient=patient, purpose=ConsentPurpose.TEXTS).first()
    give_consent(
        patient,
        purpose=ConsentPurpose.TEXTS,
        wording=earlier.wording if earlier else body,
        language=earlier.language if earlier else patient.language,
        source=ConsentSource.TEXT,
        actor=patient_actor(patient),
        now=now,
    )


def _act(heard: _Heard, *, now: datetime) -> tuple[Answer | None, str]:
    """Confirm the visit where that is meant; what is answered, and why a person must look instead."""
    if not heard.patients:
        return None, ""
    answer = answer_to(heard.meaning, _as_visit(heard))
    if answer == Answer.CONFIRMED and heard.visit is not None and heard.visit.status != CONFIRMED:
        try:
            confirm_session(heard.visit, actor=patient_actor(heard.visit.patient), now=now)
        except Refused as refusal:
            heard.visit.refresh_from_db()
            again = answer_to(heard.meaning, _as_visit(heard))
            twin = heard.visit.status == CONFIRMED
            return (again, "") if twin or again != answer else (None, refusal.detail)
    return answer, ""


def _as_visit(heard: _Heard) -> Visit | None:
    return Visit(heard.visit.status, heard.visit.start, heard.told) if heard.visit else None


def _reply(heard: _Heard, answer: Answer | None, text: InboundText, *, now: datetime) -> Message | None:
    if answer is None or not _may_reply(heard.number, answer, now=now):
        return None
    patient, visit = text.patient, heard.visit
    about = [{"id": str(visit.id), "start": visit.start.isoformat()}] if visit else []
    return Message(
        key=f"{Kind.REPLY}:{text.id}",
        kind=Kind.REPLY,
        channel=Channel.TEXT,
        recipient=heard.number,
        language=patient.language if patient else "",
        patient=patient,
        series=heard.series,
        session=visit,
        session_version=visit.version if visit else None,
        facts={"answer": answer.value, "sessions": about},
        status=Status.PLANNED,
        due_at=now,
        expires_at=now + REPLY_KEEPS,
        created_at=now,
    )


def _may_reply(number: str, answer: Answer, *, now: datetime) -> bool:
    if optouts.is_out(Channel.TEXT, number):
        return False  # the carrier would refuse it
    replies = Message.objects.filter(kind=Kind.REPLY, recipient=number, created_at__gt=now - REPLIES_WITHIN)
    if answer == Answer.NOTED:
        noted = replies.filter(facts__answer=answer.value, created_at__gt=now - NOTED_AGAIN_AFTER)
        if noted.exists():
            return False
    return replies.count() < MOST_REPLIES


def _have_a_person_look(heard: _Heard, trouble: str, *, now: datetime) -> None:
    """A task with the thread, on the series that the text is about; from a patient without any, at the
    clinics that may know them. In the caller's transaction.
    """
    kind = _task(heard, trouble)
    if kind is None or not heard.patients:
        return
    why = {
        TaskKind.MAYBE_CANCEL: "The patient's text may have meant the visit, which stands.",
        TaskKind.PATIENT_WROTE: "The patient wrote, and only a person can answer.",
    }[kind]
    detail = "\n".join(filter(None, (why, trouble, hearing.thread_of(heard.number, now=now))))
    if heard.series:
        session = heard.visit.id if heard.visit else None
        tasklist.put([tasklist.Wanted(kind, heard.series, session, detail)], now=now)
    else:
        clinics = hearing.clinics_for(heard.patients)
        tasklist.put_about(heard.patients[0], kind=kind, clinics=clinics, detail=detail, now=now)


def _task(heard: _Heard, trouble: str) -> TaskKind | None:
    if heard.meaning == Meaning.CANCEL:
        return TaskKind.MAYBE_CANCEL
    if heard.meaning == Meaning.FREE:
        return TaskKind.MAYBE_CANCEL if speaks_of_cancelling(heard.body) else TaskKind.PATIENT_WROTE
    return TaskKind.PATIENT_WROTE if trouble else None
