import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("bookings", "0011_recovery_codes")]

    operations = [
        migrations.RemoveConstraint(model_name="task", name="task_once_while_open"),
        migrations.AlterField(
            model_name="task",
            name="series",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="tasks",
                to="bookings.series",
            ),
        ),
        migrations.AddField(
            model_name="task",
            name="patient",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="tasks",
                to="bookings.patient",
            ),
        ),
        migrations.AddConstraint(
            model_name="task",
            constraint=models.UniqueConstraint(
                name="task_once_while_open",
                fields=["kind", "series", "session"],
                nulls_distinct=False,
                condition=Q(resolved_at__isnull=True, series__isnull=False),
            ),
        ),
        migrations.AddConstraint(
            model_name="task",
            constraint=models.UniqueConstraint(
                name="task_once_for_patient",
                fields=["patient", "kind", "clinic"],
                condition=Q(resolved_at__isnull=True, series__isnull=True),
            ),
        ),
        migrations.AddConstraint(
            model_name="task",
            constraint=models.CheckConstraint(
                name="task_is_about_series_or_patient",
                condition=Q(series__isnull=False, patient__isnull=True)
                | Q(series__isnull=True, patient__isnull=False, session__isnull=True),
            ),
        ),
    ]
