"""Names that one file writes and another must know."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from config.celery import CLOCKS_DIFFER, app

CHECKOUT = Path(__file__).resolve().parent.parent.parent


def test_every_row_of_the_beat_table_names_a_task_that_exists():
    app.loader.import_default_modules()
    rows = {name: row["task"] for name, row in app.conf.beat_schedule.items()}
    assert rows
    assert {name: task for name, task in rows.items() if task not in app.tasks} == {}


def test_every_row_of_the_beat_table_has_its_sentence():
    table = (
        (CHECKOUT / "config" / "celery.py").read_text().split("app.conf.beat_schedule = {")[1].split("\n}")[0]
    )
    lines = [line.strip() for line in table.splitlines() if line.strip()]
    assert len(lines) == 2 * len(app.conf.beat_schedule)
    assert all(re.fullmatch(r"# [A-Z].+\.", sentence) for sentence in lines[::2])


def test_ticks_that_nobody_took_do_not_pile_up():
    for row in app.conf.beat_schedule.values():
        assert row["options"]["expires"] == row["schedule"] + CLOCKS_DIFFER


def test_nothing_under_way_is_delivered_twice():
    assert app.conf.broker_transport_options["visibility_timeout"] > app.conf.task_time_limit
    assert app.conf.task_acks_late
    assert app.conf.worker_prefetch_multiplier == 1


@pytest.mark.django_db
def test_django_finds_nothing_to_complain_about():
    call_command("check", databases=["default"], fail_level="WARNING")


def test_every_setting_that_a_deployment_must_give_is_in_the_compose_file():
    compose = (CHECKOUT / "docker-compose.yml").read_text()
    startup = (CHECKOUT / "config" / "startup.py").read_text()
    always = startup.partition("def _problems_of_")[0]  # what follows is asked for where texts are wanted
    demanded = re.findall(r'yield f?"([A-Z_]+) ', always)
    assert set(demanded) == {"SECRET_KEY", "DATABASE_URL", "REDIS_URL", "PUBLIC_URL", "EMAIL_URL"}
    assert [name for name in demanded if not re.search(rf"\n    {name}(_FILE)?: ", compose)] == []
    assert re.findall(r"^\s+EMAIL_URL: (.+)$", compose, re.MULTILINE) == ["${EMAIL_URL:-consolemail://}"]


def test_the_compose_file_hands_the_settings_of_a_mail_provider_on_where_they_are_set():
    compose = (CHECKOUT / "docker-compose.yml").read_text()
    page = (CHECKOUT / "docs" / "messages.md").read_text()
    handed_on = re.findall(r"^    (ANYMAIL_[A-Z_]+):(.*)$", compose, re.MULTILINE)
    explained = set(re.findall(r"^    (ANYMAIL_[A-Z_]+)=", page, re.MULTILINE))
    assert explained == {"ANYMAIL_POSTMARK_SERVER_TOKEN", "ANYMAIL_WEBHOOK_SECRET"}
    assert explained <= {name for name, _ in handed_on}
    assert {value for _, value in handed_on} == {""}  # with a value it would be set where nobody set it
    assert "    EMAIL_PROVIDER: ${EMAIL_PROVIDER:-}\n" in compose
    assert "        PROVIDERS: ${EMAIL_PROVIDER:-} " in compose


def test_the_live_stream_is_served_where_the_desk_looks_for_it():
    compose = (CHECKOUT / "docker-compose.yml").read_text()
    (module,) = re.findall(r"^  command: granian --interface asgi .* (\S+)$", compose, re.MULTILINE)
    assert module == "config.live:application"
    assert (CHECKOUT / "config" / "live.py").exists()
    assert f"leads {settings.LIVE_URL} here" in compose
    assert (
        f"use_backend live if {{ path {settings.LIVE_URL} }}"
        in (CHECKOUT / "ops/proxy/haproxy.cfg").read_text()
    )
