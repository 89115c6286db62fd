"""Refuses to serve with settings that would fail, or leak, on the first request."""

import os
import re
from importlib.util import find_spec
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from config import mail_provider


def refuse_unfit_settings() -> None:
    """Raise one error that names everything missing and how to set it. A demo may do without HTTPS."""
    problems = list(_problems())
    if problems:
        raise ImproperlyConfigured("This installation cannot start:\n- " + "\n- ".join(problems))


def _problems():
    generate = 'python -c "import secrets; print(secrets.token_urlsafe(50))"'
    # Read past Django's own check, which would raise here and hide the rest of the list.
    if len(settings._wrapped.__dict__.get("SECRET_KEY", "")) < 32:  # noqa: SLF001
        yield f"SECRET_KEY is missing or shorter than 32 characters. Make one with: {generate}"
    if not settings.DATABASE_URL:
        yield "DATABASE_URL is not set. Example: postgresql://cadence:password@db.internal/cadence"
    if not settings.REDIS_URL:
        yield "REDIS_URL is not set. Example: redis://:password@redis.internal:6379/0"
    yield from _problems_of_texts()
    yield from _problems_of_mail_provider()
    yield from _problems_of_observing()
    yield from _problems_of_passwords()
    if settings.DEMO:
        return
    if not (settings.HTTPS or settings.DEBUG):
        yield "PUBLIC_URL must be the https:// address that patients use. For a try-out set DEMO=1 instead."
    if settings.EMAIL_BACKEND.endswith("console.EmailBackend"):
        yield "EMAIL_URL is not set, so no reminder would leave. Example: smtp+tls://user:password@mail.example:587"


def _problems_of_texts():
    """Half of what texts need would be found out by a patient who waits for one."""
    account, token = settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN
    sender = settings.TWILIO_FROM or settings.TWILIO_MESSAGING_SERVICE_SID
    if not (account or token or sender):
        return
    if not account:
        yield "TWILIO_ACCOUNT_SID is not set, but other settings for texts are. Example: AC and 32 digits"
    if not token:
        yield "TWILIO_AUTH_TOKEN is not set, so texts can neither be sent nor answers be trusted."
    if not sender:
        yield "TWILIO_FROM or TWILIO_MESSAGING_SERVICE_SID is not set. Example: TWILIO_FROM=+14105550100"
    if settings.TWILIO_FROM and not re.fullmatch(r"\+[1-9]\d{6,14}|\d{5,6}", settings.TWILIO_FROM):
        yield "TWILIO_FROM is not a number as Twilio writes it. Example: +14105550100, or a short code"
    address = urlsplit(settings.TWILIO_BASE_URL)
    if address.scheme != "https" and address.hostname not in ("127.0.0.1", "localhost"):
        yield "TWILIO_BASE_URL must begin with https://, since every request carries the token."


def _problems_of_observing():
    wanted = {"SENTRY_DSN": "sentry_sdk", "OTEL_EXPORTER_OTLP_ENDPOINT": "opentelemetry"}
    for name, library in wanted.items():
        if os.environ.get(name) and find_spec(library) is None:
            yield f"With {name}, what requirements/observing.txt names must be installed."


def _problems_of_passwords():
    """A list that is not there would be found out by whoever sets a password."""
    file = settings.BREACHED_PASSWORDS_FILE
    if file and not os.access(file, os.R_OK):
        yield f"BREACHED_PASSWORDS_FILE names {file}, which cannot be read."


def _problems_of_mail_provider():
    """Without its secret anybody could tell us that a patient's address bounced."""
    provider = settings.EMAIL_PROVIDER
    if not provider:
        return
    if find_spec("anymail") is None:
        yield "With EMAIL_PROVIDER, django-anymail must be installed: requirements/providers.txt has it."
    elif find_spec(f"anymail.backends.{provider}") is None or not mail_provider.doors(provider):
        yield f"With EMAIL_PROVIDER, it must be one that django-anymail knows, not {provider!r}."
    if ":" not in getattr(settings, "ANYMAIL", {}).get("WEBHOOK_SECRET", ""):
        yield (
            "With EMAIL_PROVIDER, ANYMAIL_WEBHOOK_SECRET must be set to two long random words with a colon "
            "between, which the provider gets as name and password of the address that it reports to."
        )
