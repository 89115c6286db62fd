"""Time-based one-time passwords as authenticators show them (RFC 6238: SHA-1, 30 s, six digits); and codes
for whoever has no authenticator any more. Pure.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets
from datetime import datetime
from urllib.parse import quote

STEP_SECONDS = 30
DRIFT = (0, -1, 1)  # clocks of telephones may be a step off
#: Ten of thirty-two signs are 50 bits: nobody guesses them at a form, and they are quickly typed from paper.
RECOVERY_LENGTH = 10
_SIGNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


def new_secret() -> str:
    """160 random bits in base32, as authenticators read them."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


def address_of(secret: str, *, email: str) -> str:
    """The `otpauth:` address that an authenticator scans."""
    return f"otpauth://totp/cadence:{quote(email)}?secret={secret}&issuer=cadence"


def step_of(secret: str, otp: str, *, at: datetime) -> int | None:
    """The step of 30 s whose digits `otp` are, among the one at this instant and its neighbours;
    else None.
    """
    try:
        key = base64.b32decode(secret.encode("ascii"))
    except (binascii.Error, UnicodeEncodeError):
        return None
    now = int(at.timestamp()) // STEP_SECONDS
    for step in (now + drift for drift in DRIFT):
        if hmac.compare_digest(digits(key, step).encode(), otp.encode()):
            return step
    return None


def new_recovery_code() -> str:
    """A fresh code as it is read from paper, such as `K7QFA-2MXPT`."""
    signs = "".join(secrets.choice(_SIGNS) for _ in range(RECOVERY_LENGTH))
    return f"{signs[:5]}-{signs[5:]}"


def as_recovery_code(typed: str) -> str | None:
    """The code that was typed, in its one form without hyphen; None where it cannot be one."""
    signs = "".join(typed.upper().replace("-", "").split())
    return signs if len(signs) == RECOVERY_LENGTH and set(signs) <= set(_SIGNS) else None


def digits(key: bytes, step: int) -> str:
    """The six digits of one step (RFC 4226, dynamic truncation)."""
    mac = hmac.digest(key, step.to_bytes(8, "big"), "sha1")
    place = mac[-1] & 0x0F
    number = int.from_bytes(mac[place : place + 4], "big") & 0x7FFFFFFF
    return f"{number % 1_000_000:06}"
