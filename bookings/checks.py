"""What `manage.py check --deploy` minds about this service."""

from __future__ import annotations

from typing import Any

from cryptography.fernet import Fernet
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register  # noqa: A004  Django's name

_MAKE = 'python -c "from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())"'


@register(Tags.security, deploy=True)
def field_keys(**_: Any) -> list[CheckMessage]:
    """Keys of one's own, that are keys."""
    if not settings.FIELD_KEYS:
        told = "FIELD_KEYS is not set: columns are encrypted under a key that follows from SECRET_KEY."
        return [Warning(told, hint=f"Make one with: {_MAKE}", id="cadence.W001")]
    for key in settings.FIELD_KEYS:
        try:
            Fernet(key)
        except ValueError:
            return [Error("FIELD_KEYS has a key that is none.", hint=_MAKE, id="cadence.E001")]
    return []
