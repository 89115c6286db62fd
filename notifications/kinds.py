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
    PREPARATION = "preparation"  # what to do before this visit, and who drives home
    RUNNING_LATE = "running_late"  # the clinic is behind
    FOLLOW_UP = "follow_up"  # the day after
    FINISHED = "finished"  # the last session of a series is over
    PROPOSAL = "proposal"  # the clinic asks for other times
    OFFER = "offer"  # a place for somebody on the waiting list
    OFFER_LOST = "offer_lost"  # somebody else was first to accept it
    REPLY = "reply"  # the answer to a text
    LOGIN_CODE = "login_code"
    LOGIN_LINK = "login_link"


class Channel(StrEnum):
    """By which way a message goes."""

    EMAIL = "email"
    TEXT = "text"


class Status(StrEnum):
    """What became of a message. Each one that was not sent has a reason."""

    PLANNED = "planned"  # waits for its hour
    SENDING = "sending"  # a worker has it
    SENT = "sent"  # the provider has it
    DELIVERED = "delivered"  # the provider says that it arrived
    WITHDRAWN = "withdrawn"  # what it says is no longer so
    LAPSED = "lapsed"  # too late to be of use
    SUPPRESSED = "suppressed"  # nowhere to send it to, or not wanted that way
    FAILED = "failed"  # refused for ever, or refused too often


class Basis(StrEnum):
    """On which ground a clinic in the United States sends texts."""

    CONSENT = "consent"  # the patient agreed
    EXEMPTION = "exemption"  # the health-care exemption, with its limits


class Meaning(StrEnum):
    """What a text of a patient was taken for."""

    CONFIRM = "confirm"
    CHANGE = "change"
    STOP = "stop"
    START = "start"
    HELP = "help"
    CANCEL = "cancel"  # an opt-out by its letter, and perhaps a visit that was meant
    FREE = "free"  # for a person to read
