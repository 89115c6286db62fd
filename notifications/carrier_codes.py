"""What the carrier's error codes ask for. Pure.

The codes are Twilio's (source: https://www.twilio.com/docs/api/errors, and its page of test numbers for
21212 to 21614). Those of 30000 and above come in reports about a text that was accepted; the others come
instead of accepting it.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One way in which a text does not arrive."""

    says: str
    tries: int | None = 0  # after which many tries there is no use in another; None: as often as wished
    dead: bool = False  # no text will ever reach this number
    alarm: bool = False  # somebody must look at our account

    @property
    def for_ever(self) -> bool:
        """Whether trying again would not help."""
        return self.tries == 0


UNKNOWN = Fault("the carrier gave no reason that we know")

FAULTS = {
    "20003": Fault("the carrier does not accept us", tries=None, alarm=True),
    "20429": Fault("the carrier asks to wait", tries=None),
    "21211": Fault("this is not a telephone number", dead=True),
    "21212": Fault("the carrier does not know the number that we send from", tries=None, alarm=True),
    "21606": Fault("the number that we send from sends no texts", tries=None, alarm=True),
    "21610": Fault("the recipient has told the carrier to stop", dead=True),
    "21612": Fault("no text goes from our number to this one"),
    "21614": Fault("this is not a mobile telephone", dead=True),
    "21635": Fault("this is a landline", dead=True),
    "30001": Fault("too many texts wait at the carrier", tries=None),
    "30003": Fault("the telephone could not be reached", tries=None),
    "30005": Fault("nobody has this number", dead=True),
    "30006": Fault("this is a landline, or its network takes no texts", dead=True),
    "30007": Fault("the carrier took it for spam", alarm=True),
    "30008": Fault("it was lost on its way", tries=1),
    "30034": Fault("our number is not registered for texts to this country", alarm=True),
    "30036": Fault("it waited at the carrier for too long"),
}


def fault_of(code: str) -> Fault:
    """What a code means; one that is not known means that trying again would not help."""
    return FAULTS.get(code, UNKNOWN)


def retries(code: str, *, tries: int) -> bool:
    """Whether a text that was tried so often, and failed with this code, is worth another try."""
    most = fault_of(code).tries
    return most is None or tries <= most
