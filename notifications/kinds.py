"""The things there are to say, and what can become of a message."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """What a message is for."""

    RECEIPT = "receipt"  # the request has arrived and waits for a prescriber
    CONFIRMATION = "confirmation"  # a whole series is booked
    REMINDER = "reminder"
    CHANGE = "change"  # sessions are at another time
    CANCELLATION = "cancellation"  # sessions will not take place
    SERIES_CANCELLATION = "series_cancellation"
    RESTORED = "restored"  # a cancellation was taken back
    LOGIN_CODE = "login_code"


class Channel(StrEnum):
    """By which way a message goes."""

    EMAIL = "email"
    TEXT = "text"


class Status(StrEnum):
    """What became of a message. Each one that was not sent has a reason."""

    PLANNED = "planned"  # waits for its hour
    SENDING = "sending"  # a worker has it
    SENT = "sent"
    WITHDRAWN = "withdrawn"  # what it says is no longer so
    LAPSED = "lapsed"  # too late to be of use
    SUPPRESSED = "suppressed"  # nowhere to send it to
    FAILED = "failed"  # refused for ever, or refused too often
