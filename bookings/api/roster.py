"""Everything that a clinic offers, in one list of addresses."""

from bookings.api import chairs, closures, hours, shifts

urlpatterns = [
    *hours.urlpatterns,
    *closures.urlpatterns,
    *chairs.urlpatterns,
    *shifts.urlpatterns,
]
