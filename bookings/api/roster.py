"""Everything that a clinic offers, in one list of addresses."""

from bookings.api import chairs, closures, hours, shifts, start_templates

urlpatterns = [
    *hours.urlpatterns,
    *closures.urlpatterns,
    *chairs.urlpatterns,
    *shifts.urlpatterns,
    *start_templates.urlpatterns,
]
