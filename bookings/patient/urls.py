"""Addresses for everybody."""

from django.urls import include, path
from django.views.i18n import set_language

from bookings.patient.adjusting import adjust
from bookings.patient.booked import booked
from bookings.patient.choosing import hold, plans
from bookings.patient.holding import give_back, hold_page
from bookings.patient.landing import landing
from bookings.patient.signing_in import sign_in, sign_in_code, sign_in_link_sent, sign_out

urlpatterns = [
    path("", landing, name="landing"),
    path("", include("bookings.patient.afterwards")),
    path("language/", set_language, name="set_language"),
    path("sign-in/", sign_in, name="sign-in"),
    path("sign-in/code/", sign_in_code, name="sign-in-code"),
    path("sign-in/link/", sign_in_link_sent, name="sign-in-link-sent"),
    path("sign-out/", sign_out, name="sign-out"),
    path("book/hold/<uuid:hold>/", hold_page, name="hold-page"),
    path("book/hold/<uuid:hold>/give-back/", give_back, name="give-back"),
    path("book/done/<uuid:series>/", booked, name="booked"),
    path("book/<slug:clinic>/<slug:treatment>/", plans, name="plans"),
    path("book/<slug:clinic>/<slug:treatment>/hold/", hold, name="hold"),
    path("book/<slug:clinic>/<slug:treatment>/adjust/", adjust, name="adjust"),
]
