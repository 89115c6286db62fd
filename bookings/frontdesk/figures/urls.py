"""Addresses of figures and files, under `/desk/<clinic>/`."""

from django.urls import path

from bookings.frontdesk.figures import reports, sheet

urlpatterns = [
    path("reports/", reports.used, name="desk-reports"),
    path("reports/starts/", reports.when, name="desk-report-starts"),
    path("reports/no-shows/", reports.missed, name="desk-report-no-shows"),
    path("reports/gaps/", reports.between, name="desk-report-gaps"),
    path("sheet/", sheet.sheet, name="desk-sheet"),
]
