"""What a message says, before it is put into words: pure values, and all that templates may use.

Nothing here names a treatment, a protocol, a phase or a score, so no template can. Instants are aware, in
UTC; whoever writes them down turns them into the clinic's wall-clock by `clinic.zone`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from notifications.kinds import Basis, Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """Who speaks: the name a clinic goes by in messages, and how to reach it."""

    name: str
    zone: ZoneInfo
    phone: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Appointment:
    """One visit that a message speaks of, as the diary has it when the message is sent."""

    session: str  # id; also the UID of its calendar entry
    kind: Kind  # for which of the message's kinds it is spoken of
    start: datetime
    end: datetime  # the patient leaves
    number: int
    of: int
    sequence: int = 0  # of the calendar entry: rises with every change
    before: datetime | None = None  # where it was, of one that was moved
    cancelled: bool = False
    solids_until: datetime | None = None  # nothing to eat from then on; None: the clinic says nothing
    fluids_until: datetime | None = None  # nor clear fluids
    driving_from: datetime | None = None  # may drive again
    own_words: str = ""  # the clinic's own on how to prepare, in the reader's language; for email alone
    needs_escort: bool = False
    escort_name: str = ""  # empty: nobody has been named yet


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """One message to one person over one channel.

    `kinds` has several where one text says what would have been several; then each appointment says to which
    it belongs. The first is the one that the row is for.
    """

    kinds: tuple[Kind, ...]
    language: str
    clinic: Voice | None = None  # None: a sign-in, which belongs to no clinic
    first_name: str = ""
    appointments: tuple[Appointment, ...] = ()  # in order of time
    code: str = ""
    link: str = ""  # absolute; opens the visit, the proposal, the offer or the sign-in without a password
    preferences_link: str = ""  # absolute; where the recipient chooses what to hear by which way
    minutes_late: int | None = None
    basis: Basis = Basis.CONSENT  # a text on the exemption must fit 160 characters with name, phone, STOP
    days_before: int | None = None  # of a reminder
    answer: str = ""  # which of `replies.Answer` a reply gives

    @property
    def kind(self) -> Kind:
        """What it is for, first of all."""
        return self.kinds[0]
