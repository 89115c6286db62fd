"""The service's addresses, and bare ones that the ratios are taken against."""

import os
from datetime import UTC, datetime, timedelta

from django.db import connection, transaction
from django.urls import include, path
from psycopg.types.range import TimestamptzRange
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from bookings.models import Chair, Clinic
from bookings.models.ids import new_id
from bookings.signals import journal_written

if os.environ.get("BENCH_SILENT"):  # what a booking takes when nobody is told of it
    journal_written.disconnect(dispatch_uid="notifications.react")

ONE_DAY = 20_270_104  # any key will do, as long as it is one
FAR_AHEAD = datetime(2040, 1, 2, tzinfo=UTC)
LOCK = "SELECT pg_advisory_xact_lock(%s)"
HOLD = """
    INSERT INTO bookings_hold (id, clinic_id, protocol_version_id, phase, source, created_at, expires_at)
    SELECT %s, clinic.id, version.id, 'induction', '', now(), now() + interval '10 minutes'
    FROM bookings_clinic clinic, bookings_protocolversion version WHERE clinic.id = %s LIMIT 1
"""
CLAIM = """
    INSERT INTO bookings_claim (clinic_id, chair_id, hold_id, number, protocol_version_id, spacing_group,
                                roster_version, start, chair_until, taken, present, guard)
    SELECT clinic_id, %s, id, 1, protocol_version_id, 'bench', 1, %s, %s, %s, %s, %s
    FROM bookings_hold WHERE id = %s
"""
JOURNAL = """
    INSERT INTO bookings_journalentry (at, verb, actor_kind, clinic_id, before, after, reason)
    VALUES (now(), %s, 'anonymous', %s, '{}', '{}', '')
"""


class Bare(APIView):
    """What any DRF endpoint costs that makes one query."""

    permission_classes = (AllowAny,)

    def get(self, request: Request) -> Response:
        clinic = Clinic.objects.get(slug="bench")
        return Response({"id": str(clinic.id), "slug": clinic.slug, "name": clinic.name})


class BareHolds(APIView):
    """What it costs to write a hold's rows, and to delete them, by SQL alone under one clinic-day's lock."""

    permission_classes = (AllowAny,)

    def post(self, request: Request) -> Response:
        chair = Chair.objects.get(id=request.data["chair"])
        start = FAR_AHEAD + timedelta(minutes=request.data["place"])
        until, hold = start + timedelta(milliseconds=1), new_id()
        span = TimestamptzRange(start, until)
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(LOCK, [ONE_DAY])
            cursor.execute(HOLD, [hold, chair.clinic_id])
            cursor.execute(CLAIM, [chair.id, start, until, span, span, span, hold])
            cursor.execute(JOURNAL, ["hold_made", chair.clinic_id])
        return Response({"id": str(hold)}, status=201)

    def delete(self, request: Request, hold: str) -> Response:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(LOCK, [ONE_DAY])
            cursor.execute("DELETE FROM bookings_claim WHERE hold_id = %s RETURNING clinic_id", [hold])
            [clinic] = cursor.fetchone()
            cursor.execute("DELETE FROM bookings_hold WHERE id = %s", [hold])
            cursor.execute(JOURNAL, ["hold_released", clinic])
        return Response(status=204)


urlpatterns = [
    path("bare/", Bare.as_view()),
    path("bare/holds/", BareHolds.as_view()),
    path("bare/holds/<uuid:hold>/", BareHolds.as_view()),
    path("", include("config.urls")),
]
