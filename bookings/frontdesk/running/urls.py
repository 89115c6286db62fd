"""Addresses under `/desk/<clinic>/clinic/`."""

from django.urls import path

from bookings.frontdesk.running import (
    chairs,
    editing,
    hours,
    levelling,
    overview,
    password,
    protocols,
    second_factor,
    setup,
    staff,
    tokens,
)

urlpatterns = [
    path("", overview.overview, name="desk-clinic"),
    path("setup/", setup.show, name="desk-setup"),
    path("setup/save/", setup.change, name="desk-change-clinic"),
    path("hours/", hours.show, name="desk-hours"),
    path("hours/save/", hours.change, name="desk-change-hours"),
    path("levelling/", levelling.show, name="desk-levelling"),
    path("levelling/ask/", levelling.ask, name="desk-ask-template"),
    path("levelling/switch/", levelling.switch, name="desk-switch-levelling"),
    path("levelling/<uuid:template>/take/", levelling.take, name="desk-take-template"),
    path("chairs/", chairs.chairs, name="desk-chairs"),
    path("chairs/add/", chairs.add, name="desk-add-chair"),
    path("chairs/<uuid:chair>/", chairs.change, name="desk-chair"),
    path("treatments/", protocols.treatments, name="desk-treatments"),
    path("treatments/new/", editing.add, name="desk-add-treatment"),
    path("treatments/<uuid:protocol>/", protocols.show, name="desk-treatment"),
    path("treatments/<uuid:protocol>/change/", editing.change, name="desk-change-treatment"),
    path("treatments/<uuid:protocol>/sign/", protocols.sign, name="desk-sign-treatment"),
    path("treatments/<uuid:protocol>/offer/", protocols.offer, name="desk-offer-treatment"),
    path("staff/", staff.staff, name="desk-staff"),
    path("staff/new/", staff.add, name="desk-add-staff"),
    path("staff/programs/new/", tokens.add, name="desk-add-program"),
    path("staff/<uuid:member>/", staff.change, name="desk-change-staff"),
    path("staff/<uuid:member>/second-factor/reset/", staff.reset, name="desk-reset-second-factor"),
    path("staff/<uuid:member>/tokens/", tokens.tokens, name="desk-tokens"),
    path("staff/<uuid:member>/tokens/<uuid:token>/end/", tokens.revoke, name="desk-revoke-token"),
    path("password/", password.change, name="desk-password"),
    path("second-factor/", second_factor.set_up, name="desk-second-factor"),
    path("second-factor/codes/", second_factor.renew, name="desk-recovery-codes"),
    path("second-factor/drop/", second_factor.drop, name="desk-drop-second-factor"),
]
