"""Every address under `/api/v1/`: each room of the API lists its own."""

from bookings.api import documents

urlpatterns = [
    *documents.urlpatterns,
]
