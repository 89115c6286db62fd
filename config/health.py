"""Is the process alive, can it serve, and how is it doing: three addresses for machines."""

import logging
from collections.abc import Callable
from pathlib import Path

import redis
from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST

from config.metrics import exposition

logger = logging.getLogger(__name__)


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """200 while the process can answer at all; 503 from when it was asked to stop, so that a proxy turns away
    in time. Asks nothing of others: a restart would not mend them.
    """
    if settings.STOPPING_MARK and Path(settings.STOPPING_MARK).exists():
        return JsonResponse({"status": "stopping"}, status=503)
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
def readyz(request: HttpRequest) -> HttpResponse:
    """200 when every check passes, otherwise 503. The body names each check and what became of it."""
    results = {name: _result(name, check) for name, check in CHECKS.items()}
    ready = all(result == "ok" for result in results.values())
    body = {"status": "ok" if ready else "unavailable", "checks": results}
    return JsonResponse(body, status=200 if ready else 503)


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Figures in Prometheus's text format."""
    return HttpResponse(exposition(), content_type=CONTENT_TYPE_LATEST)


def check_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def check_redis() -> None:
    with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2) as client:
        client.ping()


def check_migrations() -> None:
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if missing:
        raise RuntimeError(f"{len(missing)} migrations are not applied; run `manage.py migrate`")


CHECKS: dict[str, Callable[[], None]] = {
    "database": check_database,
    "redis": check_redis,
    "migrations": check_migrations,
}


def _result(name: str, check: Callable[[], None]) -> str:
    try:
        check()
    except Exception as failure:  # whatever it is, the answer must name it and not fall over
        logger.warning("readiness: %s: %s", name, failure)
        # The message of a driver may hold host names and accounts, which strangers need not read.
        return str(failure) if type(failure) is RuntimeError else type(failure).__name__
    return "ok"
