"""Faults to Sentry and traces to OpenTelemetry, where settings say so, with nothing of a person in either.

What leaves is picked from a list. The message of a fault may quote a row, and an address may be a password,
so neither goes out: the log has them, under the id of the request.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django_guid import get_guid

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import ReadableSpan
    from opentelemetry.sdk.trace.export import SpanExporter
    from sentry_sdk.types import Event, Hint

#: Of what libraries would tell of a span; no address, no statement, no argument.
ATTRIBUTES = frozenset({
    "http.method", "http.request.method", "http.route", "http.status_code", "http.response.status_code",
    "db.system", "celery.action", "celery.state", "celery.task_name", "messaging.operation",
})  # fmt: skip
#: Of what Sentry would be told of a fault.
EVENT = frozenset({
    "event_id", "timestamp", "level", "logger", "platform", "release", "environment", "sdk", "contexts",
    "exception", "transaction", "tags", "type", "start_timestamp",
})  # fmt: skip


def begin() -> None:
    """Observe this process from now on; nothing where neither is set up. Call it once, after any fork."""
    if settings.SENTRY_DSN:
        _tell_sentry()
    if os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT"):
        _trace()


def _tell_sentry() -> None:
    import sentry_sdk

    sentry_sdk.init(
        settings.SENTRY_DSN,
        before_send=only_the_fault,
        send_default_pii=False,
        include_local_variables=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        server_name="",
    )


def only_the_fault(event: Event, hint: Hint) -> Event:
    """Which fault, where in the code, at which route, and under which id the log has the rest."""
    told: dict[str, Any] = {name: value for name, value in event.items() if name in EVENT}
    for fault in told.get("exception", {}).get("values", ()):
        fault.pop("value", None)
        fault.pop("mechanism", None)
    told["contexts"] = {"runtime": told.get("contexts", {}).get("runtime", {})}
    told["tags"] = {"request_id": get_guid() or ""}
    return told  # type: ignore[return-value]


def _trace() -> None:
    from opentelemetry import trace
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.instrumentation.celery import CeleryInstrumentor
    from opentelemetry.instrumentation.django import DjangoInstrumentor
    from opentelemetry.instrumentation.psycopg import PsycopgInstrumentor
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider(resource=Resource.create({"service.name": "cadence"}))
    provider.add_span_processor(BatchSpanProcessor(picked(OTLPSpanExporter())))
    trace.set_tracer_provider(provider)
    for instrumentor in (DjangoInstrumentor, CeleryInstrumentor, PsycopgInstrumentor):
        instrumentor().instrument()


def picked(exporter: SpanExporter) -> SpanExporter:
    """The exporter, with only `ATTRIBUTES` of each span: neither events nor what a fault said."""
    from opentelemetry.sdk.trace import ReadableSpan
    from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
    from opentelemetry.trace import Status

    class Picked(SpanExporter):
        def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
            return exporter.export([self._picked(span) for span in spans])

        def shutdown(self) -> None:
            exporter.shutdown()

        def _picked(self, span: ReadableSpan) -> ReadableSpan:
            kept = {name: value for name, value in (span.attributes or {}).items() if name in ATTRIBUTES}
            return ReadableSpan(
                name=span.name,
                context=span.context,
                parent=span.parent,
                resource=span.resource,
                attributes=kept,
                kind=span.kind,
                status=Status(span.status.status_code),
                start_time=span.start_time,
                end_time=span.end_time,
                instrumentation_scope=span.instrumentation_scope,
            )

    return Picked()
