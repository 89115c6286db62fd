"""By which ways a person may be told something, and why not by the others. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from notifications.kinds import Basis, Channel, Kind
from notifications.rules import ANSWERS

NO_ADDRESS = "no email address"
NO_PHONE = "no telephone number"
NO_TEXTS = "texts are not set up here"
NOT_AGREED = "the patient has not agreed to texts"
STOPPED = {
    Channel.EMAIL: "nothing more is sent to this email address: it came back, or its owner said so",
    Channel.TEXT: "texts to this number were stopped",
}
NOT_CHOSEN = {
    Channel.EMAIL: "the patient does not want this by email",
    Channel.TEXT: "the patient does not want this by text",
}
NOT_IN_POLICY = "the clinic's policy does not ask for this any more"
#: Nothing to do with the patient: an installation without texts has no row for each text that it cannot send.
UNWRITTEN = frozenset({NO_TEXTS})
#: Why a row may be suppressed that comes back to life when the reason goes.
REASONS = frozenset(
    {NO_ADDRESS, NO_PHONE, NOT_AGREED, NOT_IN_POLICY, *UNWRITTEN, *STOPPED.values(), *NOT_CHOSEN.values()}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """What counts of a patient, and of the clinic that speaks, for the way by which something is said."""

    email: str = ""
    phone: str = ""
    texts_agreed: bool = False
    stopped: frozenset[Channel] = frozenset()  # ways by which nothing more is sent to them
    choices: Mapping[str, Sequence[str]] = field(default_factory=dict)
    basis: Basis = Basis.CONSENT
    texts_set_up: bool = True

    def address(self, channel: Channel) -> str:
        """Where they are reached by that way; empty: nowhere."""
        return self.email if channel == Channel.EMAIL else self.phone


@dataclass(frozen=True, slots=True)
class Way:
    """A channel, and the reason for which it is not open; empty: it is."""

    channel: Channel
    barred: str = ""


def ways(
    kind: Kind, channels: Sequence[Channel], person: Person, *, days_before: int | None = None
) -> tuple[Way, ...]:
    """The ways that a policy asks for (`channels`) or the patient chose instead, each with what bars it.

    Where none of them is open, the other one stands in, if it is: nobody misses a visit for want of an email
    address. A patient who wants to hear nothing of that kind has said so by an empty choice.
    """
    chosen = None if kind in ANSWERS else person.choices.get(kind)
    wanted = tuple(channels) if chosen is None else tuple(Channel(channel) for channel in chosen)
    found = [Way(channel, barred(kind, channel, person)) for channel in wanted]
    found += [Way(channel, NOT_CHOSEN[channel]) for channel in channels if channel not in wanted]
    if wanted and all(way.barred for way in found):
        for other in Channel:
            if other not in wanted and _may_stand_in(kind, other, person, days_before=days_before):
                found = [way for way in found if way.channel != other] + [Way(other)]
    return tuple(found)


def barred(kind: Kind, channel: Channel, person: Person) -> str:
    """Why the person cannot be told this by that way; empty: they can."""
    if channel == Channel.TEXT and not person.texts_set_up:
        return NO_TEXTS
    if not person.address(channel):
        return NO_ADDRESS if channel == Channel.EMAIL else NO_PHONE
    if kind in ANSWERS:
        return ""
    if channel in person.stopped:
        return STOPPED[channel]
    if channel == Channel.TEXT and not person.texts_agreed and person.basis != Basis.EXEMPTION:
        return NOT_AGREED
    return ""


def _may_stand_in(kind: Kind, other: Channel, person: Person, *, days_before: int | None) -> bool:
    if barred(kind, other, person):
        return False
    # Without consent a text early on would use up what the exemption leaves for the last day.
    early = days_before is not None and days_before > 1
    return not (early and other == Channel.TEXT and not person.texts_agreed)
