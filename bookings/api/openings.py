"""Where one session would fit."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta, tzinfo
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import path
from rest_framework import serializers
from rest_framework.request import Request

from bookings.api.endpoint import Endpoint
from bookings.api.finding import the
from bookings.api.permissions import EVERYONE
from bookings.api.problems import invalid
from bookings.api.rendering import dumps
from bookings.api.schema import describe
from bookings.bodies.fields import Ident, Key, Query, Text
from bookings.bodies.times import Day, Instant, localised
from bookings.errors import NotFound, violation_facts
from bookings.models import Clinic, ProtocolVersion, Session
from bookings.queries.openings import MOST_DAYS, Offer, offered
from bookings.queries.series import series_seen_by
from bookings.queries.sessions import sessions_seen_by
from bookings.snapshot import protocol_of
from bookings.treatments import resolve_phase
from scheduler.openings import Opening
from scheduler.spans import instant, minute

USUAL_DAYS = 30
_CLOCK = [f"{at // 60:02}:{at % 60:02}:00" for at in range(24 * 60)]


class OpeningsQuery(Query):
    """What is asked. Clinic and protocol may be left out where `series` or `session` says them."""

    clinic = Key(required=False, help_text="Id or slug.")
    protocol = Key(required=False, help_text="Id or slug.")
    phase = Text(required=False, max_length=60, help_text="May be left out where it is plain.")
    series = Ident(required=False, help_text="See it as the next session of this series.")
    session = Ident(required=False, help_text="See it as another place for this session.")
    explain = serializers.BooleanField(
        default=False, help_text="Staff: with the starts that are refused, and why."
    )

    def get_fields(self) -> dict[str, Any]:
        return {  # `from` is no name for a class attribute
            **super().get_fields(),
            "from": Day(required=False, help_text="The first date; today unless set."),
            "to": Day(
                required=False,
                help_text=f"The last date; {USUAL_DAYS} dates unless set, {MOST_DAYS} at most.",
            ),
        }


class OpeningAnswer(serializers.Serializer[Any]):
    """One start at which a session would fit."""

    start = Instant()
    end = Instant(help_text="The patient would leave.")
    chairs = serializers.IntegerField(help_text="How many chairs are free for it.")


class DayAnswer(serializers.Serializer[Any]):
    """One date in the clinic's wall-clock."""

    date = Day()
    openings = OpeningAnswer(many=True)


class ViolationAnswer(serializers.Serializer[Any]):
    """One broken rule."""

    rule = serializers.CharField()
    sessions = serializers.ListField(child=serializers.IntegerField())
    actual = serializers.JSONField(allow_null=True, help_text="A number or a word.")
    detail = serializers.CharField()

    def get_fields(self) -> dict[str, Any]:
        required = serializers.JSONField(allow_null=True, help_text="A number or a word.")
        return {**super().get_fields(), "required": required}  # the name is an attribute of fields


class RefusalAnswer(serializers.Serializer[Any]):
    """One start at which a session would not fit."""

    start = Instant()
    violations = ViolationAnswer(many=True)


class OpeningsAnswer(serializers.Serializer[Any]):
    """Every date asked for, with its openings."""

    days = DayAnswer(many=True)
    refused = RefusalAnswer(many=True, required=False)


class Openings(Endpoint):
    """Where one session would fit."""

    roles = {"GET": EVERYONE}

    @describe(
        "Find openings",
        answers={200: OpeningsAnswer},
        query=OpeningsQuery,
        refusals=["not-found", "forbidden", "spacing"],
        public=True,
        tag="booking",
    )
    def get(self, request: Request) -> HttpResponse:
        """Every start at which one session keeps every rule, by date.

        `series` and `session` show it through the rules of one patient: their own, or for staff a patient's
        at their clinic. Lead time and horizon bind everybody but staff. A patient whose course waits for re-
        evaluation is refused as when booking: `spacing`, by the rule `clearance`.
        """
        query = self.query(OpeningsQuery)
        if query["explain"] and not request.user.is_staff:
            self.permission_denied(request, message="Only staff see why a start is refused.")
        offer = self._offer(query)
        self.zone = offer.clinic.zone
        first, last = _dates(query, offer.today)
        answer: dict[str, Any] = {"days": said(offer.openings(first, last), self.zone)}
        if query["explain"]:
            answer["refused"] = [
                {
                    "start": localised(instant(one.start), self.zone),
                    "violations": violation_facts(one.violations),
                }
                for one in offer.refused(first, last)
            ]
        # Past the framework's response, which would walk through the thousand openings once more.
        return HttpResponse(dumps(answer), content_type="application/json")

    def _offer(self, query: Mapping[str, Any]) -> Offer:
        if "session" in query or "series" in query:
            return self._offer_to_patient(query)
        for name in ("clinic", "protocol"):
            if name not in query:
                raise invalid(name, "Which one?")
        clinic, version = offered(query["clinic"], query["protocol"], now=self.now)
        return self._of(clinic, version, resolve_phase(version, query.get("phase"), patient_id=None))

    def _offer_to_patient(self, query: Mapping[str, Any]) -> Offer:
        leaving: tuple[Session, ...] = ()
        series_id: UUID | None = query.get("series")
        if "session" in query:
            session = the(sessions_seen_by(self.actor).filter(id=query["session"]), "session")
            if series_id not in (None, session.series_id):
                raise NotFound("The series has no such session.")
            series_id, leaving = session.series_id, (session,)
        assert series_id is not None  # one of the two was asked about
        series = the(series_seen_by(self.actor).filter(id=series_id), "series")
        version = series.protocol_version
        for name, known in (("clinic", series.clinic), ("protocol", version.protocol)):
            if query.get(name, known.slug) not in (str(known.id), known.slug):
                raise invalid(name, "The series is for another one.")
        return self._of(
            series.clinic,
            version,
            series.phase,
            patient_id=series.patient_id,
            series=series,
            leaving=leaving,
        )

    def _of(self, clinic: Clinic, version: ProtocolVersion, phase: str, **whose: Any) -> Offer:
        treatment = protocol_of(version)
        return Offer(
            clinic=clinic,
            version=version,
            phase=treatment.phase(phase),
            actor=self.actor,
            now=self.now,
            **whose,
        )


def _dates(query: Mapping[str, Any], today: date) -> tuple[date, date]:
    first = query.get("from") or min(query.get("to") or today, today)
    last = query.get("to") or first + timedelta(days=USUAL_DAYS - 1)
    if last < first:
        raise invalid("to", "The last date is before the first.")
    if (last - first).days >= MOST_DAYS:
        raise invalid("to", f"At most {MOST_DAYS} dates can be asked for at once.")
    return first, last


def said(days: Mapping[date, tuple[Opening, ...]], zone: tzinfo) -> list[dict[str, Any]]:
    """The openings of each date in the zone's wall-clock.

    Where the offset is one all day, the texts are put together by counting minutes; turning each instant into
    the zone would cost more than finding the openings.
    """
    return [{"date": day.isoformat(), "openings": _said(day, found, zone)} for day, found in days.items()]


def _said(day: date, found: tuple[Opening, ...], zone: tzinfo) -> list[dict[str, Any]]:
    if not found:
        return []
    midnight = datetime.combine(day, datetime.min.time(), zone)
    following = day + timedelta(days=1)
    after = datetime.combine(following + timedelta(days=1), datetime.min.time(), zone)
    if midnight.utcoffset() != after.utcoffset():
        return [
            {
                "start": localised(instant(start), zone),
                "end": localised(instant(end), zone),
                "chairs": chairs,
            }
            for start, end, chairs in found
        ]
    offset = midnight.isoformat()[19:]
    dates = (f"{day.isoformat()}T", f"{following.isoformat()}T")
    origin = minute(midnight)
    return [
        {
            "start": f"{dates[0]}{_CLOCK[start - origin]}{offset}",
            "end": f"{dates[(end - origin) // 1440]}{_CLOCK[(end - origin) % 1440]}{offset}",
            "chairs": chairs,
        }
        for start, end, chairs in found
    ]


urlpatterns = [path("openings/", Openings.as_view(), name="openings")]
