"""The service's own settings, with bare addresses beside it to compare with."""

from config import log_settings
from config.settings import *  # noqa: F403

LOGGING = log_settings.logging(level="WARNING", form="line")  # thousands of requests would hide the figures
ROOT_URLCONF = "bench.urls"
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
# So that texts are planned; none is sent from here.
TWILIO_ACCOUNT_SID = "AC00000000000000000000000000000000"
TWILIO_AUTH_TOKEN = "none"
TWILIO_FROM = "+14105550100"
