"""Figures for Prometheus. A label is a route, a method or a status, never a person or a filled-in URL."""

import logging
import os
import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from prometheus_client import REGISTRY, CollectorRegistry, Counter, Histogram, generate_latest, multiprocess

from config.gauges import Gauges

REQUESTS = Counter("http_requests_total", "Requests answered", ["route", "method", "status"])
SECONDS = Histogram(
    "http_request_seconds",
    "Time taken to answer",
    ["route"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 3, 10),
)
_log = logging.getLogger("cadence.requests")
_NOW = CollectorRegistry()
_NOW.register(Gauges())
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


class RequestMetrics:
    """Counts and times every request under the pattern of its route, such as `api/v1/series/<uuid:id>/`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        response = self.get_response(request)
        # Without a match the path is whatever a stranger typed, so it is no label.
        route = request.resolver_match.route if request.resolver_match else "unmatched"
        method = request.method if request.method in METHODS else "other"
        REQUESTS.labels(route, method, response.status_code).inc()
        took = time.perf_counter() - started
        SECONDS.labels(route).observe(took)
        # The pattern and not the address: whom or what it is about is nobody's business here.
        facts = {"method": method, "route": route, "status": response.status_code, "ms": round(took * 1000)}
        _log.info("%(method)s %(route)s %(status)s %(ms)s ms", facts, extra=facts)
        return response


def exposition() -> bytes:
    """All figures as Prometheus reads them; of every worker process where PROMETHEUS_MULTIPROC_DIR is set."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return generate_latest(REGISTRY) + generate_latest(_NOW)
    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry)
    return generate_latest(registry) + generate_latest(_NOW)
