import django.contrib.postgres.indexes
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("notifications", "0007_sweeps_of_a_clinic")]

    operations = [
        migrations.AddIndex(
            model_name="message",
            index=django.contrib.postgres.indexes.BrinIndex(
                autosummarize=True, fields=["due_at"], name="message_by_due", pages_per_range=32
            ),
        ),
    ]
