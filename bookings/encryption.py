"""The most sensitive columns, encrypted under keys that the database does not know.

Fernet (AES-128-CBC with HMAC-SHA256) of the `cryptography` package. The first key encrypts, all of them
decrypt, so that a new key can be put in front while rows are still under the old one.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

#: What a value that is encrypted begins with; anything else was written before there was encryption.
MARK = "enc1:"


class Undecipherable(RuntimeError):
    """No key of the settings opens a value. It says nothing of the value."""


def encrypted(text: str) -> str:
    """The text under the first key; nothing stays nothing, so that it can be asked for."""
    return MARK + _ciphers()[0].encrypt(text.encode()).decode() if text else ""


def decrypted(kept: str) -> str:
    """The text that is kept so. Raises `Undecipherable` where the key is not among the settings'."""
    if not kept.startswith(MARK):
        return kept
    try:
        return MultiFernet(_ciphers()).decrypt(kept.removeprefix(MARK)).decode()
    except InvalidToken:
        raise Undecipherable("A value is under a key that FIELD_KEYS does not name.") from None


def is_under_first_key(kept: str) -> bool:
    """Whether it needs no rotation."""
    if not kept:
        return True
    try:
        _ciphers()[0].decrypt(kept.removeprefix(MARK))
    except InvalidToken:
        return False
    return kept.startswith(MARK)


def _ciphers() -> tuple[Fernet, ...]:
    return _made(tuple(settings.FIELD_KEYS), settings.SECRET_KEY)


@lru_cache(maxsize=4)
def _made(keys: tuple[str, ...], secret: str) -> tuple[Fernet, ...]:
    """Without keys, one that follows from SECRET_KEY, for a demo and the tests; `check --deploy` minds."""
    return tuple(Fernet(key) for key in keys) or (Fernet(derived_key(secret)),)


def derived_key(secret: str) -> str:
    """The key that follows from a SECRET_KEY. Put it last into FIELD_KEYS when the first key of one's own is
    made.
    """
    derive = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=b"cadence field keys")
    return urlsafe_b64encode(derive.derive(secret.encode())).decode()
