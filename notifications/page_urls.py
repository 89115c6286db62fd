"""Addresses of pages about messages, and of calendars."""

from django.urls import path

from notifications.views import calendar_feed, my_messages, stop

urlpatterns = [
    path("my/messages/", my_messages, name="my-messages"),
    path("messages/stop/<str:token>/", stop, name="stop-messages"),
    path("calendar/<str:secret>.ics", calendar_feed, name="calendar"),
]
