"""What the treatments of the demo have in common: gaps, notice, and the steps of a visit."""

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

#: What the day of a ketamine drip asks of the patient. Nothing solid for 6 hours and nothing clear for 2 is
#: the most common rule (https://www.amg-ketamine.com/treatment-day,
#: https://sovereignmindpsychiatry.com/prepare-for-your-appointment, which also asks for no alcohol for 24
#: hours); no driving and no big decisions for 24 hours after it
#: (https://www.nervanamedical.com/s/ketaminedischarge,
#: https://ketwell.com/pre-and-post-treatment-instructions/).
KETAMINE_DAY = {
    "solids_hours": 6,
    "clear_fluids_hours": 2,
    "no_driving_hours": 24,
    "text": {
        "en": "No alcohol for 24 hours before. Make no big or legal decisions until the day after.",
        "es": "Nada de alcohol en las 24 horas anteriores. No tome decisiones importantes ni legales hasta "
        "el día siguiente.",
    },
}

_IN_SPANISH = {
    "check-in": "llegada",
    "set-up": "preparación",
    "infusion": "infusión",
    "dosing": "administración",
    "observation": "observación",
    "recovery": "recuperación",
    "turnover": "limpieza del sillón",
}


def step(name: str, minutes: int, nurse: str = "none", *, patient: bool = True) -> dict[str, Any]:
    names = {"es": _IN_SPANISH[name]}
    return {"name": name, "names": names, "minutes": minutes, "nurse": nurse, "patient": patient}


def turnover(minutes: int) -> dict[str, Any]:
    return step("turnover", minutes, patient=False)
