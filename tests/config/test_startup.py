"""An installation that cannot work says so at its start, and says all of it at once."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import override_settings

from config.startup import refuse_unfit_settings

FIT = {
    "SECRET_KEY": "k" * 50,
    "DATABASE_URL": "postgresql://cadence@db/cadence",
    "REDIS_URL": "redis://redis:6379/0",
    "HTTPS": True,
    "DEMO": False,
    "DEBUG": False,
    "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
    "TWILIO_ACCOUNT_SID": "",
    "TWILIO_AUTH_TOKEN": "",
    "TWILIO_FROM": "",
    "TWILIO_MESSAGING_SERVICE_SID": "",
    "TWILIO_BASE_URL": "https://api.twilio.com",
}
TEXTS = {"TWILIO_ACCOUNT_SID": "AC1", "TWILIO_AUTH_TOKEN": "secret", "TWILIO_FROM": "+14105550100"}


def test_a_complete_installation_starts():
    with override_settings(**FIT):
        refuse_unfit_settings()


@pytest.mark.parametrize(
    ("wrong", "names"),
    [
        ({"SECRET_KEY": ""}, "SECRET_KEY"),
        ({"SECRET_KEY": "k" * 31}, "SECRET_KEY"),
        ({"DATABASE_URL": ""}, "DATABASE_URL"),
        ({"REDIS_URL": ""}, "REDIS_URL"),
        ({"HTTPS": False}, "PUBLIC_URL"),
        ({"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}, "EMAIL_URL"),
    ],
)
def test_each_unfit_setting_is_named(wrong, names):
    with override_settings(**{**FIT, **wrong}), pytest.raises(ImproperlyConfigured) as refusal:
        refuse_unfit_settings()
    assert str(refusal.value).count("\n- ") == 1
    assert f"\n- {names} " in str(refusal.value)


def test_everything_that_is_missing_is_named_at_once():
    wrong = {"SECRET_KEY": "", "DATABASE_URL": "", "REDIS_URL": "", "HTTPS": False}
    with override_settings(**{**FIT, **wrong}), pytest.raises(ImproperlyConfigured) as refusal:
        refuse_unfit_settings()
    assert str(refusal.value).count("\n- ") == 4


@pytest.mark.parametrize(
    "sender",
    [
        {},
        {"TWILIO_FROM": "", "TWILIO_MESSAGING_SERVICE_SID": "MG1"},
        {"TWILIO_FROM": "12345"},
        {"TWILIO_BASE_URL": "http://127.0.0.1:8009"},
    ],
)
def test_texts_need_an_account_its_token_and_a_sender(sender):
    with override_settings(**{**FIT, **TEXTS, **sender}):
        refuse_unfit_settings()


@pytest.mark.parametrize("demo", [True, False])
@pytest.mark.parametrize(
    ("wrong", "names"),
    [
        ({"TWILIO_ACCOUNT_SID": ""}, "TWILIO_ACCOUNT_SID"),
        ({"TWILIO_AUTH_TOKEN": ""}, "TWILIO_AUTH_TOKEN"),
        ({"TWILIO_FROM": ""}, "TWILIO_FROM"),
        ({"TWILIO_FROM": "410-555-0100"}, "TWILIO_FROM"),
        (
            {"TWILIO_FROM": "", "TWILIO_MESSAGING_SERVICE_SID": "MG1", "TWILIO_AUTH_TOKEN": ""},
            "TWILIO_AUTH_TOKEN",
        ),
        ({"TWILIO_BASE_URL": "http://sms.example"}, "TWILIO_BASE_URL"),
    ],
)
def test_half_of_what_texts_need_is_refused_even_in_a_demo(wrong, names, demo):
    with (
        override_settings(**{**FIT, **TEXTS, "DEMO": demo, **wrong}),
        pytest.raises(ImproperlyConfigured) as refusal,
    ):
        refuse_unfit_settings()
    assert str(refusal.value).count("\n- ") == 1
    assert f"\n- {names} " in str(refusal.value)


def test_a_demo_needs_neither_https_nor_a_mail_server():
    modest = {"DEMO": True, "HTTPS": False, "EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}
    with override_settings(**{**FIT, **modest}):
        refuse_unfit_settings()


@pytest.mark.parametrize("role", ["worker", "beat"])
def test_a_worker_or_beat_with_unfit_settings_ends_and_says_why(role, tmp_path):
    environment = {name: value for name, value in os.environ.items() if name != "SECRET_KEY"}
    done = subprocess.run(
        [sys.executable, "-m", "celery", "--app", "config", role],
        cwd=tmp_path,  # beat leaves a file where it runs
        env={**environment, "PYTHONPATH": str(Path(__file__).resolve().parents[2])},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert "- SECRET_KEY is missing" in done.stderr


PROVIDER = {
    "EMAIL_PROVIDER": "postmark",
    "EMAIL_BACKEND": "anymail.backends.postmark.EmailBackend",
    "ANYMAIL": {"WEBHOOK_SECRET": "one:two"},
}


def test_an_installation_with_a_mail_provider_starts():
    with override_settings(**{**FIT, **PROVIDER}):
        refuse_unfit_settings()


@pytest.mark.parametrize(
    ("wrong", "names"),
    [({"EMAIL_PROVIDER": "pigeon"}, "EMAIL_PROVIDER"), ({"ANYMAIL": {}}, "ANYMAIL_WEBHOOK_SECRET")],
)
def test_a_mail_provider_needs_a_name_that_is_known_and_a_secret(wrong, names):
    with override_settings(**{**FIT, **PROVIDER, **wrong}), pytest.raises(ImproperlyConfigured) as refusal:
        refuse_unfit_settings()
    assert str(refusal.value).count("\n- ") == 1
    assert names in str(refusal.value)
