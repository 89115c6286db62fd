"""Signing in and out, and who one is."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.urls import path
from drf_spectacular.utils import OpenApiExample, PolymorphicProxySerializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from bookings import second_factor
from bookings.api.endpoint import Endpoint
from bookings.api.permissions import EVERYONE, SIGNED_IN, STAFF
from bookings.api.schema import describe
from bookings.api.throttling import count, few_guesses, per_address
from bookings.bodies.fields import Body, OneOf, Text, TimeZone
from bookings.bodies.second_factor import Digits, SecondFactorBody
from bookings.bodies.times import BirthDate, Instant
from bookings.commands import signing_in
from bookings.contacts import normalised_contact, normalised_email
from bookings.errors import WrongCredentials
from bookings.models import Role, Scope

CODES_OF_CONTACT = "login-codes of a contact"


class StaffSignIn(Body):
    """A member of staff."""

    email = Text(max_length=254)
    password = Text(max_length=200, trim_whitespace=False)
    otp = Text(
        max_length=20,
        required=False,
        help_text="Six digits, where a second factor is set up, or a recovery code.",
    )


class PatientSignIn(Body):
    """A patient with a login code. What is not known of them yet may be sent along, and is kept
    on first use.
    """

    contact = Text(max_length=254, help_text="The email address or telephone that the code was sent to.")
    code = Text(max_length=20)
    first_name = Text(max_length=100, required=False, allow_blank=True)
    last_name = Text(max_length=100, required=False, allow_blank=True)
    birth_date = BirthDate(required=False)
    time_zone = TimeZone(max_length=64, required=False)
    language = OneOf(choices=settings.LANGUAGES, required=False)


class TokenAnswer(serializers.Serializer[Any]):
    """A bearer token, said once."""

    token = serializers.CharField()
    role = serializers.ChoiceField(choices=Role.choices)
    expires_at = Instant()


class LoginCodeBody(Body):
    """Where the code goes."""

    contact = Text(max_length=254, help_text="An email address or a telephone number.")


class ClinicOfMe(serializers.Serializer[Any]):
    """A clinic at which one works."""

    id = serializers.UUIDField()
    slug = serializers.CharField()
    name = serializers.CharField()


class Me(serializers.Serializer[Any]):
    """Who one is."""

    id = serializers.UUIDField()
    role = serializers.ChoiceField(choices=Role.choices)
    first_name = serializers.CharField()
    last_name = serializers.CharField()
    email = serializers.CharField()
    phone = serializers.CharField(required=False, help_text="Of patients.")
    time_zone = serializers.CharField(required=False, help_text="Of patients.")
    language = serializers.CharField(required=False, help_text="Of patients.")
    second_factor = serializers.BooleanField(required=False, help_text="Of staff: whether one is set up.")
    owes_second_factor = serializers.BooleanField(
        required=False, help_text="Of staff: whether theirs was reset, and they must set up another first."
    )
    clinics = ClinicOfMe(many=True, help_text="Where one works; empty for patients.")


class SecondFactorProposal(serializers.Serializer[Any]):
    """A secret for an authenticator; nothing is kept of it yet."""

    secret = serializers.CharField()
    uri = serializers.CharField(help_text="What an authenticator scans.")


class RecoveryCodes(serializers.Serializer[Any]):
    """Ten codes, each of which stands once for the digits of a lost authenticator. Said only here."""

    recovery_codes = serializers.ListField(child=serializers.CharField())


class Tokens(Endpoint):
    """Sign in."""

    roles = {"POST": EVERYONE}
    authentication_classes = ()  # a token that has run out must not stand in the way of a new one

    @describe(
        "Sign in",
        body=PolymorphicProxySerializer(
            component_name="SignIn", serializers=[StaffSignIn, PatientSignIn], resource_type_field_name=None
        ),
        answers={201: TokenAnswer},
        refusals=["credentials", "otp-required", "too-many-requests"],
        public=True,
        examples=[
            OpenApiExample(
                "Staff", value={"email": "desk@harbor.example", "password": "…"}, request_only=True
            ),
            OpenApiExample(
                "A new patient",
                value={
                    "contact": "ada@mail.example",
                    "code": "123456",
                    "first_name": "Ada",
                    "last_name": "Quill",
                    "birth_date": "1980-01-02",
                    "time_zone": "America/New_York",
                    "language": "en",
                },
                request_only=True,
            ),
        ],
        tag="signing in",
    )
    def post(self, request: Request) -> Response:
        """Staff with email and password, patients with the code that POST `login-codes/` sent them.

        Whichever half is wrong, the answer is the same. A code makes a new patient on first use. Where
        several people share the contact, their names and birth date tell them apart.
        """
        sent = request.data if isinstance(request.data, dict) else {}
        token, plain = self._staff() if sent.keys() & {"email", "password", "otp"} else self._patient()
        role = token.staff.role if token.staff else Role.PATIENT
        answer = TokenAnswer({"token": plain, "role": role, "expires_at": token.expires_at})
        return Response(answer.data, status=201, headers={"Cache-Control": "no-store"})

    def _staff(self) -> Any:
        body = self.body(StaffSignIn)
        email = normalised_email(body["email"])
        with few_guesses(self.request, email or ""):
            return signing_in.sign_in_staff(
                email or "", password=body["password"], otp=body.get("otp"), now=self.now
            )

    def _patient(self) -> Any:
        body = self.body(PatientSignIn)
        contact, code = normalised_contact(body.pop("contact")), body.pop("code").strip()
        if contact is None:
            raise WrongCredentials
        return signing_in.sign_in_patient(contact, code=code, details=body, now=self.now)


class CurrentToken(Endpoint):
    """Sign out."""

    roles = {"DELETE": SIGNED_IN}
    scopes = {"DELETE": Scope.READ}

    @describe("Sign out", answers={204: None}, tag="signing in")
    def delete(self, request: Request) -> Response:
        """The token that came with this request is dead at once."""
        signing_in.sign_out(request.user.token, now=self.now)
        return Response(status=204)


class LoginCodes(Endpoint):
    """Ask for a code."""

    roles = {"POST": EVERYONE}
    authentication_classes = ()
    throttle_classes = (per_address("login-codes of an address"),)

    @describe(
        "Ask for a login code",
        body=LoginCodeBody,
        answers={202: None},
        refusals=["too-many-requests"],
        public=True,
        examples=[OpenApiExample("By email", value={"contact": "ada@mail.example"}, request_only=True)],
        tag="signing in",
    )
    def post(self, request: Request) -> Response:
        """A six-digit code goes to the contact, known or not: the answer does not tell which.

        It works for ten minutes, once, and ends every earlier code of the contact.
        """
        contact = normalised_contact(self.body(LoginCodeBody)["contact"])
        if contact is None:
            raise serializers.ValidationError({"contact": ["Not an email address or telephone number."]})
        count(CODES_OF_CONTACT, contact)
        signing_in.issue_code(contact, now=self.now)
        return Response(status=202)


class WhoAmI(Endpoint):
    """Who one is."""

    roles = {"GET": SIGNED_IN}
    open_while_owing = True

    @describe("Who am I?", answers={200: Me}, tag="signing in")
    def get(self, request: Request) -> Response:
        """With one's role and the clinics at which one works."""
        person = request.user.staff or request.user.patient
        answer = {
            "id": person.id,
            "role": request.user.role,
            "first_name": person.first_name,
            "last_name": person.last_name,
            "email": person.email,
            "clinics": [],
        }
        if request.user.is_staff:
            answer["second_factor"] = bool(person.otp_secret)
            answer["owes_second_factor"] = person.owes_second_factor
            answer["clinics"] = list(person.clinics.values("id", "slug", "name"))
        else:
            answer |= {name: getattr(person, name) for name in ("phone", "time_zone", "language")}
        return Response(answer)


class SecondFactor(Endpoint):
    """Staff set up an authenticator as their second factor."""

    roles = {"POST": STAFF, "PUT": STAFF}
    scopes = {"POST": None, "PUT": None}
    open_while_owing = True

    @describe("Propose a second factor", answers={200: SecondFactorProposal}, tag="signing in")
    def post(self, request: Request) -> Response:
        """A fresh secret. Nothing changes until PUT shows that the authenticator has it."""
        secret = second_factor.new_secret()
        uri = second_factor.address_of(secret, email=request.user.staff.email)
        return Response({"secret": secret, "uri": uri}, headers={"Cache-Control": "no-store"})

    @describe("Set up a second factor", body=SecondFactorBody, answers={200: RecoveryCodes}, tag="signing in")
    def put(self, request: Request) -> Response:
        """From now on signing in needs `otp`. An earlier second factor must be dropped first."""
        body = self.body(SecondFactorBody)
        return _said_once(signing_in.set_second_factor(request.user.staff, **body, now=self.now))


class DropSecondFactor(Endpoint):
    """Staff go back to the password alone."""

    roles = {"POST": STAFF}
    scopes = {"POST": None}

    @describe(
        "Drop the second factor",
        body=Digits,
        answers={204: None},
        refusals=["credentials", "too-many-requests"],
        tag="signing in",
    )
    def post(self, request: Request) -> Response:
        """The password alone is enough again. Needs the digits of now, or a recovery code."""
        staff, otp = request.user.staff, self.body(Digits)["otp"]
        with few_guesses(request, staff.email):
            signing_in.drop_second_factor(staff, otp=otp, now=self.now)
        return Response(status=204)


class RenewRecoveryCodes(Endpoint):
    """Staff whose recovery codes are used up, or lie somewhere."""

    roles = {"POST": STAFF}
    scopes = {"POST": None}

    @describe(
        "Make new recovery codes",
        body=Digits,
        answers={200: RecoveryCodes},
        refusals=["credentials", "too-many-requests"],
        tag="signing in",
    )
    def post(self, request: Request) -> Response:
        """Ten new ones; those of before work no longer. Needs the digits of now, or one of those."""
        staff, otp = request.user.staff, self.body(Digits)["otp"]
        with few_guesses(request, staff.email):
            return _said_once(signing_in.renew_recovery_codes(staff, otp=otp, now=self.now))


def _said_once(codes: list[str]) -> Response:
    return Response({"recovery_codes": codes}, headers={"Cache-Control": "no-store"})


urlpatterns = [
    path("tokens/", Tokens.as_view(), name="tokens"),
    path("tokens/current/", CurrentToken.as_view(), name="current-token"),
    path("login-codes/", LoginCodes.as_view(), name="login-codes"),
    path("me/", WhoAmI.as_view(), name="me"),
    path("me/second-factor/", SecondFactor.as_view(), name="second-factor"),
    path("me/second-factor/recovery-codes/", RenewRecoveryCodes.as_view(), name="recovery-codes"),
    path("me/second-factor/drop/", DropSecondFactor.as_view(), name="drop-second-factor"),
]
