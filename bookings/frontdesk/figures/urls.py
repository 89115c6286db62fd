"""Addresses of figures and files, under `/desk/<clinic>/`."""

from django.urls import path

from bookings.frontdesk.figures import files, importing, levelling, reports, sheet

urlpatterns = [
    path("reports/", reports.used, name="desk-reports"),
    path("reports/starts/", reports.when, name="desk-report-starts"),
    path("reports/no-shows/", reports.missed, name="desk-report-no-shows"),
    path("reports/gaps/", reports.between, name="desk-report-gaps"),
    path("reports/levelling/", levelling.level, name="desk-report-levelling"),
    path("reports/levelling/days.csv", levelling.days_file, name="desk-level-days"),
    path("reports/levelling/quarters.csv", levelling.quarters_file, name="desk-level-quarters"),
    path("sheet/", sheet.sheet, name="desk-sheet"),
    path("files/", files.files, name="desk-files"),
    path("files/export/", files.export, name="desk-export"),
    path("files/import/", importing.upload, name="desk-import"),
]
