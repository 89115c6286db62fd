"""The treatments that the cast comes for, as rules.

A ketamine visit takes 130 minutes and a chair for 150.
"""

VISIT_STEPS = [
    {"name": "check-in", "minutes": 15, "nurse": "none", "patient": True},
    {"name": "set-up", "minutes": 15, "nurse": "exclusive", "patient": True},
    {"name": "infusion", "minutes": 40, "nurse": "shared", "patient": True},
    {"name": "recovery", "minutes": 60, "nurse": "shared", "patient": True},
    {"name": "turnover", "minutes": 20, "nurse": "none", "patient": False},
]
KET6 = {
    "slug": "ket6",
    "name": "Ketamine, six sessions",
    "spacing_group": "ketamine",
    "phases": [
        {
            "name": "induction",
            "sessions": 6,
            "spacing": {
                "min_gap_minutes": 44 * 60,
                "min_gap_days": 2,
                "target_gap_days": 3,
                "soft_max_gap_days": 7,
                "max_gap_days": 14,
                "complete_within_days": 21,
            },
        }
    ],
    "washouts": [{"spacing_group": "*", "days": 1}],
    "steps": VISIT_STEPS,
    "lead_time_hours": 0,
    "horizon_days": 180,
    "cancel_cutoff_hours": 24,
    "needs_clearance": False,
    "needs_escort": True,
}
#: One session at a time: an open-ended phase of the same spacing group.
BOOSTER = {
    **KET6,
    "slug": "booster",
    "name": "Ketamine, single sessions",
    "phases": [
        {
            "name": "maintenance",
            "sessions": None,
            "spacing": {"min_gap_minutes": 44 * 60, "min_gap_days": 2, "target_gap_days": 28},
        }
    ],
}
#: 145 minutes with the patient: 15 check-in, 10 dosing, 120 of watching.
ESKETAMINE = {
    "slug": "esketamine",
    "name": "Esketamine",
    "spacing_group": "esketamine",
    "phases": [
        {
            "name": "induction",
            "sessions": 8,
            "spacing": {"min_gap_minutes": 0, "min_gap_days": 2, "target_gap_days": 3},
        },
        {
            "name": "maintenance",
            "sessions": None,
            "spacing": {"min_gap_minutes": 0, "min_gap_days": 5, "target_gap_days": 7},
        },
    ],
    "washouts": [],
    "steps": [
        {"name": "check-in", "minutes": 15, "nurse": "none", "patient": True},
        {"name": "dosing", "minutes": 10, "nurse": "exclusive", "patient": True},
        {"name": "watching", "minutes": 120, "nurse": "shared", "patient": True},
        {"name": "turnover", "minutes": 15, "nurse": "none", "patient": False},
    ],
    "lead_time_hours": 0,
    "horizon_days": 180,
    "cancel_cutoff_hours": 24,
    "needs_clearance": True,
    "needs_escort": True,
}
INFLIXIMAB = {
    "slug": "infliximab",
    "name": "Infliximab",
    "spacing_group": "infliximab",
    "phases": [
        {"name": "maintenance", "sessions": None, "spacing": {"min_gap_minutes": 0, "min_gap_days": 28}}
    ],
    "washouts": [],
    "steps": [
        {"name": "infusion", "minutes": 150, "nurse": "shared", "patient": True},
        {"name": "turnover", "minutes": 15, "nurse": "none", "patient": False},
    ],
    "lead_time_hours": 0,
    "horizon_days": 180,
    "cancel_cutoff_hours": 24,
    "needs_clearance": False,
    "needs_escort": False,
}
