"""The desk's words for states, verbs and flags, in the reader's language."""

from __future__ import annotations

from functools import cache

from django.utils.translation import get_language, gettext, gettext_lazy, ngettext, pgettext_lazy

from bookings.actors import Actor
from bookings.clinical import CLINICAL_KINDS, HOLD, may_know_why
from bookings.frontdesk.named import with_phases
from bookings.models import Task, TaskKind

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
SERIES = {
    "requested": gettext_lazy("Waits for clearance"),
    "active": gettext_lazy("Under way"),
    "completed": gettext_lazy("Finished"),
    "cancelled": gettext_lazy("Cancelled"),
    "lapsed": gettext_lazy("Lapsed"),
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
#: What somebody ought to see to now; the other flags are good to know.
ALARMS = frozenset(
    {
        HOLD,
        *CLINICAL_KINDS,
        TaskKind.NO_LONGER_FITS,
        TaskKind.ASSESS,
        TaskKind.DECIDE,
        TaskKind.MESSAGE_FAILED,
        TaskKind.PATIENT_WROTE,
        TaskKind.MAYBE_CANCEL,
        TaskKind.PLACE_FREE,
        TaskKind.NOT_ARRIVED,
    }
)
_FLAG = {
    HOLD: gettext_lazy("Clinical hold"),
    TaskKind.SOFT_GAP: gettext_lazy("Gap to be looked at"),
    TaskKind.HARD_GAP: gettext_lazy("Clinical hold"),
    TaskKind.NO_LONGER_FITS: gettext_lazy("No longer fits"),
    TaskKind.INCOMPLETE: gettext_lazy("Make-up not planned"),
    TaskKind.CLEARANCE_NEEDED: gettext_lazy("Clinical hold"),
    TaskKind.MESSAGE_FAILED: gettext_lazy("Message failed"),
    TaskKind.PATIENT_WROTE: gettext_lazy("Patient wrote"),
    TaskKind.MAYBE_CANCEL: gettext_lazy("Perhaps a cancellation"),
    TaskKind.EMERGENCY_ACCESS: gettext_lazy("Emergency access"),
    TaskKind.PLACE_FREE: gettext_lazy("Ring: an earlier time is free"),
    TaskKind.NOT_ARRIVED: gettext_lazy("Has not come yet"),
    TaskKind.ASSESS: gettext_lazy("Assessment needed"),
    TaskKind.DECIDE: gettext_lazy("A prescriber decides"),
    TaskKind.PHASE_FINISHED: gettext_lazy("Next phase not planned"),
    "overridden": gettext_lazy("Rule overridden"),
    "no_escort": gettext_lazy("No driver named"),
    "first_visit": gettext_lazy("First visit"),
    "unconfirmed": gettext_lazy("Not confirmed"),
}


def k_of_n(number: int, planned: int) -> str:
    """Which visit of how many, such as "3 of 6". A make-up has a number of its own beyond those that the
    phase has: "7 of 6 + 1 make-up".
    """
    extra = number - planned
    if extra <= 0:
        return gettext("%(k)s of %(n)s") % {"k": number, "n": planned}
    says = ngettext("%(k)s of %(n)s + %(extra)s make-up", "%(k)s of %(n)s + %(extra)s make-ups", extra)
    return says % {"k": number, "n": planned, "extra": extra}


def fraction(number: int, planned: int) -> str:
    """The same in signs: "3/6", "7/6+1"."""
    return f"{number}/{planned}" + (f"+{number - planned}" if number > planned else "")


def flag_words(flag: str) -> str:
    """What a flag says on the screen."""
    return _flag_words(flag, get_language())


@cache  # by language: a day of hundreds of visits asks for the same few again and again
def _flag_words(flag: str, _language: str | None) -> str:
    found = _FLAG.get(flag)
    return str(found) if found is not None else gettext("Task open")


def task_words(actor: Actor, task: Task) -> tuple[str, str]:
    """What a task is called, and its reason, as far as the actor may know it."""
    if may_know_why(actor, task.kind):
        rules = task.series.protocol_version.rules if task.series else None
        return flag_words(task.kind), with_phases(task.detail, rules) if rules else task.detail
    return flag_words(HOLD), gettext("A prescriber looks at this course. Book nothing more of it until then.")
