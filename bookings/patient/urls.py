"""Addresses for everybody."""

from django.urls import path
from django.views.i18n import set_language

from bookings.patient.landing import landing
from bookings.patient.signing_in import sign_in, sign_in_code, sign_out

urlpatterns = [
    path("", landing, name="landing"),
    path("language/", set_language, name="set_language"),
    path("sign-in/", sign_in, name="sign-in"),
    path("sign-in/code/", sign_in_code, name="sign-in-code"),
    path("sign-out/", sign_out, name="sign-out"),
]
