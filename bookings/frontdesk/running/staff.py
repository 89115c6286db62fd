"""Who works here: added, changed, sent away."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bookings.bodies.fields import Body
from bookings.bodies.staff import StaffBody, StaffPatch
from bookings.commands.signing_in import reset_second_factor
from bookings.commands.staff import add_staff, change_staff
from bookings.errors import NotFound, Refused, Stale
from bookings.frontdesk import proving
from bookings.frontdesk.access import Desk, desk
from bookings.frontdesk.running.foreseeing import saved
from bookings.frontdesk.running.role_words import ROLE_WORDS
from bookings.frontdesk.running.written import Changing, Written
from bookings.models import Clinic, Role, StaffMember
from bookings.models.people import SERVICE_ROLES
from bookings.queries.staff import colleagues


class MemberForm(Written):
    """Somebody who is to work here."""

    body: ClassVar[type[Body]] = StaffBody
    first_name = forms.CharField(label=gettext_lazy("First name"))
    last_name = forms.CharField(label=gettext_lazy("Last name"))
    email = forms.CharField(
        label=gettext_lazy("Email"),
        help_text=gettext_lazy("What they sign in with."),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    role = forms.ChoiceField(
        label=gettext_lazy("Role"), choices=[(role.value, words) for role, words in ROLE_WORDS.items()]
    )
    clinics = forms.MultipleChoiceField(
        label=gettext_lazy("Works at"), required=False, widget=forms.CheckboxSelectMultiple
    )
    password = forms.CharField(
        label=gettext_lazy("Password"),
        required=False,
        strip=False,
        help_text=gettext_lazy("Without one they are on the roster but cannot sign in."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}, render_value=True),
    )

    def __init__(self, *args: Any, desk: Desk, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._own = {clinic.slug: clinic for clinic in desk.clinics}
        choices = [(slug, clinic.name) for slug, clinic in self._own.items()]
        self.fields["clinics"].choices = choices  # type: ignore[attr-defined]

    @property
    def at(self) -> list[Clinic]:
        """The clinics that were ticked."""
        return [self._own[slug] for slug in self.cleaned_data["clinics"]]

    @property
    def details(self) -> dict[str, Any]:
        """What the body made of it, without what the commands are given apart."""
        return {name: value for name, value in self.read.items() if name not in ("clinics", "password")}

    def written(self, given: dict[str, Any]) -> dict[str, Any]:
        body = super().written(given)
        return {name: value for name, value in body.items() if value or name != "password"}


class MemberChangeForm(MemberForm, Changing):
    """Somebody who works here."""

    body = StaffPatch
    is_active = forms.BooleanField(
        label=gettext_lazy("Works here"),
        required=False,
        help_text=gettext_lazy("Without the tick they are signed out at once, everywhere, and stay out."),
    )

    def __init__(self, *args: Any, member: StaffMember, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].label = _("New password")
        self.fields["password"].help_text = _("Empty: as it is. A new one signs them out everywhere.")
        if member.is_service:
            self.fields["first_name"].label = _("Name")
            choices = [(role.value, ROLE_WORDS[role]) for role in SERVICE_ROLES]
            self.fields["role"].choices = choices  # type: ignore[attr-defined]
            for name in ("last_name", "email", "password"):
                del self.fields[name]


@require_safe
@desk()
def staff(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Those who work where the reader works; for a manager also those who work nowhere yet. By name."""
    team = list(colleagues(desk.actor).order_by("last_name", "first_name", "id"))
    context = {
        "desk": desk,
        "team": [(member, ROLE_WORDS[Role(member.role)]) for member in team],
        "may_change": desk.actor.role == Role.MANAGER,
    }
    return render(request, "frontdesk/running/staff.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@desk(Role.MANAGER)
def add(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Somebody new; can sign in once there is a password."""
    initial = {"role": Role.NURSE.value, "clinics": [desk.clinic.slug]}
    form = MemberForm(request.POST or None, initial=initial, desk=desk)
    proving.ask(form, request, desk)
    if request.method == "POST" and form.is_valid() and proving.is_proven(form, request, desk):
        password = form.read.get("password")
        try:
            add_staff(
                details=form.details, clinics=form.at, password=password, actor=desk.actor, now=desk.now
            )
        except Refused as refusal:
            form.refuse(refusal)
        else:
            saved(request)
            return redirect("desk-staff", clinic=desk.clinic.slug)
    return _form(request, desk, form)


@require_http_methods(["GET", "HEAD", "POST"])
@desk(Role.MANAGER)
def change(request: HttpRequest, member: UUID, desk: Desk) -> HttpResponse:
    """Other details, clinics, password; or gone. Clinics where the reader does not work stay as they are."""
    found = colleagues(desk.actor).filter(id=member).first()
    if found is None:
        raise NotFound(_("There is no such member of staff."))
    initial = {**_values(found, desk), "version": found.version}
    form = MemberChangeForm(request.POST or None, initial=initial, desk=desk, member=found)
    proving.ask(form, request, desk)
    if request.method == "POST" and form.is_valid() and _may_save(form, request, desk):
        try:
            change_staff(
                found,
                changes=form.details,
                clinics=form.at,
                password=form.read.get("password"),
                if_version=form.cleaned_data["version"],
                actor=desk.actor,
                now=desk.now,
            )
        except Stale as refusal:
            form.overtaken(refusal, saved=_values(StaffMember.objects.get(id=found.id), desk))
        except Refused as refusal:
            form.refuse(refusal)
        else:
            saved(request)
            return redirect("desk-staff", clinic=desk.clinic.slug)
    return _form(request, desk, form, member=found)


@require_POST
@desk(Role.MANAGER)
def reset(request: HttpRequest, member: UUID, desk: Desk) -> HttpResponse:
    """Somebody whose authenticator is lost comes in by their password once more, to set up another."""
    found = colleagues(desk.actor).filter(id=member).first()
    if found is None:
        raise NotFound(_("There is no such member of staff."))
    proof = proving.Proving(request.POST, auto_id="reset_%s")
    proving.ask(proof, request, desk)
    if not (proof.is_valid() and proving.is_proven(proof, request, desk)):
        initial = {**_values(found, desk), "version": found.version}
        form = MemberChangeForm(initial=initial, desk=desk, member=found)
        return _form(request, desk, form, member=found, proof=proof)
    reset_second_factor(found, actor=desk.actor, now=desk.now)
    done = _("%(name)s is signed out everywhere, and sets up another authenticator at the next sign-in.")
    messages.success(request, done % {"name": found}, extra_tags="good")
    return redirect("desk-change-staff", clinic=desk.clinic.slug, member=found.id)


def _values(member: StaffMember, desk: Desk) -> dict[str, Any]:
    names = ("first_name", "last_name", "email", "role", "is_active")
    at = {clinic.id for clinic in member.clinics.all()}
    clinics = [clinic.slug for clinic in desk.clinics if clinic.id in at]
    return {**{name: getattr(member, name) for name in names}, "clinics": clinics}


def _may_save(form: MemberChangeForm, request: HttpRequest, desk: Desk) -> bool:
    """Whatever says who may do what takes a proof; a name that was misspelt does not."""
    return {"first_name", "last_name"}.issuperset(form.changed_data) or proving.is_proven(form, request, desk)


def _form(
    request: HttpRequest,
    desk: Desk,
    form: MemberForm,
    member: StaffMember | None = None,
    proof: forms.Form | None = None,
) -> HttpResponse:
    if proof is None:
        proof = proving.Proving(auto_id="reset_%s")
        proving.ask(proof, request, desk)
    context = {"desk": desk, "form": form, "member": member, "proof": proof}
    status = 400 if form.errors or proof.errors else 200
    return render(request, "frontdesk/running/member.html", context, status=status)
