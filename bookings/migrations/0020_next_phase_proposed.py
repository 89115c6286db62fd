"""A proposal may be the phase that follows one that is over."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("bookings", "0019_second_factor_reset")]

    operations = [
        migrations.AlterField(
            model_name="proposal",
            name="manner",
            field=models.CharField(
                choices=[
                    ("append", "append"),
                    ("restart", "restart"),
                    ("maintenance", "maintenance"),
                    ("clinician", "clinician"),
                    ("next_phase", "next_phase"),
                ],
                default="append",
                max_length=12,
            ),
        ),
    ]
