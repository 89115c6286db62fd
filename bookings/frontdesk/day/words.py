"""The desk's words for states, verbs and flags, in the reader's language."""

from __future__ import annotations

from django.utils.translation import gettext, gettext_lazy, pgettext_lazy

from bookings.models import TaskKind

STATUS = {
    "requested": gettext_lazy("Waits for clearance"),
    "booked": gettext_lazy("Booked"),
    "confirmed": gettext_lazy("Confirmed"),
    "arrived": gettext_lazy("Arrived"),
    "infusing": gettext_lazy("Infusing"),
    "recovering": gettext_lazy("Recovering"),
    "completed": gettext_lazy("Done"),
    "no_show": gettext_lazy("Did not come"),
    "cancelled": gettext_lazy("Cancelled"),
}
VERB = {
    "confirm": pgettext_lazy("verb at the desk", "Confirm"),
    "move": pgettext_lazy("verb at the desk", "Move"),
    "cancel": pgettext_lazy("verb at the desk", "Cancel visit"),
    "check-in": pgettext_lazy("verb at the desk", "Arrived"),
    "start": pgettext_lazy("verb at the desk", "Start infusion"),
    "recover": pgettext_lazy("verb at the desk", "To recovery"),
    "complete": pgettext_lazy("verb at the desk", "Goes home"),
    "no-show": pgettext_lazy("verb at the desk", "Did not come"),
    "undo": pgettext_lazy("verb at the desk", "Undo"),
}
#: The one step that comes next, as one key or one tap.
NEXT = {
    "booked": "check-in",
    "confirmed": "check-in",
    "arrived": "start",
    "infusing": "recover",
    "recovering": "complete",
}
_FLAG = {
    # What a nurse may know and everybody at the desk may see; why, is the clinicians' (`tasks`).
    TaskKind.SOFT_GAP: gettext_lazy("Gap to be looked at"),
    TaskKind.HARD_GAP: gettext_lazy("Clinical hold"),
    TaskKind.NO_LONGER_FITS: gettext_lazy("No longer fits"),
    TaskKind.INCOMPLETE: gettext_lazy("Make-up not planned"),
    TaskKind.CLEARANCE_NEEDED: gettext_lazy("Clinical hold"),
    TaskKind.MESSAGE_FAILED: gettext_lazy("Message failed"),
    "overridden": gettext_lazy("Rule overridden"),
    "no_escort": gettext_lazy("No driver named"),
    "first_visit": gettext_lazy("First visit"),
    "unconfirmed": gettext_lazy("Not confirmed"),
}


def flag_words(flag: str) -> str:
    """What a flag says on the screen."""
    found = _FLAG.get(flag)
    return str(found) if found is not None else gettext("Task open")
