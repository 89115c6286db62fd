"""Signing in with a code: where it goes, and what it says."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from rest_framework.exceptions import Throttled

from bookings.commands import signing_in
from bookings.errors import Invalid
from bookings.patient.codes import asked_often, send_code, send_link
from bookings.patient.fields import CodeField, ContactField, PersonFields
from bookings.patient.page import page, words_of
from bookings.patient.signed_in import forget, remember

_CONTACT, _NEXT = "sign_in_contact", "sign_in_next"


class ContactForm(forms.Form):
    """Where the code goes."""

    contact = ContactField()


class CodeForm(forms.Form):
    """What it says."""

    code = CodeField()


class CodeAndPersonForm(PersonFields, CodeForm):
    """And who of those who share the contact it is."""

    field_order = ("first_name", "last_name", "birth_date", "code")


@page
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Ask for a code, or for a link. The answer is the same for contacts that are known and that are not."""
    back = _safe(request, request.POST.get("next") or request.GET.get("next"))
    form = ContactForm(request.POST or None, initial={"contact": request.session.get(_CONTACT, "")})
    if request.method == "POST" and form.is_valid():
        by_link = request.POST.get("by") == "link"
        send = send_link if by_link else send_code
        try:
            send(request, form.cleaned_data["contact"], now=timezone.now())
        except Throttled as refusal:
            asked_often(form, refusal)
        else:
            request.session[_CONTACT], request.session[_NEXT] = form.cleaned_data["contact"], back
            return redirect("sign-in-link-sent" if by_link else "sign-in-code")
    status = 422 if form.errors else 200
    return render(request, "patient/sign_in.html", {"form": form, "next": back}, status=status)


@page
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in_code(request: HttpRequest) -> HttpResponse:
    """Type the code. Where a family shares the contact, the same page also asks who it is."""
    contact = request.session.get(_CONTACT)
    if not contact:
        return redirect("sign-in")
    kind = CodeAndPersonForm if "first_name" in request.POST else CodeForm
    form: forms.Form = kind(request.POST or None)
    if request.method == "POST" and form.is_valid():
        details: dict[str, Any] = dict(form.cleaned_data)
        code, now = details.pop("code"), timezone.now()
        try:
            token, _plain = signing_in.sign_in_patient(contact, code=code, details=details, now=now)
        except signing_in.WrongCredentials as refusal:
            form.add_error("code", words_of(refusal))
        except Invalid:  # the code is right; who it is, is open
            form = CodeAndPersonForm(initial={"code": code})
            return _code_page(request, form, contact, shared=True)
        else:
            back = request.session.pop(_NEXT, "/my/")
            request.session.pop(_CONTACT, None)
            remember(request, token)
            return redirect(back)
    return _code_page(request, form, contact, shared=isinstance(form, CodeAndPersonForm))


@page
@require_safe
def sign_in_link_sent(request: HttpRequest) -> HttpResponse:
    """That a link is on its way, if there is anybody to have it."""
    contact = request.session.get(_CONTACT)
    if not contact:
        return redirect("sign-in")
    return render(request, "patient/sign_in_link_sent.html", {"contact": contact, "by_email": "@" in contact})


@page
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """This browser is nobody's again."""
    forget(request, now=timezone.now())
    return redirect("landing")


def _code_page(request: HttpRequest, form: forms.Form, contact: str, *, shared: bool) -> HttpResponse:
    context = {"form": form, "contact": contact, "shared": shared, "by_email": "@" in contact}
    return render(request, "patient/sign_in_code.html", context, status=422 if form.errors else 200)


def _safe(request: HttpRequest, address: str | None) -> str:
    """An address of our own to come back to."""
    here = {request.get_host()}
    fine = address and url_has_allowed_host_and_scheme(address, here, require_https=request.is_secure())
    return address if address and fine else "/my/"
