"""Every address, and which room answers it."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from config import health, mail_provider
from notifications import webhooks_in

urlpatterns = [
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("metrics", health.metrics),
    path("api/v1/", include("bookings.api.urls")),
    path("api/v1/", include("notifications.urls")),
    path("webhooks/twilio/inbound/", webhooks_in.inbound, name="twilio-inbound"),
    path("webhooks/twilio/status/", webhooks_in.status, name="twilio-status"),
    path("desk/", include("bookings.frontdesk.urls")),
    path("admin/", admin.site.urls),
    path("", include("notifications.page_urls")),
    path("", include("bookings.patient.urls")),
]

if settings.EMAIL_PROVIDER:
    urlpatterns.insert(0, path(mail_provider.REPORTS, include(mail_provider.doors(settings.EMAIL_PROVIDER))))

handler400 = "bookings.api.problems.bad_request"
handler404 = "bookings.api.problems.not_found"
handler500 = "bookings.api.problems.server_error"
