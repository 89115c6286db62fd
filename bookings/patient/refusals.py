"""Why a visit cannot be changed as its patient wished, in their language."""

from __future__ import annotations

from django.utils.translation import gettext

from bookings.errors import Refused
from bookings.patient.page import words_of
from bookings.patient.reasons import reasons_of
from scheduler.violations import Rule, Violation


def why(refusal: Refused) -> list[str]:
    """What stands in the way: a sentence for each rule that was broken, else one for the refusal."""
    if refusal.code == "taken":
        return [gettext("Somebody else has just taken that time.")]
    return reasons_of(_violations(refusal)) or [_of_state(refusal)]


def _violations(refusal: Refused) -> list[Violation]:
    return [
        Violation(Rule(one["rule"]), tuple(one["sessions"]), one["required"], one["actual"], one["detail"])
        for one in refusal.facts.get("violations", ())
    ]


def _of_state(refusal: Refused) -> str:
    said = {
        "requested": gettext("This visit waits for the clinic's approval: that cannot be done yet."),
        "confirmed": gettext("This visit is confirmed already."),
        "cancelled": gettext("This visit is cancelled."),
        "completed": gettext("This visit is over."),
        "no_show": gettext("This visit was missed."),
        "arrived": gettext("This visit has begun."),
        "infusing": gettext("This visit has begun."),
        "recovering": gettext("This visit has begun."),
        "accepted": gettext("You have accepted these times already."),
        "declined": gettext("You have declined these times already."),
        "expired": gettext("These times were kept for a while only, and that time is over."),
        "superseded": gettext("Your visits have changed since these times were proposed."),
    }
    if refusal.code == "wrong-state":
        otherwise = gettext("That cannot be done now. Please call the clinic.")
        return said.get(str(refusal.facts.get("status")), otherwise)
    if refusal.code == "unplannable":
        return gettext("No time was found that keeps all the rules. Please call the clinic.")
    return words_of(refusal)
