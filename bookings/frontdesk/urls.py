"""Addresses under `/desk/`."""

from django.contrib.auth.views import LogoutView
from django.urls import include, path

from bookings.frontdesk.alive import alive
from bookings.frontdesk.day import grid, moving, page, rooms, undoing, visit, week
from bookings.frontdesk.outbox import answer, outbox
from bookings.frontdesk.people import (
    clearances,
    deciding,
    details,
    emergency,
    erasing,
    finding,
    mending,
    offering,
    planning,
    proposing,
    readers,
    repairing,
    todo,
    waiting,
    walking_in,
)
from bookings.frontdesk.running import roster
from bookings.frontdesk.signing_in import SignIn

urlpatterns = [
    path("", page.start, name="desk"),
    path("login/", SignIn.as_view(), name="desk-login"),
    path("logout/", LogoutView.as_view(next_page="desk-login"), name="desk-logout"),
    path("outbox/", outbox, name="desk-outbox"),
    path("outbox/answers/", answer, name="desk-outbox-answer"),
    path("<slug:clinic>/alive/", alive, name="desk-alive"),
    path("<slug:clinic>/day/", page.day, name="desk-day"),
    path("<slug:clinic>/day.json", grid.day_data, name="desk-day-data"),
    path("<slug:clinic>/list/", page.day_list, name="desk-list"),
    path("<slug:clinic>/week/", week.week_page, name="desk-week"),
    path("<slug:clinic>/rooms/", rooms.rooms, name="desk-rooms"),
    path("<slug:clinic>/rooms/hang-up/", rooms.hang_up, name="desk-hang-up"),
    path("<slug:clinic>/undo/", undoing.undo, name="desk-undo"),
    path("<slug:clinic>/visits/<uuid:session>/", visit.visit, name="desk-session"),
    path("<slug:clinic>/visits/<uuid:session>/escort/", visit.escort, name="desk-escort"),
    path("<slug:clinic>/visits/<uuid:session>/move/", moving.move, name="desk-move"),
    path("<slug:clinic>/visits/<uuid:session>/places.json", moving.places, name="desk-places"),
    path("<slug:clinic>/visits/<uuid:session>/<slug:verb>/", visit.take_step, name="desk-step"),
    path("<slug:clinic>/search/", finding.search, name="desk-search"),
    path("<slug:clinic>/patients/new/", details.add, name="desk-add-patient"),
    path("<slug:clinic>/patients/<uuid:patient>/", details.show, name="desk-patient"),
    path("<slug:clinic>/patients/<uuid:patient>/change/", details.change, name="desk-change-patient"),
    path("<slug:clinic>/patients/<uuid:patient>/erase/", erasing.erase, name="desk-erase-patient"),
    path("<slug:clinic>/patients/<uuid:patient>/readers/", readers.show, name="desk-readers"),
    path("<slug:clinic>/patients/<uuid:patient>/plan/", planning.plan, name="desk-plan"),
    path("<slug:clinic>/patients/<uuid:patient>/walk-in/", walking_in.walk_in, name="desk-walk-in-patient"),
    path("<slug:clinic>/patients/<uuid:patient>/wait/", waiting.join, name="desk-wait"),
    path("<slug:clinic>/patients/<uuid:patient>/emergency/", emergency.emergency, name="desk-emergency"),
    path("<slug:clinic>/walk-in/", walking_in.door, name="desk-walk-in"),
    path("<slug:clinic>/waiting/", waiting.waiting, name="desk-waiting"),
    path("<slug:clinic>/waiting/<uuid:entry>/leave/", waiting.leave, name="desk-leave"),
    path(
        "<slug:clinic>/waiting/offers/<uuid:offer>/withdraw/",
        offering.withdraw,
        name="desk-withdraw-offer",
    ),
    path("<slug:clinic>/series/<uuid:series>/proposals/", proposing.proposals, name="desk-proposals"),
    path("<slug:clinic>/series/<uuid:series>/decide/", deciding.decide, name="desk-decide"),
    path("<slug:clinic>/series/<uuid:series>/mend/", mending.mend, name="desk-mend"),
    path("<slug:clinic>/series/<uuid:series>/next-phase/", mending.begin_next, name="desk-begin-next"),
    path("<slug:clinic>/proposals/<uuid:proposal>/accept/", proposing.accept, name="desk-accept"),
    path("<slug:clinic>/proposals/<uuid:proposal>/decline/", proposing.decline, name="desk-decline"),
    path("<slug:clinic>/repairs/", repairing.repairs, name="desk-repairs"),
    path("<slug:clinic>/repairs/<uuid:repair>/", repairing.repair, name="desk-repair"),
    path("<slug:clinic>/patients/<uuid:patient>/clearances/", clearances.show, name="desk-clearances"),
    path(
        "<slug:clinic>/patients/<uuid:patient>/clearances/grant/",
        clearances.grant,
        name="desk-grant-clearance",
    ),
    path("<slug:clinic>/tasks/", todo.tasks, name="desk-tasks"),
    path("<slug:clinic>/tasks/<uuid:task>/resolve/", todo.resolve, name="desk-resolve"),
    path("<slug:clinic>/clinic/", include("bookings.frontdesk.running.urls")),
    path("<slug:clinic>/roster/", roster.show, name="desk-roster"),
    path("<slug:clinic>/roster/close/", roster.close, name="desk-close"),
    path("<slug:clinic>/roster/closures/<uuid:closure>/reopen/", roster.reopen, name="desk-reopen"),
    path("<slug:clinic>/roster/shifts/", roster.add_shift, name="desk-add-shift"),
    path("<slug:clinic>/roster/shifts/<uuid:shift>/remove/", roster.remove_shift, name="desk-remove-shift"),
    path("<slug:clinic>/", include("bookings.frontdesk.figures.urls")),
]
