"""From a row, and those that it carries, to what it says."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings

from bookings.commands.links import new_link
from bookings.first_places import visit_minutes
from bookings.models import Link, LinkPurpose, Offer, Session
from bookings.preparation import driving_from, fasting
from notifications.content import Appointment, Content
from notifications.dossier import Dossier
from notifications.kinds import Channel, Kind
from notifications.knowing import Known
from notifications.models import Message
from notifications.replies import Answer

#: What leads to the visit itself, where it is confirmed, moved and prepared for.
_LEAD_TO_VISIT = frozenset(
    {Kind.CONFIRMATION, Kind.REMINDER, Kind.CHANGE, Kind.RESTORED, Kind.PREPARATION, Kind.RUNNING_LATE}
)
_CANCELLED = frozenset({Kind.CANCELLATION, Kind.SERIES_CANCELLATION})
#: What tells how to prepare.
_PREPARING = frozenset({Kind.PREPARATION, Kind.REMINDER})
_PATHS = {LinkPurpose.VISIT: "v", LinkPurpose.PROPOSAL: "p", LinkPurpose.OFFER: "o", LinkPurpose.SIGN_IN: "l"}


def gather(said: Sequence[tuple[Message, Sequence[Session]]], dossier: Dossier, *, secret: str) -> Content:
    """What these messages say together, the first of them above all: each with the sessions that it still
    speaks of. `secret` is that of its link, or empty.
    """
    row = said[0][0]
    if (clinic := row.speaker) is None:
        return _of_no_clinic(row)
    purpose = _purpose(row)
    appointments: list[Appointment] = []
    kinds: list[Kind] = []
    for one, sessions in said:
        kinds += [kind for kind in _kinds(one, dossier) if kind not in kinds]
        appointments += appointments_of(one, sessions, dossier)
    return Content(
        kinds=tuple(kinds),
        language=row.language,
        clinic=dossier.known.voice(clinic),
        first_name=row.patient.first_name if row.patient else "",
        appointments=tuple(sorted(appointments, key=lambda each: each.start)),
        link=_address(purpose, secret) if secret and purpose else "",
        preferences_link=f"{settings.PUBLIC_URL}/my/messages/",
        minutes_late=next((one.facts["minutes"] for one, _ in said if "minutes" in one.facts), None),
        basis=dossier.basis(row),
        days_before=row.days_before,
        answer=row.facts.get("answer", ""),
    )


def appointments_of(row: Message, sessions: Sequence[Session], dossier: Dossier) -> list[Appointment]:
    """The sessions as a message of that kind speaks of them; of what is offered, the times that could be."""
    if row.kind == Kind.OFFER and "offer" in row.facts:
        return _offered(row, dossier)
    if row.series is None or row.kind == Kind.FINISHED:
        return []
    if row.kind == Kind.PROPOSAL:
        return _proposed(row, dossier)
    were = {each["id"]: each["before"] for each in row.facts.get("sessions", []) if "before" in each}
    of = len(dossier.sessions.get(row.series_id, ()))
    return [
        appointment(
            session,
            Kind(row.kind),
            dossier.known,
            row=row,
            of=of,
            before=datetime.fromisoformat(were[str(session.id)]) if str(session.id) in were else None,
        )
        for session in sessions
    ]


def appointment(
    session: Session, kind: Kind, known: Known, *, row: Message, of: int, before: datetime | None = None
) -> Appointment:
    """One session as a message of that kind speaks of it."""
    assert row.series is not None, "a session belongs to a series"
    zone, treatment = row.series.clinic.zone, known.treatment(row.series)
    preparation = treatment.preparation if kind in _PREPARING else None
    eat_until, drink_until = fasting(session.start, zone, preparation) if preparation else (None, None)
    return Appointment(
        session=str(session.id),
        kind=kind,
        start=session.start,
        end=session.end,
        number=session.number,
        of=of,
        sequence=session.version - 1,
        before=before,
        cancelled=kind in _CANCELLED,
        solids_until=eat_until,
        fluids_until=drink_until,
        driving_from=driving_from(session.end, zone, preparation) if preparation else None,
        own_words=preparation.text(row.language) if preparation and kind == Kind.PREPARATION else "",
        needs_escort=treatment.needs_escort and kind in _PREPARING,
        escort_name=session.escort_name,
    )


def link_for(
    row: Message, sessions: Sequence[Session], dossier: Dossier, *, now: datetime
) -> tuple[Link, str] | None:
    """The link that the message carries, not yet saved, and its secret; None for one that carries none."""
    purpose = _purpose(row)
    if purpose == LinkPurpose.PROPOSAL and row.patient:
        proposal = dossier.proposals[row.facts["proposal"]]
        return new_link(row.patient, purpose=purpose, proposal=proposal, now=now)
    if purpose == LinkPurpose.OFFER and row.patient and "offer" in row.facts:
        offer = dossier.offers[row.facts["offer"]]
        return new_link(row.patient, purpose=purpose, offer=offer, now=now)
    if purpose == LinkPurpose.VISIT and row.patient and sessions:
        return new_link(row.patient, purpose=purpose, session=sessions[0], now=now)
    return None


def _purpose(row: Message) -> str:
    if row.kind == Kind.PROPOSAL:
        return LinkPurpose.PROPOSAL
    if row.kind == Kind.OFFER:
        return LinkPurpose.OFFER
    if row.kind == Kind.LOGIN_LINK:
        return LinkPurpose.SIGN_IN
    asks_for_it = row.kind == Kind.REPLY and row.facts.get("answer") == Answer.CHANGE
    return LinkPurpose.VISIT if row.kind in _LEAD_TO_VISIT or asks_for_it else ""


def _address(purpose: str, secret: str) -> str:
    return f"{settings.PUBLIC_URL}/{_PATHS[LinkPurpose(purpose)]}/{secret}/"


def _kinds(row: Message, dossier: Dossier) -> list[Kind]:
    """What is said; a text on the last day before a visit says where to read how to prepare as well."""
    last = row.kind == Kind.REMINDER and row.channel == Channel.TEXT and row.session_id in dossier.prepared
    return [Kind(row.kind), Kind.PREPARATION] if last else [Kind(row.kind)]


def _of_no_clinic(row: Message) -> Content:
    """What belongs to no clinic. A code stands in the body of its row until it has been sent, and so does the
    secret of a link.
    """
    link = _address(LinkPurpose.SIGN_IN, row.body) if row.kind == Kind.LOGIN_LINK else ""
    code = row.body if row.kind == Kind.LOGIN_CODE else ""
    return Content(
        kinds=(Kind(row.kind),),
        language=row.language,
        first_name=row.facts.get("first_name", ""),
        code=code,
        link=link,
        answer=row.facts.get("answer", ""),
    )


def _offered(row: Message, dossier: Dossier) -> list[Appointment]:
    """The earlier time, or the course that could begin; a text names only its first visit, which is kept."""
    offer = dossier.offers[row.facts["offer"]]
    if offer.is_first:
        every = _course(offer)
        return every[:1] if row.channel == Channel.TEXT else every
    session = offer.session
    return [
        Appointment(
            session=str(session.id),
            kind=Kind.OFFER,
            start=offer.start,
            end=offer.start + (session.end - session.start),
            number=session.number,
            of=len(dossier.sessions.get(row.series_id, ())),
            before=offer.present,
        )
    ]


def _course(offer: Offer) -> list[Appointment]:
    length, starts = timedelta(minutes=visit_minutes(offer)), offer.starts
    return [
        Appointment(
            session=f"{offer.id}:{number}",
            kind=Kind.OFFER,
            start=start,
            end=start + length,
            number=number,
            of=len(starts),
        )
        for number, start in enumerate(starts, start=1)
    ]


def _proposed(row: Message, dossier: Dossier) -> list[Appointment]:
    proposal = dossier.proposals[row.facts["proposal"]]
    sessions = {str(session.id): session for session in dossier.sessions.get(row.series_id, ())}
    found = []
    for move in proposal.moves:
        session = sessions.get(str(move.get("session")))
        start = datetime.fromisoformat(move["to"])
        length = session.end - session.start if session else start - start
        found.append(
            Appointment(
                session=str(move.get("session") or ""),
                kind=Kind.PROPOSAL,
                start=start,
                end=start + length,
                number=move["number"],
                of=len(sessions),
                before=datetime.fromisoformat(move["from"]) if move.get("from") else None,
            )
        )
    return found
