"""Log lines that say to which request or task they belong, without the secrets that addresses carry."""

from __future__ import annotations

import logging
import re
from typing import Any

from celery import current_task
from pythonjsonlogger.json import JsonFormatter

#: `/v/…`, `/l/…`, `/p/…`, `/o/…` open visits, sign in, answer proposals and offers; a calendar's address is
#: its password.
_SECRETS = re.compile(r"(?<![\w/])(/(?:v|l|p|o|calendar|messages/stop)/)[^/\s?\"']+")


def without_secrets(text: str) -> str:
    """The text with every secret part of an address hidden."""
    return _SECRETS.sub(r"\1…", text)


class WithoutSecrets(logging.Formatter):
    """Formats as told, tracebacks included, and then hides every secret part of an address."""

    def format(self, record: logging.LogRecord) -> str:
        return without_secrets(super().format(record))


class Json(JsonFormatter):
    """One JSON object a line, for whatever collects logs, with the same parts hidden.

    Only fields that are named here: Django hands the whole request to its log lines, with what was in its
    address.
    """

    FIELDS = frozenset({
        "at", "level", "logger", "message", "exc_info", "stack_info", "request_id", "task_id",
        "method", "route", "status", "ms",
    })  # fmt: skip

    def process_log_record(self, log_data: dict[str, Any]) -> dict[str, Any]:
        kept = {name: value for name, value in log_data.items() if name in self.FIELDS}
        return super().process_log_record(kept)

    def format(self, record: logging.LogRecord) -> str:
        return without_secrets(super().format(record))


class TaskId(logging.Filter):
    """Lets each line say in which task it was written; outside of tasks there is none."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.task_id = current_task.request.id if current_task else None
        return True
