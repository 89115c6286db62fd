"""Infusions that are no matter of the mind: infliximab and iron, with the source of every clinical number."""

from __future__ import annotations

from bookings.demo.protocol_parts import A_WEEK_APART, DAY, NOTICE, step, turnover

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
    "names": {"es": "Infusión de infliximab"},
    "patient_name": {"es": "Infusión de infliximab"},
    "spacing_group": "infliximab",
    "phases": [
        {
            "name": "weeks-0-and-2",
            "names": {"en": "weeks 0 and 2", "es": "semanas 0 y 2"},
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
            "names": {"en": "week 6", "es": "semana 6"},
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
            "names": {"es": "mantenimiento"},
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
        step("check-in", 15),
        step("set-up", 15, "exclusive"),
        step("infusion", 120, "shared"),
        turnover(15),
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
    "names": {"es": "Infusión de hierro"},
    "patient_name": {"es": "Infusión de hierro"},
    "spacing_group": "iron",
    "phases": [
        {
            "name": "course",
            "names": {"es": "curso"},
            "sessions": 2,
            "spacing": {**A_WEEK_APART, "target_gap_days": 7, "soft_max_gap_days": 14},
        }
    ],
    "washouts": [],
    "steps": [
        step("check-in", 10),
        step("set-up", 10, "exclusive"),
        step("infusion", 25, "shared"),
        step("observation", 30, "shared"),
        turnover(15),
    ],
    **NOTICE,
    "needs_clearance": False,
    "needs_escort": False,
}
