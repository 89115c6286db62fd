"""What a batch of messages is judged and composed by, read in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Min, Q
from django.db.models.functions import Coalesce

from bookings.models import Offer, OfferStatus, Patient, Proposal, ProposalStatus, Session, Task, TaskKind
from notifications.caps import FREE, LOOK_BACK
from notifications.kinds import Basis, Channel, Kind, Status
from notifications.knowing import Known, known_of, zone_of
from notifications.models import Attempt, Message
from notifications.second_look import Draft, Now, Reader
from notifications.timing import QUIET
from notifications.ways import barred

_UTC = ZoneInfo("UTC")
_ON_THE_WAY = (Status.PLANNED, Status.SENDING, Status.SENT, Status.DELIVERED)


@dataclass
class Dossier:
    """Everything that is known about some messages. `texts`: when each patient got one lately; whoever sends
    another adds it.
    """

    known: Known
    sessions: Mapping[UUID | None, Sequence[Session]]  # of each series, in order of time
    proposals: Mapping[str, Proposal]
    offers: Mapping[str, Offer]
    texts: dict[UUID | None, list[datetime]] = field(default_factory=dict)
    prepared: frozenset[UUID] = frozenset()  # sessions of which it is told how to prepare
    tried_since: Mapping[UUID, datetime] = field(default_factory=dict)  # by message
    failed: frozenset[UUID] = frozenset()  # series of which a message did not arrive

    def sessions_of(self, row: Message) -> list[Session]:
        """The sessions that the message speaks of; of a whole series, those that were ahead then, or all that
        are over now.
        """
        named = {each["id"] for each in row.facts.get("sessions", [])}
        sessions = self.sessions.get(row.series_id, ())
        if named:
            return [session for session in sessions if str(session.id) in named]
        over = row.kind == Kind.FINISHED
        return [session for session in sessions if over or session.start > row.created_at]

    def draft(self, row: Message) -> Draft:
        """The message as the second look sees it."""
        named = {each["id"]: datetime.fromisoformat(each["start"]) for each in row.facts.get("sessions", [])}
        sessions = self.sessions_of(row)
        return Draft(
            kind=Kind(row.kind),
            channel=Channel(row.channel),
            recipient=row.recipient,
            expires_at=row.expires_at,
            sessions=named or {str(session.id): session.start for session in sessions},
            whole_series=not named,
            gone=self._gone(row),
            barred=self._barred(row),
        )

    def diary(self, row: Message) -> dict[str, Now]:
        """The sessions that the message speaks of, as they are."""
        return {str(session.id): Now(session.status, session.start) for session in self.sessions_of(row)}

    def reader(self, row: Message) -> Reader:
        """Whoever gets it."""
        return Reader(
            zone=self.zone(row),
            quiet=self.known.quiet(row.patient, clinic.id) if (clinic := row.speaker) else QUIET,
            texts=tuple(self.texts.get(row.patient_id, ())),
            basis=self.basis(row),
        )

    def zone(self, row: Message) -> ZoneInfo:
        """The zone of the recipient's wall."""
        return zone_of(row.patient, otherwise=clinic.zone if (clinic := row.speaker) else _UTC)

    def basis(self, row: Message) -> Basis:
        """On which ground the text is sent: consent, where there is one."""
        if (clinic := row.speaker) is None or row.patient_id in self.known.agreed:
            return Basis.CONSENT
        return self.known.basis(clinic.id)

    def _gone(self, row: Message) -> str:
        if row.kind == Kind.OFFER and "offer" in row.facts:
            offer = self.offers.get(row.facts["offer"])
            status = offer.status if offer else "gone"
            return "" if status == OfferStatus.OPEN else f"the offer is {status}"
        if "proposal" not in row.facts:
            return ""
        proposal = self.proposals.get(row.facts["proposal"])
        if proposal is None:
            return "there is no such proposal any more"
        return "" if proposal.status == ProposalStatus.OPEN else f"the proposal is {proposal.status}"

    def _barred(self, row: Message) -> str:
        if row.patient is None or (clinic := row.speaker) is None:
            return ""
        person = self.known.person(row.patient, clinic.id)
        return barred(Kind(row.kind), Channel(row.channel), person)


def load(rows: Sequence[Message], *, now: datetime) -> Dossier:
    """Read what these messages need. `patient`, `series__clinic` and `clinic` must be at hand in each."""
    patients: dict[UUID, Patient] = {row.patient.id: row.patient for row in rows if row.patient}
    all_series = {row.series.id: row.series for row in rows if row.series}
    sessions: dict[UUID | None, list[Session]] = {}
    for session in Session.objects.filter(series__in=all_series).order_by("start"):
        sessions.setdefault(session.series_id, []).append(session)
    dossier = Dossier(
        known=known_of(
            patients.values(), all_series.values(), clinics={row.clinic_id for row in rows if row.clinic_id}
        ),
        sessions=sessions,
        proposals=_proposals(rows),
        offers=_offers(rows),
        failed=frozenset(
            Task.objects.filter(
                kind=TaskKind.MESSAGE_FAILED, series__in=all_series, resolved_at__isnull=True
            ).values_list("series_id", flat=True)
        ),
    )
    texts = [row for row in rows if row.channel == Channel.TEXT and row.kind not in FREE]
    if texts:
        dossier.texts = _texts_lately({row.patient_id for row in texts}, now=now)
        dossier.prepared = _prepared(texts)
    if tried := [row.id for row in rows if row.attempts]:
        began = Attempt.objects.filter(message__in=tried).values_list("message").annotate(Min("began_at"))
        dossier.tried_since = dict(began)
    return dossier


def _proposals(rows: Sequence[Message]) -> dict[str, Proposal]:
    ids = {row.facts["proposal"] for row in rows if "proposal" in row.facts}
    return {str(one.id): one for one in Proposal.objects.filter(id__in=ids)} if ids else {}


def _offers(rows: Sequence[Message]) -> dict[str, Offer]:
    ids = {row.facts["offer"] for row in rows if row.kind == Kind.OFFER and "offer" in row.facts}
    found = (
        Offer.objects.filter(id__in=ids).select_related("entry__session", "protocol_version") if ids else ()
    )
    return {str(one.id): one for one in found}


def _texts_lately(patients: set[UUID | None], *, now: datetime) -> dict[UUID | None, list[datetime]]:
    """When each of them got a text in the last days, or is about to get one from another worker's hands."""
    since = now - LOOK_BACK
    lately = Q(sent_at__gt=since) | Q(status=Status.SENDING, claimed_at__gt=since)
    rows = (
        Message.objects.filter(lately, patient__in=patients, channel=Channel.TEXT, carried_by__isnull=True)
        .exclude(kind__in=FREE)
        .values_list("patient", Coalesce("sent_at", "claimed_at"))
    )
    found: dict[UUID | None, list[datetime]] = {}
    for patient, at in rows:
        found.setdefault(patient, []).append(at)
    return found


def _prepared(texts: Sequence[Message]) -> frozenset[UUID]:
    reminded = {row.session_id for row in texts if row.kind == Kind.REMINDER}
    rows = Message.objects.filter(kind=Kind.PREPARATION, session__in=reminded, status__in=_ON_THE_WAY)
    return frozenset(id for id in rows.values_list("session_id", flat=True) if id)  # noqa: A001


def same_day(row: Message, *, now: datetime, zone: ZoneInfo) -> bool:
    """Whether it is due today, or was before, by the recipient's calendar."""
    return row.due_at.astimezone(zone).date() <= now.astimezone(zone).date()


#: No local day ends later than this after any moment in it.
A_DAY = timedelta(hours=26)
