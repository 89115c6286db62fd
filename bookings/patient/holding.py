"""The page of a hold: who somebody is, a code, and the booking. Nothing typed is lost on the way."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_http_methods, require_POST
from rest_framework.exceptions import Throttled

from bookings.actors import ANONYMOUS, patient_actor
from bookings.commands import signing_in
from bookings.commands.book import book_series
from bookings.commands.consents import give_consent
from bookings.commands.holds import release_hold
from bookings.errors import HoldExpired, Invalid, NotFound, NotOffered, Refused, SpacingBroken, Taken
from bookings.models import Hold, Patient
from bookings.patient import drafts
from bookings.patient.codes import asked_often, send_code
from bookings.patient.details import Agreements, BookingCodeForm, DetailsForm
from bookings.patient.fields import PersonFields
from bookings.patient.once import fresh_token, once
from bookings.patient.page import page, words_of
from bookings.patient.reasons import reasons_of
from bookings.patient.shown import shown, starts_in
from bookings.patient.signed_in import patient_of, remember
from bookings.patient.wording import clock_words
from bookings.snapshot import protocol_of
from bookings.time_zones import zone_names
from scheduler.violations import Rule, Violation


@page
@require_http_methods(["GET", "HEAD", "POST"])
@once
def hold_page(request: HttpRequest, hold: UUID) -> HttpResponse:
    """The steps from a hold to a booking; which of them is shown follows from what is known by now."""
    facts = drafts.hold_facts(request, hold)
    if facts is None:
        raise NotFound("There is no such hold.")
    if facts.get("series"):
        return redirect("booked", facts["series"])
    now = timezone.now()
    found = Hold.objects.select_related("clinic", "protocol_version__protocol").filter(id=hold).first()
    if found is None or found.expires_at <= now:
        if request.method == "POST" and request.POST.get("step") == "details":
            drafts.keep_person(request, {**_typed(request), "sent": ""})
        return _expired(request, facts)
    step = Step(request, found, facts, now)
    if request.method == "POST":
        return step.sent()
    return step.page()


@page
@require_POST
def give_back(request: HttpRequest, hold: UUID) -> HttpResponse:
    """Somebody thinks again: the places are free at once."""
    facts = drafts.hold_facts(request, hold)
    found = Hold.objects.select_related("clinic", "patient").filter(id=hold).first()
    if facts is None:
        raise NotFound("There is no such hold.")
    if found is not None and not facts.get("series"):
        actor = patient_actor(found.patient) if found.patient else ANONYMOUS
        with suppress(HoldExpired):
            release_hold(found, actor=actor, now=timezone.now())
    return redirect(facts["again"])


class Step:
    """What is to be done next with one hold of this browser."""

    def __init__(self, request: HttpRequest, hold: Hold, facts: dict[str, Any], now: datetime) -> None:
        self.request, self.hold, self.facts, self.now = request, hold, facts, now
        patient = patient_of(request)
        # Somebody whose name nobody knows yet is asked for it, with another code.
        self.patient = patient if patient and patient.first_name and patient.birth_date else None
        self.typed = drafts.person(request)

    def page(self) -> HttpResponse:
        """The step that comes next."""
        if self.patient:
            return self._show("agree", Agreements(clinic=self.hold.clinic))
        if self.typed.get("sent") and "change" not in self.request.GET:
            return self._show("code", BookingCodeForm())
        return self._show("details", DetailsForm(clinic=self.hold.clinic, initial=_initial(self.typed)))

    def sent(self) -> HttpResponse:
        """A form came back."""
        step = self.request.POST.get("step")
        if step == "agree" and self.patient:
            return self._agreed(self.patient)
        if step == "code" and self.typed.get("sent"):
            return self._code()
        if step == "again" and self.typed.get("sent"):
            return self._again()
        return self._details()

    def _details(self) -> HttpResponse:
        form = DetailsForm(self.request.POST, clinic=self.hold.clinic)
        drafts.keep_person(self.request, {**_typed(self.request), "sent": ""})
        if not form.is_valid():
            return self._show("details", form)
        contact = form.cleaned_data["contact"]
        try:
            send_code(self.request, contact, now=self.now)
        except Throttled as refusal:
            asked_often(form, refusal)
            return self._show("details", form)
        wordings = {"wordings": form.wordings(contact), "language": get_language() or "en"}
        drafts.keep_person(self.request, {**_typed(self.request), "sent": contact, **wordings})
        return redirect("hold-page", self.hold.id)

    def _again(self) -> HttpResponse:
        form = BookingCodeForm()
        try:
            send_code(self.request, self.typed["sent"], now=self.now)
        except Throttled as refusal:
            form = BookingCodeForm({"code": ""})
            form.errors.clear()
            asked_often(form, refusal, field=None)
            return self._show("code", form)
        messages.success(self.request, gettext("A new code is on its way. The one before no longer works."))
        return redirect("hold-page", self.hold.id)

    def _code(self) -> HttpResponse:
        form = BookingCodeForm(self.request.POST)
        if not form.is_valid():
            return self._show("code", form)
        try:
            token, _plain = signing_in.sign_in_patient(
                self.typed["sent"], code=form.cleaned_data["code"], details=self._person(), now=self.now
            )
        except signing_in.WrongCredentials as refusal:
            form.add_error("code", words_of(refusal))
            return self._show("code", form)
        except Invalid:
            form.add_error(None, gettext("We cannot tell who you are by this. Please call the clinic."))
            return self._show("code", form)
        assert token.patient is not None  # it was a patient who signed in
        remember(self.request, token)
        return self._book(token.patient, self.typed["wordings"], language=self.typed["language"])

    def _agreed(self, patient: Patient) -> HttpResponse:
        form = Agreements(self.request.POST, clinic=self.hold.clinic)
        if not form.is_valid():
            return self._show("agree", form)
        contact = patient.email or patient.phone
        return self._book(patient, form.wordings(contact), language=get_language() or "en")

    def _book(self, patient: Patient, wordings: dict[str, str], *, language: str) -> HttpResponse:
        actor = patient_actor(patient)
        for purpose, wording in wordings.items():
            give_consent(
                patient,
                purpose=purpose,
                wording=wording,
                language=language,
                source="page",
                actor=actor,
                now=self.now,
            )
        try:
            series = book_series(
                patient,
                clinic=self.hold.clinic,
                protocol=self.hold.protocol_version.protocol,
                hold=self.hold,
                actor=actor,
                now=self.now,
            )
        except HoldExpired:
            return _expired(self.request, self.facts)
        except (Taken, SpacingBroken, NotOffered) as refusal:
            # Now that it is known who they are, the plans shown next allow for their other visits.
            said = gettext("This plan cannot be yours: %(why)s") % {"why": _why(refusal)}
            messages.warning(self.request, said)
            return redirect(self.facts["again"])
        drafts.keep_hold(self.request, self.hold.id, series=str(series.id))
        drafts.forget_person(self.request)
        return redirect("booked", series.id)

    def _person(self) -> dict[str, Any]:
        person = PersonFields(self.typed)
        details: dict[str, Any] = person.cleaned_data if person.is_valid() else {}
        zone = self.typed.get("time_zone", "")
        details["time_zone"] = zone if zone in zone_names() else self.hold.clinic.time_zone
        details["language"] = self.typed.get("language") or get_language()
        return details

    def _show(self, step: str, form: Form) -> HttpResponse:
        clinic, left = self.hold.clinic, self.hold.expires_at - self.now
        minutes = protocol_of(self.hold.protocol_version).visit_minutes
        context = {
            "step": step,
            "form": form,
            "hold": self.hold,
            "clinic": clinic,
            "patient": self.patient,
            "plan": shown(starts_in(self.facts["plan"]), minutes=minutes, zone=clinic.zone),
            "until": clock_words(self.hold.expires_at, clinic.zone),
            "until_ms": int(self.hold.expires_at.timestamp() * 1000),
            "left": int(left.total_seconds()),
            "contact": self.typed.get("sent", ""),
            "typed": self.typed,
            "facts": self.facts,
            "once": fresh_token(),
            "once_again": fresh_token(),
            "now": self.now,
        }
        return render(self.request, "patient/hold.html", context, status=422 if form.errors else 200)


def _expired(request: HttpRequest, facts: dict[str, Any]) -> HttpResponse:
    """The time is over: the same places again, if they are free, with one press."""
    return render(request, "patient/expired.html", {"facts": facts, "once": fresh_token()}, status=409)


def _why(refusal: Refused) -> str:
    """What stands in the way of a booking, in the reader's language."""
    found = [
        Violation(Rule(one["rule"]), (), one["required"], one["actual"], one["detail"])
        for one in refusal.facts.get("violations", ())
    ]
    return " ".join(reasons_of(found)) or refusal.detail


def _typed(request: HttpRequest) -> dict[str, str]:
    """What was typed, without what the form carries for itself."""
    own = ("csrfmiddlewaretoken", "once", "step")
    return {name: str(value)[:300] for name, value in request.POST.items() if name not in own}


def _initial(typed: dict[str, Any]) -> dict[str, Any]:
    """What was typed, for the form to begin with."""
    born = [typed.get(f"birth_date_{part}", "") for part in ("month", "day", "year")]
    return {**typed, "birth_date": born if any(born) else None}
