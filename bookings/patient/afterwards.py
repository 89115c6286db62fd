"""Addresses of what patients do after they have booked: below /my/, and those of links in messages."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpResponseBase
from django.urls import URLPattern, path

from bookings.patient import mine, visit
from bookings.patient.cancelling import cancel
from bookings.patient.make_up import make_up
from bookings.patient.moving import move
from bookings.patient.offers import my_offer, offer_link
from bookings.patient.proposals import my_proposal, proposal_link
from bookings.patient.sign_in_link import sign_in_link
from bookings.patient.visited import by_link, by_proposal, by_session
from bookings.patient.waiting import earlier, leave, wait


def _visit(
    address: str, name: str, link_name: str, view: Callable[..., HttpResponseBase]
) -> list[URLPattern]:
    """One page of a visit: for those who are signed in, who have its link, or one to a proposal about it."""
    return [
        path(f"my/sessions/<uuid:session>/{address}", by_session(view), name=name),
        path(f"v/<str:token>/{address}", by_link(view), name=link_name),
        path(f"p/<str:token>/<int:number>/{address}", by_proposal(view), name=f"{name}-of-proposal"),
    ]


urlpatterns = [
    path("my/", mine.my_visits, name="my-visits"),
    path("my/data/", mine.my_data, name="my-data"),
    path("my/data/download/", mine.my_data_download, name="my-data-download"),
    path("my/links/", mine.my_links, name="my-links"),
    path("my/series/<uuid:series>/make-up/", make_up, name="make-up"),
    path("my/waiting/", wait, name="wait"),
    path("my/waiting/<uuid:entry>/leave/", leave, name="leave-waiting"),
    path("my/proposals/<uuid:proposal>/", my_proposal, name="my-proposal"),
    path("my/offers/<uuid:offer>/", my_offer, name="my-offer"),
    path("my/sessions/<uuid:session>/earlier/", by_session(earlier), name="earlier"),
    *_visit("", "my-visit", "visit-link", visit.show),
    *_visit("confirm/", "confirm-my-visit", "confirm-by-link", visit.confirm),
    *_visit("driver/", "driver-of-my-visit", "driver-by-link", visit.driver),
    *_visit("cancel/", "cancel-my-visit", "cancel-by-link", cancel),
    *_visit("move/", "move-my-visit", "move-by-link", move),
    path("l/<str:token>/", sign_in_link, name="sign-in-link"),
    path("p/<str:token>/", proposal_link, name="proposal-link"),
    path("o/<str:token>/", offer_link, name="offer-link"),
]
