"""Treatments of depression, with the source of every clinical number."""

from __future__ import annotations

from bookings.demo.protocol_parts import (
    A_WEEK_APART,
    DAY,
    EVERY_OTHER_DAY,
    KETAMINE_DAY,
    NOTICE,
    step,
    turnover,
)

#: Ketamine by drip for depression.
#:
#: - 0.5 mg/kg over 40 minutes is the common dose and time (Andrade 2017,
#:   https://dev2.psychiatrist.com/jcp/ketamine-for-depression-dosing-administration-and-duration).
#: - Twice and three times a week work equally well, up to four weeks (randomised, n = 67,
#:   https://psychiatryonline.org/doi/abs/10.1176/appi.ajp.2016.16010037): hence at most 3 in 7 days, target 3
#:   days.
#: - Six infusions, then weekly and longer for those who respond (Phillips 2019,
#:   https://pubmed.ncbi.nlm.nih.gov/30922101/); six in three weeks, two hours each
#:   (https://knowledgebase.kinghealthassoc.com/en-us/52-treatment/72-ketamine-treatment), hence 21 days.
#: - Assessed after session 3: the dose is looked at then
#:   (https://www.floridaregionalpain.com/when-to-consider-ketamine-for-depression/), and three infusions are
#:   the median to response (Phillips 2019).
#: - Boosters every 4 to 6 weeks on average (https://nyketamine.com/?p=433): target 28 days; looked at from 42
#:   on.
#: - Recovery of 30 to 60 minutes
#:   (https://www.ketamine-infusion.com/faq-items/what-is-ketamine-infusion-treatment/); a responsible adult
#:   drives home (https://indyat.com/what-should-i-expect-on-the-day-of-treatment/).
#: - Our defaults, because no source gives them: 44 h and two days at least, a clinician looks from 7 days on,
#:   re-evaluation after 14 days (induction) and 90 days (maintenance).
KETAMINE_IV = {
    "slug": "ketamine-iv",
    "name": "Ketamine infusion",
    "names": {"es": "Infusión de ketamina"},
    "patient_name": {"es": "Infusión de ketamina"},
    "spacing_group": "ketamine",
    "phases": [
        {
            "name": "induction",
            "names": {"es": "inducción"},
            "sessions": 6,
            "assess_after": [3],
            "spacing": {
                **EVERY_OTHER_DAY,
                "target_gap_days": 3,
                "soft_max_gap_days": 7,
                "max_gap_days": 14,
                "rolling_limit": {"sessions": 3, "days": 7},
                "complete_within_days": 21,
            },
        },
        {
            "name": "maintenance",
            "names": {"es": "mantenimiento"},
            "sessions": None,
            "spacing": {**A_WEEK_APART, "target_gap_days": 28, "soft_max_gap_days": 42, "max_gap_days": 90},
        },
    ],
    # The same molecule by another route: our default is a week between the two.
    "washouts": [{"spacing_group": "esketamine", "days": 7}, {"spacing_group": "*", "days": 1}],
    "steps": [
        step("check-in", 15),
        step("set-up", 15, "exclusive"),
        step("infusion", 40, "shared"),
        step("recovery", 60, "shared"),
        turnover(20),
    ],
    **NOTICE,
    "needs_clearance": False,
    "needs_escort": True,
    "preparation": KETAMINE_DAY,
}

#: Esketamine nasal spray for depression that resisted treatment.
#:
#: - Twice a week for four weeks, once a week for four, then weekly or every two weeks at the lowest frequency
#:   that works; benefit is evaluated at the end of week 4; at least two hours of observation after the dose;
#:   only in a certified setting (https://www.spravatohcp.com/dosing-and-administration).
#: - A missed dose: without worsening the schedule is kept, with worsening the earlier frequency may be gone
#:   back to, so a clinician decides (Davis's drug guide, 19th edition, esketamine).
#: - The two hours count from the last device; a clinic may choose the first and must write down which
#:   (https://lucido-go.com/learn/spravato-monitoring-window).
#: - No food for 2 hours and no liquids for 30 minutes before, no nasal spray for 1 hour; no driving until the
#:   next day after restful sleep (https://uat.mimsdev.com/hongkong/drug/info/spravato,
#:   https://www.spravatohcp.com/dosing-and-administration). We round 30 minutes up to a whole hour. A night's
#:   sleep is no number of hours, so it is said in words.
#: - Our defaults: two days and 44 h at least, six days in the weekly phases, and every upper bound. The first
#:   four weeks may take five, so that a missed session can be made up for.
ESKETAMINE = {
    "slug": "esketamine",
    "name": "Esketamine nasal spray",
    "names": {"es": "Esketamina en aerosol nasal"},
    "patient_name": {"es": "Esketamina en aerosol nasal"},
    "spacing_group": "esketamine",
    "phases": [
        {
            "name": "induction",
            "names": {"es": "inducción"},
            "sessions": 8,
            "assess_after": [8],
            "on_missed": {"then": "clinician"},
            "spacing": {
                **EVERY_OTHER_DAY,
                "target_gap_days": 3,
                "soft_max_gap_days": 7,
                "max_gap_days": 14,
                "rolling_limit": {"sessions": 2, "days": 7},
                "complete_within_days": 35,
            },
        },
        {
            "name": "weekly",
            "names": {"es": "semanal"},
            "sessions": 4,
            "spacing": {
                "min_gap_minutes": 5 * DAY,
                "min_gap_days": 6,
                "target_gap_days": 7,
                "soft_max_gap_days": 10,
                "max_gap_days": 28,
            },
        },
        {
            "name": "maintenance",
            "names": {"es": "mantenimiento"},
            "sessions": None,
            "spacing": {
                "min_gap_minutes": 5 * DAY,
                "min_gap_days": 6,
                "target_gap_days": 14,
                "soft_max_gap_days": 21,
                "max_gap_days": 56,
            },
        },
    ],
    "washouts": [{"spacing_group": "ketamine", "days": 7}, {"spacing_group": "*", "days": 1}],
    "steps": [
        step("check-in", 15),
        step("dosing", 10, "exclusive"),
        step("observation", 120, "shared"),
        turnover(15),
    ],
    **NOTICE,
    "needs_clearance": True,
    "needs_escort": True,
    "preparation": {
        "solids_hours": 2,
        "clear_fluids_hours": 1,
        "text": {
            "en": "No nasal spray in the hour before. Do not drive until the next day, after a full night.",
            "es": "Nada de aerosol nasal en la hora anterior. No conduzca hasta el día siguiente, después de "
            "dormir toda la noche.",
        },
    },
    "chair_features": ["certified-setting"],
}
