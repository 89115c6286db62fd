"""The fields of a treatment in the words of a clinic. Their bounds are in `bookings.bodies.protocols`."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from bookings.frontdesk.running.entries import Entry
from scheduler.protocol import NurseNeed, OnMissed

NURSE_WORDS = (
    (NurseNeed.NONE.value, _("no nurse")),
    (NurseNeed.SHARED.value, _("a shared nurse")),
    (NurseNeed.EXCLUSIVE.value, _("a nurse alone")),
)
MISSED_WORDS = (
    (OnMissed.APPEND.value, _("made up for at the end")),
    (OnMissed.RESTART.value, _("the phase begins anew")),
    (OnMissed.MAINTENANCE.value, _("one more visit, then the next phase")),
    (OnMissed.CLINICIAN.value, _("a prescriber decides")),
)
_DAYS, _HOURS = _("days"), _("hours")

_NAMES = (
    Entry("names.en", _("Called in English"), hint=_("Empty: the name.")),
    Entry("names.es", _("Called in Spanish"), hint=_("Empty: the name.")),
)

SLUG = Entry("slug", _("Name in addresses"), hint=_("Lower-case letters, digits and hyphens; it stays."))
HEAD = (
    Entry("name", _("Name"), wide=True),
    *_NAMES,
    Entry("patient_name.en", _("What patients read, in English"), hint=_("Empty: the name."), wide=True),
    Entry("patient_name.es", _("What patients read, in Spanish"), hint=_("Empty: the name."), wide=True),
    Entry(
        "spacing_group",
        _("Spacing group"),
        hint=_("Treatments of one group keep their gaps to one another. It stays with the treatment."),
        wide=True,
    ),
)
PHASE = (
    Entry("name", _("Name of the phase")),
    Entry("sessions", _("Visits"), "whole", hint=_("Empty: open-ended.")),
    Entry(
        "spacing.min_gap_minutes",
        _("Shortest gap, start to start"),
        "span",
        hint=_("Such as 44:00."),
        unit="h",
    ),
    Entry("spacing.min_gap_days", _("Shortest gap, in calendar days"), "whole", unit=_DAYS),
    Entry("spacing.target_gap_days", _("Best gap"), "whole", unit=_DAYS),
    Entry("spacing.soft_max_gap_days", _("A longer gap raises a task"), "whole", unit=_DAYS),
    Entry("spacing.max_gap_days", _("A longer gap is refused"), "whole", unit=_DAYS),
    Entry("spacing.complete_within_days", _("All within"), "whole", unit=_DAYS),
    Entry("spacing.rolling_limit.sessions", _("At most so many visits"), "whole"),
    Entry("spacing.rolling_limit.days", _("within so many days"), "whole", unit=_DAYS),
    Entry("on_missed.then", _("After a missed visit"), "choice", options=MISSED_WORDS),
    Entry(
        "on_missed.after_gap_days",
        _("Only after a gap of more than"),
        "whole",
        hint=_("Empty: after any. A shorter one is made up for at the end."),
        unit=_DAYS,
    ),
    Entry(
        "assess_after",
        _("A prescriber assesses after visits"),
        "wholes",
        hint=_("With commas between. The next visit waits for it."),
    ),
    *_NAMES,
)
STEP = (
    Entry("name", _("Step")),
    Entry("minutes", _("Minutes"), "whole", unit="min"),
    Entry("nurse", _("Needs"), "choice", options=NURSE_WORDS),
    Entry("patient", _("The patient is there"), "yes"),
    *_NAMES,
)
WASHOUT = (
    Entry("spacing_group", _("Group"), hint=_("* is every other group.")),
    Entry("days", _("Calendar days between"), "whole", unit=_DAYS),
)
PREPARATION = (
    Entry("preparation.solids_hours", _("Nothing to eat before"), "whole", unit=_HOURS),
    Entry("preparation.clear_fluids_hours", _("Nothing to drink before"), "whole", unit=_HOURS),
    Entry("preparation.no_driving_hours", _("No driving after"), "whole", unit=_HOURS),
    Entry("preparation.text.en", _("What else to know, in English"), "long", wide=True),
    Entry("preparation.text.es", _("What else to know, in Spanish"), "long", wide=True),
)
NOTICE = (
    Entry("lead_time_hours", _("Booked by patients at least before"), "whole", unit=_HOURS),
    Entry("horizon_days", _("Booked by patients at most ahead"), "whole", unit=_DAYS),
    Entry("cancel_cutoff_hours", _("Moved or cancelled by patients at least before"), "whole", unit=_HOURS),
    Entry(
        "reminders", _("Days before on which it is brought to mind"), "wholes", hint=_("With commas between.")
    ),
)
NEEDS = (
    Entry("needs_clearance", _("A prescriber must clear the patient first"), "yes"),
    Entry("needs_escort", _("Somebody must take the patient home"), "yes"),
    Entry("chair_features", _("What the chair must have"), "words", hint=_("With commas between.")),
    Entry("price.amount", _("Price of a visit"), hint=_("Such as 475.00. Empty: none is shown.")),
    Entry("price.currency", _("Currency"), hint=_("Such as USD.")),
)
#: What there are several of: its name in the body, how it is called, its fields.
LISTS = {
    "phases": (_("Phases"), PHASE),
    "steps": (_("Steps of a visit"), STEP),
    "washouts": (_("Washouts"), WASHOUT),
}
#: What there is one of, in the order of the page; the lists stand after the first of them.
GROUPS = (
    ("head", _("Treatment"), HEAD),
    ("preparation", _("Preparation"), PREPARATION),
    ("notice", _("Notice"), NOTICE),
    ("needs", _("Needs"), NEEDS),
)
