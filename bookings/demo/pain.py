"""Treatments of chronic pain, with the source of every clinical number."""

from __future__ import annotations

from bookings.demo.protocol_parts import DAY, HOUR, KETAMINE_DAY, NOTICE, step, turnover

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
    "names": {"es": "Infusión de ketamina, diez días"},
    "patient_name": {"es": "Infusión de ketamina, diez días"},
    "spacing_group": "ketamine-pain",
    "phases": [
        {
            "name": "ten-days",
            "names": {"en": "ten days", "es": "diez días"},
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
        step("check-in", 15),
        step("set-up", 15, "exclusive"),
        step("infusion", 4 * HOUR, "shared"),
        step("recovery", 60, "shared"),
        turnover(20),
    ],
    **NOTICE,
    "needs_clearance": True,
    "needs_escort": True,
    "preparation": KETAMINE_DAY,
}

#: Lidocaine for chronic pain: about an hour of infusion with frequent vitals, a driver at least for the first
#: (http://thevitalitycenters.com/lidocaine-infusions.html), recovery of about 30 minutes
#: (https://www.rch.org.au/anaes/pain_management/iv-lignocaine-lidocaine-infusion-for-chronic-pain/). Eat
#: until 4 hours before, drink clear liquids until 2 (the first of these sources). Spacing: ours.
LIDOCAINE = {
    "slug": "lidocaine-iv",
    "name": "Lidocaine infusion",
    "names": {"es": "Infusión de lidocaína"},
    "patient_name": {"es": "Infusión de lidocaína"},
    "spacing_group": "lidocaine",
    "phases": [
        {
            "name": "treatment",
            "names": {"es": "tratamiento"},
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
        step("check-in", 15),
        step("set-up", 15, "exclusive"),
        step("infusion", 60, "shared"),
        step("recovery", 30, "shared"),
        turnover(15),
    ],
    **NOTICE,
    "needs_clearance": False,
    "needs_escort": True,
    "preparation": {"solids_hours": 4, "clear_fluids_hours": 2},
}
