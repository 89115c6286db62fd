from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('bookings', '0002_comment_constraints'),
    ]

    operations = [
        migrations.AddField(
            model_name='staffmember',
            name='version',
            field=models.PositiveIntegerField(default=1),
        ),
    ]
