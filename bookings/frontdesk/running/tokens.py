"""Programs that act for the clinic, and the tokens that they, or a person's own scripts, come in by."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from bookings.commands.staff import add_program
from bookings.commands.tokens import make_token, revoke_token
from bookings.errors import NotFound, Refused
from bookings.frontdesk import proving
from bookings.frontdesk.access import Desk, desk
from bookings.frontdesk.running.role_words import ROLE_WORDS
from bookings.frontdesk.sentences import said
from bookings.models import AccessToken, Clinic, Role, Scope, StaffMember
from bookings.models.people import SERVICE_ROLES
from bookings.queries.staff import colleagues, program_tokens

SCOPE_WORDS = {
    Scope.READ: pgettext_lazy("of a token", "Read"),
    Scope.BOOK: gettext_lazy("Read, and change the diary"),
    Scope.MANAGE: gettext_lazy("Everything that its owner may do"),
}
LIVES = ((7, gettext_lazy("a week")), (90, gettext_lazy("90 days")), (365, gettext_lazy("a year")))


class _AtClinics(forms.Form):
    """What is for some of the reader's clinics."""

    def __init__(self, *args: Any, clinics: list[Clinic], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._own = {clinic.slug: clinic for clinic in clinics}
        choices = [(slug, clinic.name) for slug, clinic in self._own.items()]
        self.fields["clinics"].choices = choices  # type: ignore[attr-defined]

    @property
    def at(self) -> list[Clinic]:
        """The clinics that were ticked."""
        return [self._own[slug] for slug in self.cleaned_data["clinics"]]


class ProgramForm(_AtClinics):
    """A program that is to act for the clinic."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=100)
    role = forms.ChoiceField(
        label=gettext_lazy("Works as"), choices=[(role.value, ROLE_WORDS[role]) for role in SERVICE_ROLES]
    )
    clinics = forms.MultipleChoiceField(label=gettext_lazy("Works at"), widget=forms.CheckboxSelectMultiple)


class TokenForm(_AtClinics):
    """A token that is to be made."""

    name = forms.CharField(
        label=gettext_lazy("What is it for?"), max_length=100, widget=forms.TextInput({"autocomplete": "off"})
    )
    scope = forms.ChoiceField(
        label=gettext_lazy("It may"), choices=[(one.value, words) for one, words in SCOPE_WORDS.items()]
    )
    clinics = forms.MultipleChoiceField(
        label=gettext_lazy("At these clinics"), widget=forms.CheckboxSelectMultiple
    )
    days = forms.TypedChoiceField(
        label=pgettext_lazy("of a token", "For"), coerce=int, choices=LIVES, initial=90
    )


@require_http_methods(["GET", "HEAD", "POST"])
@desk(Role.MANAGER)
def add(request: HttpRequest, desk: Desk) -> HttpResponse:
    """A new program; what it may do beyond its role, its tokens say."""
    initial = {"clinics": [desk.clinic.slug]}
    form = ProgramForm(request.POST or None, initial=initial, clinics=list(desk.clinics))
    proving.ask(form, request, desk)
    if request.method == "POST" and form.is_valid() and proving.is_proven(form, request, desk):
        role = Role(form.cleaned_data["role"])
        name = form.cleaned_data["name"]
        made = add_program(name, role=role, clinics=form.at, actor=desk.actor, now=desk.now)
        return redirect("desk-tokens", clinic=desk.clinic.slug, member=made.id)
    context = {"desk": desk, "form": form}
    return render(request, "frontdesk/running/program.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@desk()
def tokens(request: HttpRequest, member: UUID, desk: Desk) -> HttpResponse:
    """The tokens in somebody's name: one's own, or for managers anybody's. The answer to the form alone says
    a new one.
    """
    owner = _owner(member, desk)
    theirs = {clinic.id for clinic in owner.clinics.all()}
    clinics = [clinic for clinic in desk.clinics if clinic.id in theirs]
    form = TokenForm(
        request.POST or None, initial={"clinics": [clinic.slug for clinic in clinics]}, clinics=clinics
    )
    proving.ask(form, request, desk)
    if request.method == "POST" and form.is_valid() and proving.is_proven(form, request, desk):
        given = form.cleaned_data
        try:
            made, plain = make_token(
                owner,
                name=given["name"],
                scope=Scope(given["scope"]),
                clinics=form.at,
                days=given["days"],
                actor=desk.actor,
                now=desk.now,
            )
        except Refused as refusal:
            form.add_error(None, said(refusal.detail))
        else:
            context = {"desk": desk, "owner": owner, "token": made, "plain": plain}
            return render(request, "frontdesk/running/token_made.html", context)
    context = {
        "desk": desk,
        "owner": owner,
        "may_make": owner.is_service or owner.id == desk.staff.id,
        "form": form,
        "tokens": _shown(owner, desk),
    }
    return render(request, "frontdesk/running/tokens.html", context, status=400 if form.errors else 200)


@require_POST
@desk()
def revoke(request: HttpRequest, member: UUID, token: UUID, desk: Desk) -> HttpResponse:
    """A token ends at once. That needs no proof: it takes power away."""
    owner = _owner(member, desk)
    found = program_tokens(owner).filter(id=token).first()
    if found is None:
        raise NotFound(_("There is no such token."))
    revoke_token(found, actor=desk.actor, now=desk.now)
    messages.success(request, _("The token has ended."), extra_tags="good")
    return redirect("desk-tokens", clinic=desk.clinic.slug, member=owner.id)


def _owner(member: UUID, desk: Desk) -> StaffMember:
    seen = colleagues(desk.actor)
    if desk.actor.role != Role.MANAGER:
        seen = seen.filter(id=desk.staff.id)
    found = seen.filter(id=member).first()
    if found is None:
        raise NotFound(_("There is no such member of staff."))
    return found


def _shown(owner: StaffMember, desk: Desk) -> list[dict[str, Any]]:
    names = {clinic.id: clinic.name for clinic in desk.clinics}
    return [
        {
            "token": token,
            "may": SCOPE_WORDS[Scope(token.scope)],
            "clinics": [names.get(id, _("another clinic")) for id in token.clinics],  # noqa: A001
            "lives": _lives(token, desk),
        }
        for token in program_tokens(owner)
    ]


def _lives(token: AccessToken, desk: Desk) -> bool:
    return token.revoked_at is None and token.expires_at > desk.now
