"""Addresses for everybody."""

from django.urls import path

from bookings.patient.landing import landing

urlpatterns = [path("", landing, name="landing")]
