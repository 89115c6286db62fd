from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('bookings', '0004_staff_second_factor'),
    ]

    operations = [
        migrations.RemoveIndex(model_name='patient', name='patient_by_name'),
        migrations.AddIndex(
            model_name='patient',
            index=models.Index(fields=['last_name', 'first_name', 'id'], name='patient_in_order'),
        ),
    ]
