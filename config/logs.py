"""Log lines without the secrets that addresses carry: links in messages, calendars, and their like."""

from __future__ import annotations

import logging
import re

#: `/v/…`, `/l/…`, `/p/…`, `/o/…` open visits, sign in, answer proposals and offers; a calendar's address is
#: its password.
_SECRETS = re.compile(r"(?<![\w/])(/(?:v|l|p|o|calendar|messages/stop)/)[^/\s?\"']+")


class WithoutSecrets(logging.Formatter):
    """Formats as told, tracebacks included, and then hides every secret part of an address."""

    def format(self, record: logging.LogRecord) -> str:
        return _SECRETS.sub(r"\1…", super().format(record))
