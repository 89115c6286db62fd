"""What pages do no more often than the API would: send codes, plan, and keep places."""

from __future__ import annotations

from datetime import datetime

from django.forms import Form
from django.http import HttpRequest
from rest_framework.exceptions import Throttled

from bookings.api.signing_in import CODES_OF_CONTACT
from bookings.api.throttling import address_of, count
from bookings.commands import signing_in
from bookings.commands.links import request_sign_in_link
from bookings.models import Patient
from bookings.patient.page import seconds_of, too_often


def send_code(request: HttpRequest, contact: str, *, now: datetime) -> None:
    """A code goes to the contact, known or not. Raises Throttled when it was asked for too often."""
    count("login-codes of an address", address_of(request))
    count(CODES_OF_CONTACT, contact)
    signing_in.issue_code(contact, now=now)


def send_link(request: HttpRequest, contact: str, *, now: datetime) -> None:
    """A link to sign in for whoever is behind the contact. Raises Throttled when it was asked for too often,
    by contacts that nobody has as by others.
    """
    count("login-codes of an address", address_of(request))
    count("sign-in links of a contact", contact)
    request_sign_in_link(contact, now=now)


def count_plans(request: HttpRequest, *, patient: Patient | None) -> None:
    """One more page of plans for a stranger's address. Raises Throttled when there were too many."""
    if patient is None:
        count("plans of an address", address_of(request))


def count_holds(request: HttpRequest, *, patient: Patient | None) -> None:
    """One more hold, of the patient or of a stranger's address. Raises Throttled when there were too many."""
    if patient is None:
        count("holds of an address", address_of(request))
    else:
        count("holds of a patient", str(patient.id))


def asked_often(form: Form, refusal: Throttled, *, field: str | None = "contact") -> None:
    """Say on the form when to try again."""
    form.add_error(field, too_often(seconds_of(refusal)))
