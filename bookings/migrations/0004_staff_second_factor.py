from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("bookings", "0003_staffmember_version"),
    ]

    operations = [
        migrations.AddField(
            model_name="staffmember",
            name="otp_secret",
            field=models.CharField(blank=True, default="", max_length=64),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="staffmember",
            name="otp_step",
            field=models.PositiveBigIntegerField(default=0),
        ),
    ]
