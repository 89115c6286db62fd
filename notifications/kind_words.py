"""The desk's words for kinds of messages, ways and what became of them, in the reader's language."""

from __future__ import annotations

from django.utils.translation import gettext_lazy, pgettext_lazy

from notifications.kinds import Channel, Kind, Status

KIND = {
    Kind.RECEIPT: gettext_lazy("Request received"),
    Kind.CONFIRMATION: gettext_lazy("Confirmation"),
    Kind.REMINDER: gettext_lazy("Reminder"),
    Kind.CHANGE: pgettext_lazy("kind of message", "Change"),
    Kind.CANCELLATION: gettext_lazy("Cancellation"),
    Kind.SERIES_CANCELLATION: gettext_lazy("Course cancelled"),
    Kind.RESTORED: gettext_lazy("Cancellation taken back"),
    Kind.PREPARATION: gettext_lazy("Preparation"),
    Kind.RUNNING_LATE: gettext_lazy("Running late"),
    Kind.FOLLOW_UP: gettext_lazy("Follow-up"),
    Kind.FINISHED: gettext_lazy("Course finished"),
    Kind.PROPOSAL: gettext_lazy("Other times proposed"),
    Kind.OFFER: gettext_lazy("Place offered"),
    Kind.OFFER_LOST: gettext_lazy("Place given to another"),
    Kind.REPLY: gettext_lazy("Reply"),
    Kind.LOGIN_CODE: gettext_lazy("Code to sign in"),
    Kind.LOGIN_LINK: gettext_lazy("Link to sign in"),
}
CHANNEL = {Channel.EMAIL: gettext_lazy("email"), Channel.TEXT: gettext_lazy("text")}
STATUS = {
    Status.PLANNED: gettext_lazy("planned"),
    Status.SENDING: gettext_lazy("on its way"),
    Status.SENT: gettext_lazy("sent"),
    Status.DELIVERED: gettext_lazy("arrived"),
    Status.WITHDRAWN: gettext_lazy("withdrawn"),
    Status.LAPSED: gettext_lazy("too late"),
    Status.SUPPRESSED: gettext_lazy("not sent"),
    Status.FAILED: gettext_lazy("failed"),
}
#: What became of an offer or a proposal that a message speaks of.
OUTCOME = {
    outcome: pgettext_lazy("an offer or a proposal", outcome)
    for outcome in ("gone", "accepted", "declined", "expired", "withdrawn", "superseded", "lost")
}
NONE = gettext_lazy("none")


def status_words(status: str) -> str:
    """What became of a message; `none` where none was written."""
    return str(NONE if status == "none" else STATUS[Status(status)])
