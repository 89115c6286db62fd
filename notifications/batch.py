"""One batch of messages: judged row by row, put into words, and written down in a few statements."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from bookings.models import Link, Session
from notifications import carrying, compose
from notifications.caps import FREE
from notifications.channels import Letter
from notifications.content import Content
from notifications.dossier import Dossier
from notifications.falling_back import after_failure
from notifications.gathering import gather, link_for
from notifications.kinds import Channel, Kind, Status
from notifications.models import ERASED, Attempt, Message, writing
from notifications.rules import SIGN_IN
from notifications.second_look import Verdict, second_look, still_true
from notifications.timing import evening_of

#: A link with its secret, and what is kept of it; also as a replacement in SQL.
LINK, KEPT_LINK = r"/([vplo])/[A-Za-z0-9]{12}/", r"/\1/…/"
_WRITTEN = (
    *("recipient", "language", "status", "reason", "due_at", "claimed_at", "attempts", "subject", "body"),
    *("carried_by", "link_digest"),
)


@dataclass(frozen=True, slots=True)
class Taken:
    """A message in the hands of one worker, ready to go."""

    message: UUID
    attempt: int
    channel: str
    letter: Letter
    carries: tuple[UUID, ...] = ()
    ends_task: bool = False  # somebody was asked to ring the patient about this series


class Batch:
    """One batch, judged row by row; written down at the end in a few statements."""

    def __init__(
        self, rows: Sequence[Message], others: Sequence[Message], known: Dossier, *, now: datetime
    ) -> None:
        self.rows, self.others, self.known, self.now = rows, others, known, now
        for row in (*rows, *others):
            _address(row, known)
        self.gone: set[UUID] = set()  # those that are settled on, one way or the other
        self.changed: list[Message] = []
        self.attempts: list[Attempt] = []
        self.links: list[Link] = []

    def work(self) -> list[Taken]:
        """All of it: what is to be sent."""
        taken = [one for row in self.rows if row.id not in self.gone and (one := self._judge(row))]
        writing.update(self.changed, _WRITTEN)
        Link.objects.bulk_create(self.links)
        Attempt.objects.bulk_create(self.attempts)
        return taken

    def _judge(self, row: Message) -> Taken | None:
        draft = self.known.draft(row)
        verdict = second_look(draft, self.known.diary(row), now=self.now, reader=self.known.reader(row))
        self.gone.add(row.id)
        self.changed.append(row)
        if verdict.status == Status.SENDING:
            return self._take(row, verdict)
        row.status, row.reason = verdict.status, verdict.reason
        if verdict.until is not None:
            row.due_at = verdict.until
        erase(row)
        if row.attempts and carrying.counts(row):
            carrying.set_down(row)
        if verdict.instead:
            after_failure(row, detail=verdict.reason, now=self.now)
        return None

    def _take(self, row: Message, verdict: Verdict) -> Taken:
        load, again = self._load(row)
        about = self.known.sessions_of(row)
        # An answer speaks of the visit, whatever has become of it.
        told = [one for one in about if str(one.id) in verdict.sessions or row.kind == Kind.REPLY]
        said = [(row, told), *((one, self._still(one)) for one in load)]
        secret = "" if again else self._secret(row, told)
        letter = self._letter(row, gather(said, self.known, secret=secret), again=again)
        for one in (row, *load):
            one.status, one.reason, one.claimed_at = Status.SENDING, "", self.now
        for one in load:
            self.gone.add(one.id)
            one.carried_by = row
            self.changed.append(one)
        if row.kind not in SIGN_IN:
            row.subject, row.body = letter.subject, letter.text
            if row.channel == Channel.EMAIL:  # the words of a text are needed for another try
                row.body = re.sub(LINK, KEPT_LINK, row.body)
        row.attempts += 1
        self.attempts.append(Attempt(message=row, number=row.attempts, began_at=self.now))
        if carrying.counts(row):
            self.known.texts.setdefault(row.patient_id, []).append(self.now)
        return Taken(
            row.id,
            row.attempts,
            row.channel,
            letter,
            carries=tuple(one.id for one in load),
            ends_task=row.series_id in self.known.failed,
        )

    def _secret(self, row: Message, told: Sequence[Session]) -> str:
        made = link_for(row, told, self.known, now=self.now)
        if made is None:
            return ""
        link, plain = made
        self.links.append(link)
        row.link_digest = link.digest
        return plain

    def _load(self, row: Message) -> tuple[list[Message], bool]:
        """What goes along, and whether exactly this text was tried before.

        A text that may have arrived nevertheless is recognised at the carrier by its words, so they stay.
        """
        others = [one for one in (*self.rows, *self.others) if one.id != row.id and one.id not in self.gone]
        load = carrying.load_of(row, others, self.known, now=self.now)
        if not (row.attempts and row.body and carrying.counts(row)) or "/…/" in row.body:
            return load, False
        before = [one for one in load if one.carried_by_id == row.id]
        if len(before) == row.carries.count():
            return before, True
        return load, False

    def _still(self, row: Message) -> list[Session]:
        true = still_true(self.known.draft(row), self.known.diary(row), now=self.now).sessions
        return [session for session in self.known.sessions_of(row) if str(session.id) in true]

    def _letter(self, row: Message, content: Content, *, again: bool) -> Letter:
        valid_for = self._valid_for(row) if row.channel == Channel.TEXT else None
        tried_since = self.known.tried_since.get(row.id)
        if again:
            return Letter(
                id=str(row.id),
                recipient=row.recipient,
                subject=row.subject,
                text=row.body,
                valid_for=valid_for,
                tried_since=tried_since,
            )
        return compose.letter(
            content,
            Channel(row.channel),
            id=str(row.id),
            recipient=row.recipient,
            now=self.now,
            valid_for=valid_for,
            tried_since=tried_since,
        )

    def _valid_for(self, row: Message) -> int:
        """Seconds until it is of no use, or the recipient is not to be disturbed any more."""
        ends = row.expires_at
        if row.kind not in FREE:
            reader = self.known.reader(row)
            ends = min(ends, evening_of(self.now, zone=reader.zone, quiet=reader.quiet))
        return max(1, int((ends - self.now).total_seconds()))


def erase(row: Message) -> None:
    """A code, and the secret of a link, are kept no longer than it takes to send them."""
    if row.kind in SIGN_IN and row.status not in (Status.PLANNED, Status.SENDING):
        row.body = ERASED


def _address(row: Message, known: Dossier) -> None:
    """Address and language as they are now, not as they were when the row was written."""
    if row.patient is None or (clinic := row.speaker) is None or row.kind in FREE:
        return  # an answer goes where the question came from
    row.language = row.patient.language
    row.recipient = known.known.person(row.patient, clinic.id).address(Channel(row.channel))
