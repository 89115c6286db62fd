"""Every address under `/api/v1/`: each room of the API lists its own."""

from bookings.api import (
    board,
    clearances,
    clinics,
    consents,
    documents,
    holds,
    journal,
    mine,
    openings,
    patients,
    plans,
    proposals,
    protocols,
    reports,
    roster,
    series,
    session_verbs,
    sessions,
    signing_in,
    staff,
    tasks,
    waitlist,
)

urlpatterns = [
    *documents.urlpatterns,
    # open to everyone
    *signing_in.urlpatterns,
    *clinics.urlpatterns,
    *protocols.urlpatterns,
    *openings.urlpatterns,
    *plans.urlpatterns,
    *holds.urlpatterns,
    # for those whose course it is
    *series.urlpatterns,
    *sessions.urlpatterns,
    *session_verbs.urlpatterns,
    *proposals.urlpatterns,
    *waitlist.urlpatterns,
    *consents.urlpatterns,
    *mine.urlpatterns,
    # running the clinic
    *roster.urlpatterns,
    *patients.urlpatterns,
    *clearances.urlpatterns,
    *staff.urlpatterns,
    *board.urlpatterns,
    *journal.urlpatterns,
    *tasks.urlpatterns,
    *reports.urlpatterns,
]
