"""Tokens with a scope, accounts for programs, and an address that is one however it is written."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("bookings", "0020_next_phase_proposed"),
    ]

    operations = [
        migrations.AddField(
            model_name="accesstoken",
            name="clinics",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.UUIDField(), blank=True, default=list, size=None
            ),
        ),
        migrations.AddField(
            model_name="accesstoken",
            name="made_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="accesstoken",
            name="name",
            field=models.CharField(blank=True, max_length=100),
        ),
        migrations.AddField(
            model_name="accesstoken",
            name="scope",
            field=models.CharField(
                blank=True, choices=[("read", "Read"), ("book", "Book"), ("manage", "Manage")], max_length=8
            ),
        ),
        migrations.AddField(
            model_name="staffmember",
            name="is_service",
            field=models.BooleanField(default=False),
        ),
        migrations.AddConstraint(
            model_name="accesstoken",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("scope", ""),
                    models.Q(
                        ("made_by__isnull", False),
                        ("staff__isnull", False),
                        models.Q(("name", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="scoped_token_is_named",
            ),
        ),
        migrations.AddConstraint(
            model_name="staffmember",
            constraint=models.UniqueConstraint(
                django.db.models.functions.text.Lower("email"), name="staff_email_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="staffmember",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("is_service", False),
                    models.Q(
                        ("is_staff", False),
                        ("is_superuser", False),
                        ("password__startswith", "!"),
                        ("role__in", ("front_desk", "manager")),
                    ),
                    _connector="OR",
                ),
                name="service_is_no_person",
            ),
        ),
    ]
