"""Six treatments as data, with the source of every clinical number.

A number without a source is marked "our default": no published value was found, so a clinic decides. They
show how treatments are described here. They are no medical advice, and every clinic edits its own.
"""

from __future__ import annotations

from typing import Any

HOUR = 60
DAY = 24 * HOUR
#: Two calendar days, and never under 44 h: a weekend on which the clocks go forward has 47 h from Friday
#: 10:00 to Sunday 10:00, so 48 h would refuse what "every other day" means.
EVERY_OTHER_DAY = {"min_gap_minutes": 44 * HOUR, "min_gap_days": 2}
#: Seven calendar days; the elapsed floor leaves a Tuesday afternoon free to be followed by a Tuesday morning.
A_WEEK_APART = {"min_gap_minutes": 6 * DAY, "min_gap_days": 7}

#: Binding for patients who book for themselves, not for staff. Our defaults: many clinics ask for 24 h
#: notice, some for 48 h (https://www.yarrowcenter.com/english-refund-policy).
NOTICE = {"lead_time_hours": 24, "horizon_days": 120, "cancel_cutoff_hours": 24}


def _step(name: str, minutes: int, nurse: str = "none", *, patient: bool = True) -> dict[str, Any]:
    return {"name": name, "minutes": minutes, "nurse": nurse, "patient": patient}


def _turnover(minutes: int) -> dict[str, Any]:
    return _step("turnover", minutes, patient=False)


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
    "spacing_group": "ketamine",
    "phases": [
        {
            "name": "induction",
            "sessions": 6,
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
            "sessions": None,
            "spacing": {**A_WEEK_APART, "target_gap_days": 28, "soft_max_gap_days": 42, "max_gap_days": 90},
        },
    ],
    # The same molecule by another route: our default is a week between the two.
    "washouts": [{"spacing_group": "esketamine", "days": 7}, {"spacing_group": "*", "days": 1}],
    "steps": [
        _step("check-in", 15),
        _step("set-up", 15, "exclusive"),
        _step("infusion", 40, "shared"),
        _step("recovery", 60, "shared"),
        _turnover(20),
    ],
    **NOTICE,
    "needs_clearance": False,
    "needs_escort": True,
}

#: Esketamine nasal spray for depression that resisted treatment.
#:
#: - Twice a week for four weeks, once a week for four, then weekly or every two weeks at the lowest frequency
#:   that works; benefit is evaluated at the end of week 4; at least two hours of observation after the dose;
#:   only in a certified setting (https://www.spravatohcp.com/dosing-and-administration).
#: - The two hours count from the last device; a clinic may choose the first and must write down which
#:   (https://lucido-go.com/learn/spravato-monitoring-window).
#: - Our defaults: two days and 44 h at least, six days in the weekly phases, and every upper bound. The first
#:   four weeks may take five, so that a missed session can be made up for.
ESKETAMINE = {
    "slug": "esketamine",
    "name": "Esketamine nasal spray",
    "spacing_group": "esketamine",
    "phases": [
        {
            "name": "induction",
            "sessions": 8,
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
        _step("check-in", 15),
        _step("dosing", 10, "exclusive"),
        _step("observation", 120, "shared"),
        _turnover(15),
    ],
    **NOTICE,
    "needs_clearance": True,
    "needs_escort": True,
    "chair_features": ["certified-setting"],
}

#: Infliximab in weeks 0, 2 and 6, then every 8 weeks, over two hours or more
#: (https://www.infliximab.com/patient/infusion-process/,
#: https://www.pfizerpro.com/product/inflectra/hcp/dosing).
#:
#: - The gaps of the loading doses differ, 14 and 28 days, so weeks 0 and 2 are one phase and week 6 is its
#:   own.
#: - Labels give no windows; our defaults are 3 days either way while loading, 7 either way later.
#: - After an interruption the label advises against loading again: a single dose, then maintenance. So a gap
#:   past the hard bound (our default: 16 weeks) waits for a prescriber, who books the `week-6` phase as that
#:   dose.
INFLIXIMAB = {
    "slug": "infliximab",
    "name": "Infliximab infusion",
    "spacing_group": "infliximab",
    "phases": [
        {
            "name": "weeks-0-and-2",
            "sessions": 2,
            "spacing": {
                "min_gap_minutes": 10 * DAY,
                "min_gap_days": 11,
                "target_gap_days": 14,
                "soft_max_gap_days": 17,
                "max_gap_days": 28,
            },
        },
        {
            "name": "week-6",
            "sessions": 1,
            "spacing": {
                "min_gap_minutes": 24 * DAY,
                "min_gap_days": 25,
                "target_gap_days": 28,
                "soft_max_gap_days": 31,
                "max_gap_days": 56,
            },
        },
        {
            "name": "maintenance",
            "sessions": None,
            "spacing": {
                "min_gap_minutes": 48 * DAY,
                "min_gap_days": 49,
                "target_gap_days": 56,
                "soft_max_gap_days": 63,
                "max_gap_days": 112,
            },
        },
    ],
    "washouts": [{"spacing_group": "*", "days": 1}],
    "steps": [
        _step("check-in", 15),
        _step("set-up", 15, "exclusive"),
        _step("infusion", 120, "shared"),
        _turnover(15),
    ],
    **NOTICE,
    "needs_clearance": True,
    "needs_escort": False,
}

#: Iron for people who lack it: 750 mg twice, at least 7 days apart, 15 to 30 minutes each
#: (https://pmc.ncbi.nlm.nih.gov/articles/PMC5517096/table/T1/), then 30 minutes of observation. Upper bound:
#: ours.
FERRIC_CARBOXYMALTOSE = {
    "slug": "ferric-carboxymaltose",
    "name": "Iron infusion",
    "spacing_group": "iron",
    "phases": [
        {
            "name": "course",
            "sessions": 2,
            "spacing": {**A_WEEK_APART, "target_gap_days": 7, "soft_max_gap_days": 14},
        }
    ],
    "washouts": [],
    "steps": [
        _step("check-in", 10),
        _step("set-up", 10, "exclusive"),
        _step("infusion", 25, "shared"),
        _step("observation", 30, "shared"),
        _turnover(15),
    ],
    **NOTICE,
    "needs_clearance": False,
    "needs_escort": False,
}

#: Ketamine for complex regional pain syndrome: four hours a day for ten days
#: (https://www.medcentral.com/pain/interventions/asra-aapm-asa-release-first-iv-ketamine-infusion-guidelines).
#:
#: - "More days in a row, better resolution" (https://thriveanesthesia.com/sp_faq/iv-infusion-series-work/) is
#:   the opposite of the rule for depression: spacing hangs on the protocol and its group, not on the drug.
#: - About an hour of recovery after two hours and more
#:   (https://ketwell.com/pre-and-post-treatment-instructions/).
#: - Our defaults: 20 h at least from start to start, a weekend or a holiday may fall in between, 16 days in
#:   all.
KETAMINE_PAIN = {
    "slug": "ketamine-pain",
    "name": "Ketamine infusion, ten days",
    "spacing_group": "ketamine-pain",
    "phases": [
        {
            "name": "ten-days",
            "sessions": 10,
            "spacing": {
                "min_gap_minutes": 20 * HOUR,
                "min_gap_days": 1,
                "target_gap_days": 1,
                "soft_max_gap_days": 5,
                "max_gap_days": 7,
                "complete_within_days": 16,
            },
        }
    ],
    "washouts": [
        {"spacing_group": "ketamine", "days": 7},
        {"spacing_group": "esketamine", "days": 7},
        {"spacing_group": "*", "days": 1},
    ],
    "steps": [
        _step("check-in", 15),
        _step("set-up", 15, "exclusive"),
        _step("infusion", 4 * HOUR, "shared"),
        _step("recovery", 60, "shared"),
        _turnover(20),
    ],
    **NOTICE,
    "needs_clearance": True,
    "needs_escort": True,
}

#: Lidocaine for chronic pain: about an hour of infusion with frequent vitals, a driver at least for the first
#: (http://thevitalitycenters.com/lidocaine-infusions.html), recovery of about 30 minutes
#: (https://www.rch.org.au/anaes/pain_management/iv-lignocaine-lidocaine-infusion-for-chronic-pain/). Spacing:
#: ours.
LIDOCAINE = {
    "slug": "lidocaine-iv",
    "name": "Lidocaine infusion",
    "spacing_group": "lidocaine",
    "phases": [
        {
            "name": "treatment",
            "sessions": None,
            "spacing": {
                "min_gap_minutes": 13 * DAY,
                "min_gap_days": 14,
                "target_gap_days": 28,
                "soft_max_gap_days": 60,
            },
        }
    ],
    "washouts": [{"spacing_group": "*", "days": 1}],
    "steps": [
        _step("check-in", 15),
        _step("set-up", 15, "exclusive"),
        _step("infusion", 60, "shared"),
        _step("recovery", 30, "shared"),
        _turnover(15),
    ],
    **NOTICE,
    "needs_clearance": False,
    "needs_escort": True,
}

#: Every treatment of the demo, and the slugs of the clinics that offer it.
PROTOCOLS: list[tuple[dict[str, Any], tuple[str, ...]]] = [
    (KETAMINE_IV, ("baltimore", "phoenix")),
    (ESKETAMINE, ("baltimore", "phoenix")),
    (FERRIC_CARBOXYMALTOSE, ("baltimore", "phoenix")),
    (INFLIXIMAB, ("baltimore",)),
    (LIDOCAINE, ("baltimore",)),
    (KETAMINE_PAIN, ("baltimore",)),
]
