"""Everything that is kept about a patient, for the patient."""

from __future__ import annotations

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from bookings.api.endpoint import Endpoint
from bookings.api.schema import ANY_OBJECT, describe
from bookings.models import Role
from bookings.queries.mine import my_record


class MyRecord(Endpoint):
    """One's own record."""

    roles = {"GET": frozenset({Role.PATIENT})}

    @describe("Download my record", answers={200: ANY_OBJECT}, tag="about me")
    def get(self, request: Request) -> Response:
        """As a file: details, consents, clearances, series with their visits, the waiting list, proposals,
        and the journal. Times are in UTC; staff are not named.
        """
        headers = {
            "Content-Disposition": 'attachment; filename="my-record.json"',
            "Cache-Control": "no-store",
        }
        return Response(my_record(request.user.patient), headers=headers)


urlpatterns = [path("me/record/", MyRecord.as_view(), name="my-record")]
