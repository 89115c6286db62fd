"""Addresses under `/desk/`."""

from django.contrib.auth.views import LogoutView
from django.urls import path

from bookings.frontdesk.home import home
from bookings.frontdesk.outbox import answer, outbox
from bookings.frontdesk.signing_in import SignIn

urlpatterns = [
    path("", home, name="desk"),
    path("login/", SignIn.as_view(), name="desk-login"),
    path("logout/", LogoutView.as_view(next_page="desk-login"), name="desk-logout"),
    path("outbox/", outbox, name="desk-outbox"),
    path("outbox/answers/", answer, name="desk-outbox-answer"),
]
