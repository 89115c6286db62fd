"""Addresses of figures and files, under `/desk/<clinic>/`."""

from django.urls import path

from bookings.frontdesk.figures import files, importing, reports, sheet

urlpatterns = [
    path("reports/", reports.used, name="desk-reports"),
    path("reports/starts/", reports.when, name="desk-report-starts"),
    path("reports/no-shows/", reports.missed, name="desk-report-no-shows"),
    path("reports/gaps/", reports.between, name="desk-report-gaps"),
    path("sheet/", sheet.sheet, name="desk-sheet"),
    path("files/", files.files, name="desk-files"),
    path("files/export/", files.export, name="desk-export"),
    path("files/import/", importing.upload, name="desk-import"),
]
