from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("bookings", "0018_pulses"),
    ]

    operations = [
        migrations.AddField(
            model_name="staffmember",
            name="owes_second_factor",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="staffmember",
            name="second_factor_reset_at",
            field=models.DateTimeField(null=True),
        ),
    ]
