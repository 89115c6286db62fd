"""Staff, patients and how both sign in."""

from __future__ import annotations

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Lower, Right, Substr

from bookings.models.clinic import Clinic
from bookings.models.encrypted import EncryptedText
from bookings.models.ids import Identified


class Role(models.TextChoices):
    """What a person may do. `PATIENT` is never stored on a member of staff."""

    PATIENT = "patient"
    FRONT_DESK = "front_desk"
    NURSE = "nurse"
    PRESCRIBER = "prescriber"
    MANAGER = "manager"


STAFF_ROLES = [choice for choice in Role.choices if choice[0] != Role.PATIENT]
#: What a program may be: nothing that takes a licence, and nobody who counts as a nurse on duty.
SERVICE_ROLES = (Role.FRONT_DESK, Role.MANAGER)


class StaffManager(BaseUserManager["StaffMember"]):
    """Makes staff by email; Django's commands call it."""

    def create_user(self, email: str, password: str | None = None, **fields: object) -> StaffMember:
        staff = self.model(email=self.normalize_email(email).lower(), **fields)
        staff.set_password(password)
        staff.save(using=self._db)
        return staff

    def create_superuser(self, email: str, password: str | None = None, **fields: object) -> StaffMember:
        fields = {"role": Role.MANAGER, "is_staff": True, "is_superuser": True, **fields}
        return self.create_user(email, password, **fields)


class StaffMember(Identified, AbstractBaseUser, PermissionsMixin):
    """A person who works at one or more clinics, in one role. Nurses on shift are staff with role `nurse`.

    With `is_service` it is a program: it has no password, and comes in by scoped tokens alone.
    """

    email = models.EmailField(unique=True)
    first_name = models.CharField(max_length=100)
    last_name = models.CharField(max_length=100)
    role = models.CharField(max_length=16, choices=STAFF_ROLES)
    clinics = models.ManyToManyField(Clinic, related_name="staff", blank=True)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)  # may open /admin/
    is_service = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    version = models.PositiveIntegerField(default=1)
    otp_secret = EncryptedText(blank=True)  # base32; empty: no second factor
    otp_step = models.PositiveBigIntegerField(default=0)  # of the last digits used, which work once
    # A manager reset their authenticator: until they have set up another, they may do nothing else.
    owes_second_factor = models.BooleanField(default=False)
    second_factor_reset_at = models.DateTimeField(null=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["first_name", "last_name"]
    objects = StaffManager()

    class Meta:
        ordering = ["last_name", "first_name"]
        constraints = [
            models.UniqueConstraint(Lower("email"), name="staff_email_once"),
            models.CheckConstraint(
                name="service_is_no_person",
                # Django writes "!" for a password that none fits.
                condition=Q(is_service=False)
                | Q(
                    is_staff=False,
                    is_superuser=False,
                    password__startswith="!",  # noqa: S106
                    role__in=SERVICE_ROLES,
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """What the sessions of a browser are bound to: a new password ends them, and so does a reset."""
        bound = super()._get_session_auth_hash(secret=secret)  # type: ignore[misc]
        since = self.second_factor_reset_at
        return f"{bound}:{since.isoformat()}" if since else bound


_ACCENTED, _PLAIN = "áàâäãåéèêëíìîïóòôöõøúùûüñçý", "aaaaaaeeeeiiiioooooouuuuncy"
_SEPARATORS, _DROPPED = "-+", "'’"


class Words(Func):
    """The words of some text columns as lexemes, folded as `fold` does: for an index and its queries."""

    template = (
        "array_to_tsvector(array_remove(string_to_array(translate(lower(%(expressions)s), "
        f"'{_ACCENTED}{_SEPARATORS}''’', '{_PLAIN}{' ' * len(_SEPARATORS)}'), ' '), ''))"
    )
    arg_joiner = " || ' ' || "
    output_field = SearchVectorField()


def fold(text: str) -> str:
    """Lower case, without accents and apostrophes, hyphens as spaces: how `Words` keeps what is looked up."""
    plain = _PLAIN + " " * len(_SEPARATORS)
    return text.lower().translate(str.maketrans(_ACCENTED + _SEPARATORS, plain, _DROPPED))


def patient_words() -> Words:
    """What a patient is found by: names, email; telephone whole, without +1, its last seven or four."""
    phone = (F("phone"), Substr("phone", 3), Right("phone", 7), Right("phone", 4))
    return Words(F("first_name"), F("last_name"), F("email"), *phone)


class Patient(Identified):
    """A person who is treated. Families share telephones and mailboxes, so contacts are not unique."""

    patient_column = "id"
    first_name = models.CharField(max_length=100, blank=True)
    last_name = models.CharField(max_length=100, blank=True)
    birth_date = models.DateField(null=True, blank=True)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=32, blank=True)  # E.164
    time_zone = models.CharField(max_length=64, default="America/New_York")
    language = models.CharField(max_length=8, default="en")
    created_at = models.DateTimeField(auto_now_add=True)
    version = models.PositiveIntegerField(default=1)
    erased_at = models.DateTimeField(null=True, editable=False)  # who it was is no longer kept

    class Meta:
        ordering = ["last_name", "first_name", "id"]
        indexes = [
            models.Index(Lower("email"), name="patient_by_email", condition=~Q(email="")),
            models.Index(fields=["phone"], name="patient_by_phone", condition=~Q(phone="")),
            models.Index(fields=["last_name", "first_name", "id"], name="patient_in_order"),
            models.Index(fields=["birth_date"], name="patient_by_birth_date"),
            GinIndex(patient_words(), name="patient_by_words"),
        ]

    def __str__(self) -> str:
        unnamed = "(erased)" if self.erased_at else "(no name yet)"
        return f"{self.first_name} {self.last_name}".strip() or unnamed


class Scope(models.TextChoices):
    """How much of what its owner may do a token may do; each includes those before it."""

    READ = "read"
    BOOK = "book"  # what every member of staff may change
    MANAGE = "manage"  # what is kept for some roles


class AccessToken(Identified):
    """A bearer token, kept as a SHA-256 digest. Belongs to a member of staff or to a patient.

    One without `scope` came from signing in, and may do what its owner may. One with a scope was made for a
    program: it has a name, and opens those `clinics` alone at which its owner works.
    """

    digest = models.BinaryField(unique=True, max_length=32)
    staff = models.ForeignKey(StaffMember, on_delete=models.CASCADE, null=True, related_name="tokens")
    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, null=True, related_name="tokens")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    scope = models.CharField(max_length=8, choices=Scope, blank=True)
    name = models.CharField(max_length=100, blank=True)
    clinics = ArrayField(models.UUIDField(), default=list, blank=True)
    made_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="scoped_token_is_named",
                condition=Q(scope="") | (Q(staff__isnull=False, made_by__isnull=False) & ~Q(name="")),
            ),
            models.CheckConstraint(
                name="token_belongs_to_one",
                condition=Q(staff__isnull=True, patient__isnull=False)
                | Q(staff__isnull=False, patient__isnull=True),
            ),
        ]


class RecoveryCode(Identified):
    """A way in for a member of staff without their authenticator, kept as a digest. Works once."""

    staff = models.ForeignKey(StaffMember, on_delete=models.CASCADE, related_name="recovery_codes")
    digest = models.BinaryField(unique=True, max_length=32)
    created_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)


class LoginCode(Identified):
    """A code sent to an email address or telephone, kept as a digest. Single use, ten minutes, few tries."""

    contact = models.CharField(max_length=254)
    digest = models.BinaryField(max_length=32)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(name="login_code_by_contact", fields=["contact", "-created_at"])]
