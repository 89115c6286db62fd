"""The mailboxes and telephones of a demo: staff read there what nobody else received, and answer texts."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict
from functools import wraps
from itertools import islice
from pathlib import Path
from urllib.parse import urlencode

import httpx
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST, require_safe

from bookings.contacts import normalised_contact
from bookings.frontdesk.outbox_files import EMAIL, TEXT, Kept, kept
from bookings.frontdesk.signing_in import for_staff

MOST = 200
TELEPHONES, ON_EACH = 12, 4  # as many as the first page shows, and texts on each
LONGEST = 1600  # signs of a text

View = Callable[[HttpRequest], HttpResponseBase]


def in_a_demo(view: View) -> View:
    """Elsewhere there is no such page."""

    @wraps(view)
    def shown(request: HttpRequest) -> HttpResponseBase:
        if not (settings.DEMO and settings.OUTBOX_DIR):
            raise Http404
        return view(request)

    return shown


@require_safe
@never_cache
@for_staff
@in_a_demo
def outbox(request: HttpRequest) -> HttpResponse:
    """What was sent, newest first: as a page or, for `Accept: application/json`, as a list of mails and
    texts. `?to=` is one address or telephone.
    """
    asked = request.GET.get("to", "").strip()
    person = normalised_contact(asked) or asked
    folder = Path(settings.OUTBOX_DIR)
    if request.get_preferred_type(["text/html", "application/json"]) == "application/json":
        sent = (one for one in kept(folder, person=person) if not one.inbound)
        return JsonResponse([asdict(one) for one in islice(sent, MOST)], safe=False)
    texts = [] if "@" in person else list(islice(kept(folder, person=person, channel=TEXT), MOST))
    shown = {
        "to": person,
        "is_telephone": bool(person) and "@" not in person,
        "longest": LONGEST,
        "conversation": texts[::-1] if person else [],
        "telephones": [] if person else _telephones(texts),
        "mails": list(islice(kept(folder, person=person, channel=EMAIL), MOST)),
    }
    return render(request, "frontdesk/outbox.html", shown)


@csrf_exempt
@require_POST
@never_cache
@for_staff
@in_a_demo
def answer(request: HttpRequest) -> HttpResponseBase:
    """Text the clinic as whoever has the telephone `from` would; a program with a token may, too."""
    if request.headers.get("Authorization", "").lower().startswith("bearer "):
        return _answer(request)
    return csrf_protect(_answer)(request)


def _answer(request: HttpRequest) -> HttpResponse:
    number = normalised_contact(request.POST.get("from", ""))
    body = request.POST.get("body", "").strip()
    if not number or "@" in number or not 1 <= len(body) <= LONGEST:
        return HttpResponse(_("A telephone number and a text are needed."), status=400)
    try:
        httpx.post(
            f"{settings.TWILIO_BASE_URL}/phone/answers",
            json={"from": number, "body": body},
            auth=(settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN),
            timeout=5,
            trust_env=False,
        ).raise_for_status()
    except httpx.HTTPError:
        return HttpResponse(_("The demo's carrier does not answer."), status=503)
    messages.success(request, _("Sent. What the clinic answers comes in a moment: look again."))
    return redirect(f"{reverse('desk-outbox')}?{urlencode({'to': number})}")


def _telephones(texts: Iterable[Kept]) -> list[tuple[str, list[Kept]]]:
    """The telephones with the newest texts, and the last few texts on each, oldest first."""
    found: dict[str, list[Kept]] = {}
    for text in texts:
        if text.person in found or len(found) < TELEPHONES:
            found.setdefault(text.person, []).append(text)
    return [(number, on_it[:ON_EACH][::-1]) for number, on_it in found.items()]
