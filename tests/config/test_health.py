"""The three addresses that machines ask."""

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import override_settings
from django.urls import path

from config import health
from config.urls import urlpatterns as all_urls


def test_alive_without_a_database_or_redis(client):
    # No database mark: pytest-django refuses the test any query.
    with override_settings(REDIS_URL="redis://127.0.0.1:1/0"):
        response = client.get("/healthz")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


@pytest.mark.django_db
def test_ready_names_every_check(client):
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json() == {
        "status": "ok",
        "checks": {"database": "ok", "redis": "ok", "migrations": "ok"},
    }


@pytest.mark.django_db
@override_settings(REDIS_URL="redis://:secret-password@127.0.0.1:1/0")
def test_not_ready_without_redis_and_no_address_is_told(client):
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["checks"] == {"database": "ok", "redis": "ConnectionError", "migrations": "ok"}
    assert b"secret-password" not in response.content


@pytest.mark.django_db
def test_not_ready_while_a_migration_is_missing(client):
    last = MigrationRecorder(connection).migration_qs.filter(app="sessions").latest("id")
    last.delete()
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["checks"]["migrations"] == (
        "1 migrations are not applied; run `manage.py migrate`"
    )


@pytest.mark.django_db
def test_not_ready_without_a_database(client):
    connection.close()
    settings = connection.settings_dict
    name = settings["NAME"]
    connection.close_pool()
    settings["NAME"] = "no_such_database"
    try:
        response = client.get("/readyz")
    finally:
        connection.close_pool()
        settings["NAME"] = name
    assert response.status_code == 503
    assert response.json()["checks"]["redis"] == "ok"
    assert response.json()["checks"]["database"] != "ok"
    assert "no_such_database" not in response.content.decode()


@pytest.mark.parametrize("address", ["/healthz", "/readyz", "/metrics"])
def test_only_reading_is_allowed(client, address):
    assert client.post(address).status_code == 405


def patient_page(request, name):
    return health.healthz(request)


urlpatterns = [path("people/<str:name>/", patient_page), *all_urls]


@pytest.mark.django_db
@override_settings(ROOT_URLCONF=__name__)
def test_metrics_count_by_route_and_never_show_what_was_in_the_address(client):
    client.get("/people/Amara/?diagnosis=depression")
    client.get("/nowhere/Amara")
    figures = client.get("/metrics").content.decode()
    assert 'http_requests_total{method="GET",route="people/<str:name>/",status="200"} 1.0' in figures
    assert 'http_requests_total{method="GET",route="unmatched",status="404"}' in figures
    assert "Amara" not in figures
    assert "depression" not in figures
