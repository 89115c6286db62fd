"""Where log lines go, and in which form."""

from __future__ import annotations

from typing import Any


def logging(*, level: str, form: str) -> dict[str, Any]:
    """Django's LOGGING: to stderr, from that level on, as a `line` or as `json`."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "()": "config.logs.WithoutSecrets",
                "format": "{asctime} {levelname} {name}: {message}",
                "style": "{",
            },
            "json": {
                "()": "config.logs.Json",
                "format": "{levelname}{name}{message}{request_id}{task_id}",
                "style": "{",
                "timestamp": "at",
                "rename_fields": {"levelname": "level", "name": "logger"},
            },
        },
        "filters": {
            "request": {
                "()": "django_guid.log_filters.CorrelationId",
                "correlation_id_field": "request_id",
            },
            "task": {"()": "config.logs.TaskId"},
        },
        "handlers": {
            "stderr": {
                "class": "logging.StreamHandler",
                "formatter": form,
                "filters": ["request", "task"],
            }
        },
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # Below this, these tell of addresses, numbers and headers, whatever LOG_LEVEL says.
            "twilio": {"level": "WARNING"},
            "urllib3": {"level": "INFO"},
            # Says of every request that it has an id.
            "django_guid": {"level": "WARNING"},
        },
    }
