"""The carrier's door: reports about texts, and texts of patients. Only what it has signed comes in."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from twilio.request_validator import RequestValidator

from bookings.nudging import nudge
from notifications.commands.hear import hear
from notifications.commands.reports import note_report

SIGNATURE = "X-Twilio-Signature"
#: "Nothing to say": replies are messages of their own, in the ledger.
_SILENCE = '<?xml version="1.0" encoding="UTF-8"?><Response/>'


@csrf_exempt
@require_POST
@never_cache
def inbound(request: HttpRequest) -> HttpResponse:
    """A text that somebody sent to one of our numbers."""
    if not _is_signed(request):
        return HttpResponse(status=403)
    form = request.POST
    if form.get("MessageSid") and form.get("From"):
        reply = hear(
            sid=form["MessageSid"][:64],
            sender=form["From"],
            receiver=form.get("To", ""),
            body=form.get("Body", ""),
            carrier_says=form.get("OptOutType", ""),
            now=timezone.now(),
        )
        if reply is not None:
            nudge("notifications.tasks.send_message", str(reply.id))
    return HttpResponse(_SILENCE, content_type="text/xml")


@csrf_exempt
@require_POST
@never_cache
def status(request: HttpRequest) -> HttpResponse:
    """What has become of a text of ours. `?message=` is ours, and stood in the address that we gave."""
    if not _is_signed(request):
        return HttpResponse(status=403)
    form = request.POST
    said = form.get("MessageStatus") or form.get("SmsStatus", "")
    if form.get("MessageSid") and said:
        note_report(
            _id(request.GET.get("message", "")),
            provider_id=form["MessageSid"],
            said=said,
            error=form.get("ErrorCode", ""),
            now=timezone.now(),
        )
    return HttpResponse(status=204)


def genuine(url: str, form: Mapping[str, str] | str, signature: str, *, token: str) -> bool:
    """Whether Twilio signed this form, or this JSON body, for that address with our token. The comparison
    takes as long for a wrong signature as for a right one.
    """
    return RequestValidator(token).validate(url, form, signature)


def _is_signed(request: HttpRequest) -> bool:
    """Whether our carrier signed this very form for the address that we gave it.

    That is the public one: behind a proxy Django may see another scheme, host or port, and what it sees
    anybody could write. Without a token nothing is trusted.
    """
    token = settings.TWILIO_AUTH_TOKEN
    given = request.headers.get(SIGNATURE, "")
    url = f"{settings.PUBLIC_URL}{request.get_full_path()}"
    return bool(token) and genuine(url, request.POST, given, token=token)


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
