"""Say in the database itself what its last judges are for: whoever meets one of these sees why."""

from django.db import migrations

COMMENTS = {
    "claim_one_chair_one_claim": (
        "One chair, one claim at a time: the spans [start, chair_until) of a chair never overlap. "
        "Nobody may override it."
    ),
    "claim_one_patient_one_place": (
        "One patient, one place at a time, in whatever clinic: the spans [start, end) of a patient never overlap. "
        "Nobody may override it."
    ),
    "claim_minimum_gap": (
        "One patient''s sessions of one spacing group never come closer than the minimum gap of the protocol: "
        "the guard of each runs from its start to the first instant at which another may start. "
        "Only a recorded override makes a guard shorter."
    ),
}


class Migration(migrations.Migration):
    dependencies = [("bookings", "0001_initial")]
    operations = [
        migrations.RunSQL(
            f"COMMENT ON CONSTRAINT {name} ON bookings_claim IS '{comment}'",
            f"COMMENT ON CONSTRAINT {name} ON bookings_claim IS NULL",
        )
        for name, comment in COMMENTS.items()
    ]
