"""Pages for patients about messages: what they hear by which way, and their calendar."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from bookings.actors import patient_actor
from bookings.commands.consents import give_consent, withdraw_consent
from bookings.errors import NotFound
from bookings.lifecycle import GONE
from bookings.models import Consent, ConsentPurpose, ConsentSource, Patient
from bookings.patient.page import page
from bookings.patient.signed_in import for_patient
from bookings.patient.visited import Visited
from notifications import calendar, optouts, stop_links
from notifications.calendar_feeds import address_of, calendar_of, visit_of
from notifications.channels import text
from notifications.choice_forms import ChoicesForm, initial
from notifications.commands.calendars import renew_calendar
from notifications.commands.choose import choose
from notifications.commands.stop import resume_emails, stop_emails
from notifications.kinds import Channel
from notifications.models import CalendarFeed, Choices, ClinicVoice

_PAGES = "notifications/pages"


@require_http_methods(["GET", "HEAD", "POST"])
@for_patient
def my_messages(request: HttpRequest, *, patient: Patient) -> HttpResponse:
    """What is told by which way, whether texts and emails may come at all, and the calendar's address."""
    if request.method != "POST":
        return _my_messages(request, patient)
    if request.POST.get("do") == "choose":
        return _chosen(request, patient)
    action = _ACTIONS.get(request.POST.get("do", ""))
    if action is None:
        raise Http404
    messages.success(request, action(patient))
    return redirect("my-messages")


@page
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """Where an email's List-Unsubscribe leads. Looking changes nothing, whoever looks: mail scanners do."""
    message = stop_links.message_of(token)
    if message is None or message.patient is None:
        raise Http404
    address, now, actor = message.recipient, timezone.now(), patient_actor(message.patient)
    if request.method == "POST":
        again = request.POST.get("do") == "resume"
        (resume_emails if again else stop_emails)(message.patient, address=address, actor=actor, now=now)
        return redirect("stop-messages", token=token)
    facts = {
        "masked": _masked(address),
        "stopped": optouts.is_out(Channel.EMAIL, address),
    }
    # In the letter's language, unless somebody has chosen another one here.
    chosen = settings.LANGUAGE_COOKIE_NAME in request.COOKIES
    with translation.override(translation.get_language() if chosen else message.language or "en"):
        return render(request, f"{_PAGES}/stop.html", facts)


@never_cache
@require_safe
def calendar_feed(request: HttpRequest, secret: str) -> HttpResponse:
    """A patient's visits, for a calendar that has the secret address. Looking changes nothing."""
    now = timezone.now()
    found = calendar_of(secret, now=now)
    if found is None:
        raise Http404
    patient, visits = found
    content = calendar.feed(visits, language=patient.language, now=now)
    answer = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    answer.headers["Content-Disposition"] = 'inline; filename="appointments.ics"'
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer


@require_safe
def appointment(request: HttpRequest, at: Visited) -> HttpResponse:
    """One visit as a calendar file, by whichever way its page is reached. Not here once nobody expects it."""
    session = at.session
    if session.status in GONE:
        raise NotFound("There is no such visit.")
    visit = visit_of(session, ClinicVoice.objects.filter(clinic_id=session.clinic_id).first())
    content = calendar.single(visit, language=translation.get_language() or "en", now=at.now)
    answer = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    answer.headers["Content-Disposition"] = 'attachment; filename="appointment.ics"'
    return answer


def _my_messages(
    request: HttpRequest, patient: Patient, form: ChoicesForm | None = None, *, status: int = 200
) -> HttpResponse:
    agreed = Consent.objects.filter(
        patient=patient, purpose=ConsentPurpose.TEXTS, withdrawn_at__isnull=True
    ).first()
    texts = bool(text.is_set_up() and patient.phone)
    if form is None:
        form = ChoicesForm(texts=texts, initial=initial(Choices.objects.filter(patient=patient).first()))
    facts = {
        "patient": patient,
        "form": form,
        "texts": texts,
        "agreed": agreed,
        "wording": _wording(),
        "texts_stopped": texts and optouts.is_out(Channel.TEXT, patient.phone),
        "our_number": settings.TWILIO_FROM,
        "emails_stopped": bool(patient.email) and optouts.is_out(Channel.EMAIL, patient.email),
        "calendar": address_of(CalendarFeed.objects.filter(patient=patient).first()),
    }
    facts["webcal"] = facts["calendar"].replace("https://", "webcal://").replace("http://", "webcal://")
    return render(request, f"{_PAGES}/my_messages.html", facts, status=status)


def _chosen(request: HttpRequest, patient: Patient) -> HttpResponse:
    form = ChoicesForm(request.POST, texts=bool(text.is_set_up() and patient.phone))
    if not form.is_valid():
        return _my_messages(request, patient, form, status=422)
    before = Choices.objects.filter(patient=patient).first()
    choose(
        patient,
        channels=form.channels(before.channels if before else {}),
        quiet_begins=form.cleaned_data["quiet_begins"],
        quiet_ends=form.cleaned_data["quiet_ends"],
        actor=patient_actor(patient),
        now=timezone.now(),
    )
    messages.success(request, _("What you chose is kept."))
    return redirect("my-messages")


def _agree(patient: Patient) -> str:
    give_consent(
        patient,
        purpose=ConsentPurpose.TEXTS,
        wording=_wording(),
        language=translation.get_language() or "en",
        source=ConsentSource.PAGE,
        actor=patient_actor(patient),
        now=timezone.now(),
    )
    return _("You get texts from now on.")


def _withdraw(patient: Patient) -> str:
    withdraw_consent(
        patient,
        purpose=ConsentPurpose.TEXTS,
        source=ConsentSource.PAGE,
        actor=patient_actor(patient),
        now=timezone.now(),
    )
    return _("You get no more texts.")


def _stop(patient: Patient) -> str:
    stop_emails(patient, address=patient.email, actor=patient_actor(patient), now=timezone.now())
    return _("You get no more emails, except codes to sign in. Your visits stay as they are.")


def _resume(patient: Patient) -> str:
    resume_emails(patient, address=patient.email, actor=patient_actor(patient), now=timezone.now())
    return _("You get emails again.")


def _renew(patient: Patient) -> str:
    if renew_calendar(patient).renewals == 0:
        return _("This is the address of your calendar.")
    return _("This is the new address of your calendar. The one before works no more.")


_ACTIONS: dict[str, Callable[[Patient], str]] = {
    "agree": _agree,
    "withdraw": _withdraw,
    "stop": _stop,
    "resume": _resume,
    "renew": _renew,
}


def _wording() -> str:
    """What is agreed to, in the language in which it is shown; it is kept as it is."""
    return _(
        "The clinics where I have visits may send me texts about them at this number. Texts may cost what my "
        "plan charges; STOP in an answer ends them."
    )


def _masked(address: str) -> str:
    """So much of an address that its owner knows it again, and nobody else learns it."""
    name, _at, domain = address.partition("@")
    return f"{name[:1]}…@{domain}"
