"""Access to a whole record in an emergency, and the task that tells the managers."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import bookings.models.ids


class Migration(migrations.Migration):
    dependencies = [
        ("bookings", "0021_scoped_tokens"),
    ]

    operations = [
        migrations.AlterField(
            model_name="task",
            name="kind",
            field=models.CharField(
                choices=[
                    ("soft_gap", "Soft Gap"),
                    ("hard_gap", "Hard Gap"),
                    ("no_longer_fits", "No Longer Fits"),
                    ("incomplete", "Incomplete"),
                    ("clearance_needed", "Clearance Needed"),
                    ("message_failed", "Message Failed"),
                    ("patient_wrote", "Patient Wrote"),
                    ("not_arrived", "Not Arrived"),
                    ("assess", "Assess"),
                    ("decide", "Decide"),
                    ("phase_finished", "Phase Finished"),
                    ("place_free", "Place Free"),
                    ("maybe_cancel", "Maybe Cancel"),
                    ("emergency_access", "Emergency Access"),
                ],
                max_length=24,
            ),
        ),
        migrations.CreateModel(
            name="EmergencyAccess",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=bookings.models.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("reason", models.CharField(max_length=500)),
                ("opened_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                (
                    "clinic",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="bookings.clinic"
                    ),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="bookings.patient"
                    ),
                ),
                (
                    "staff",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["staff", "patient", "ends_at"], name="emergency_of_staff")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("reason", ""), _negated=True), ("ends_at__gte", models.F("opened_at"))
                        ),
                        name="emergency_has_reason_and_end",
                    )
                ],
            },
        ),
    ]
