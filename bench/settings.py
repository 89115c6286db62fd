"""The service's own settings, with bare addresses beside it to compare with."""

from config.settings import *  # noqa: F403

ROOT_URLCONF = "bench.urls"
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
TWILIO_ACCOUNT_SID = "AC00000000000000000000000000000000"  # so that texts are planned; none is sent from here
