"""A link to sign in: looking at it does nothing, because programs that check mail look at every link."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from bookings.commands.links import use_link
from bookings.errors import WrongCredentials
from bookings.patient.page import page
from bookings.patient.signed_in import remember
from bookings.patient.visited import gone


@page
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in_link(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows the same page for every link, good or not, and asks the database nothing; POST uses it up."""
    if request.method != "POST":
        return render(request, "patient/sign_in_link.html", {"token": token})
    try:
        used, _plain = use_link(token, now=timezone.now())
    except WrongCredentials:
        return gone(request)
    remember(request, used)
    return redirect("my-visits")
