"""Passwords that are known from breaches, looked up in a file of one's own: no password leaves the house."""

from __future__ import annotations

from hashlib import sha1
from pathlib import Path
from typing import IO

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _


class BreachedPasswordValidator:
    """Refuses passwords of a file in the form in which Have I Been Pwned hands out its list: a line each,
    `SHA1:count`, in order of the digests. About 36 steps find one among a thousand million.
    """

    def __init__(self, file: str) -> None:
        self.file = Path(file)

    def validate(self, password: str, user: object = None) -> None:
        if is_listed(password, self.file):
            raise ValidationError(
                _("This password is known from a breach elsewhere. Choose another."), code="password_breached"
            )

    def get_help_text(self) -> str:
        return _("Not a password that is known from a breach elsewhere.")


def is_listed(password: str, file: Path) -> bool:
    """Whether the digest of the password is in the file. OSError where the file cannot be read."""
    wanted = sha1(password.encode(), usedforsecurity=False).hexdigest().upper().encode()
    with file.open("rb") as lines:
        low, high = 0, lines.seek(0, 2)  # the line begins within [low, high)
        while low < high:
            middle = (low + high) // 2
            begins, digest = _line_at(lines, middle)
            if digest == wanted:
                return True
            if digest is None or digest > wanted:
                high = middle
            else:
                low = begins + len(digest)
    return False


def _line_at(lines: IO[bytes], place: int) -> tuple[int, bytes | None]:
    """The first line that begins at `place` or later: where, and its digest; None behind the last."""
    lines.seek(max(place - 1, 0))
    if place > 0:
        lines.readline()  # up to the end of the line that holds the byte before
    begins = lines.tell()
    digest = lines.readline().partition(b":")[0].strip().upper()
    return begins, digest or None
