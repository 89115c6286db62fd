"""Addresses of pages about messages, and of calendars."""

from django.urls import path

from bookings.patient.visited import by_link, by_proposal, by_session
from notifications.desk_reports import messages_report
from notifications.desk_thread import running_late, say_again, thread
from notifications.views import appointment, calendar_feed, my_messages, stop

urlpatterns = [
    path("desk/<slug:clinic>/reports/messages/", messages_report, name="desk-report-messages"),
    path("desk/<slug:clinic>/patients/<uuid:patient>/messages/", thread, name="desk-messages"),
    path("desk/<slug:clinic>/messages/<uuid:message>/again/", say_again, name="desk-say-again"),
    path("desk/<slug:clinic>/messages/<uuid:session>/running-late/", running_late, name="desk-running-late"),
    path("my/messages/", my_messages, name="my-messages"),
    path("messages/stop/<str:token>/", stop, name="stop-messages"),
    path("my/sessions/<uuid:session>/appointment.ics", by_session(appointment), name="appointment"),
    path("v/<str:token>/appointment.ics", by_link(appointment), name="appointment-by-link"),
    path(
        "p/<str:token>/<int:number>/appointment.ics", by_proposal(appointment), name="appointment-of-proposal"
    ),
    path("calendar/<str:secret>.ics", calendar_feed, name="calendar"),
]
