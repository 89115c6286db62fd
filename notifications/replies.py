"""What is answered to a patient's text. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bookings import lifecycle
from notifications.kinds import Meaning


class Answer(StrEnum):
    """The things that a reply can say; notifications/text/reply.txt has the words."""

    CONFIRMED = "confirmed"  # they are expected then
    CANCELLED = "cancelled"  # that visit will not take place anyway
    MOVED = "moved"  # that visit is at another time now: do they come then?
    WAITING = "waiting"  # the clinic has to say yes first
    CHANGE = "change"  # here is where a visit is changed
    NOTHING = "nothing"  # no visit is ahead
    HELP = "help"  # who we are, and which answers we understand
    NOTED = "noted"  # somebody will read this


@dataclass(frozen=True, slots=True)
class Visit:
    """The visit that a text is about. `told`: the start that the patient was last told by text."""

    status: str
    start: datetime
    told: datetime | None = None


def answer_to(meaning: Meaning, visit: Visit | None) -> Answer | None:
    """What is answered; None: nothing.

    A yes confirms only the time that the patient was told. The carrier itself answers whoever stops or starts
    texts, and a second answer would be one too many.
    """
    if meaning == Meaning.HELP:
        return Answer.HELP
    if meaning == Meaning.FREE:
        return Answer.NOTED
    if meaning not in (Meaning.CONFIRM, Meaning.CHANGE):
        return None
    if visit is None:
        return Answer.NOTHING
    if visit.status in lifecycle.GONE:
        return Answer.CANCELLED
    if visit.status not in lifecycle.MOVABLE:
        return None  # they are here
    if meaning == Meaning.CHANGE:
        return Answer.CHANGE
    if visit.told is not None and visit.told != visit.start:
        return Answer.MOVED
    return Answer.WAITING if visit.status == lifecycle.REQUESTED else Answer.CONFIRMED
