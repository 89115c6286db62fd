"""Refuses to serve with settings that would fail, or leak, on the first request."""

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


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
    if settings.DEMO:
        return
    if not (settings.HTTPS or settings.DEBUG):
        yield "PUBLIC_URL must be the https:// address that patients use. For a try-out set DEMO=1 instead."
    if settings.EMAIL_BACKEND.endswith("console.EmailBackend"):
        yield "EMAIL_URL is not set, so no reminder would leave. Example: smtp+tls://user:password@mail.example:587"
