"""Signing in and out: staff by password, patients by a code sent to their mailbox or telephone."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction
from django.db.models import F

from bookings import journal, recovery, second_factor, signals
from bookings.actors import Actor, patient_actor, staff_actor
from bookings.errors import Invalid, NotAllowed, Refused, WrongCredentials, WrongState
from bookings.known import patients_of
from bookings.models import AccessToken, LoginCode, Patient, Role, StaffMember
from bookings.passwords import set_password
from bookings.tokens import PATIENT_TOKEN_LIFE, STAFF_TOKEN_LIFE, new_access_token

CODE_LIFE = timedelta(minutes=10)
CODE_TRIES = 5

#: What a patient may say of themselves on first use.
DETAILS = ("first_name", "last_name", "birth_date", "time_zone", "language")
#: Those of them that tell two people with one mailbox apart.
_IDENTITY = ("birth_date", "first_name", "last_name")


class OtpRequired(Refused):
    """The password is right, and this account has a second factor."""

    code = "otp-required"
    status = 401

    def __init__(self) -> None:
        super().__init__("Enter the six digits that your authenticator shows, or one of your recovery codes.")


def issue_code(contact: str, *, now: datetime) -> tuple[LoginCode, str]:
    """A six-digit code for a contact in its kept form, and the row that remembers it.

    It lives ten minutes, works once and for five tries, and puts an end to every earlier code of this
    contact. Whether anybody is known under the contact makes no difference. After the commit
    `login_code_issued` is sent.
    """
    plain = f"{secrets.randbelow(1_000_000):06}"
    row = LoginCode(contact=contact, created_at=now, expires_at=now + CODE_LIFE)
    row.digest = _digest(row.id, plain)
    with transaction.atomic(durable=True):
        LoginCode.objects.filter(contact=contact, used_at__isnull=True).update(used_at=now)
        row.save(force_insert=True)
        known = patients_of(contact).first()
    language = known.language if known else settings.LANGUAGE_CODE
    signals.login_code_issued.send_robust(LoginCode, contact=contact, code=plain, language=language)
    return row, plain


def sign_in_patient(
    contact: str, *, code: str, details: Mapping[str, Any], now: datetime
) -> tuple[AccessToken, str]:
    """A token for the patient behind the contact, who is made on first use; the plain token is said only
    here.

    Where a family shares the contact, `details` choose between them, and details that fit nobody make a new
    patient. Refuses with WrongCredentials, and with Invalid when the right code leaves open who it is.
    """
    row = (
        LoginCode.objects.filter(contact=contact, used_at__isnull=True, expires_at__gt=now)
        .order_by("-created_at")
        .first()
    )
    # The try is counted, and kept, before the code is looked at: guesses in parallel count too.
    counted = row and LoginCode.objects.filter(
        id=row.id, used_at__isnull=True, attempts__lt=CODE_TRIES
    ).update(attempts=F("attempts") + 1)
    if not row or not counted or not hmac.compare_digest(bytes(row.digest), _digest(row.id, code)):
        raise WrongCredentials
    with transaction.atomic(durable=True):
        if not LoginCode.objects.filter(id=row.id, used_at__isnull=True).update(used_at=now):
            raise WrongCredentials
        patient = _patient_behind(contact, details, now=now)
        return new_access_token(patient_actor(patient), patient=patient, life=PATIENT_TOKEN_LIFE, now=now)


def sign_in_staff(
    email: str, *, password: str, otp: str | None = None, now: datetime
) -> tuple[AccessToken, str]:
    """A token for an active member of staff; the plain token is said only here.

    `otp` is the digits of now, or a recovery code, which works once. Refuses with WrongCredentials, and with
    OtpRequired when the password is right and a second factor is missing.
    """
    staff = StaffMember.objects.filter(email=email, is_active=True, is_service=False).first()
    # An unknown address costs as much time as a known one: Django hashes once for a password that none fits.
    right = check_password(password, staff.password if staff else make_password(None))
    if staff is None or not right:
        raise WrongCredentials
    with transaction.atomic(durable=True):
        if staff.otp_secret:
            _check_second_factor(staff, otp, now=now)
        return new_access_token(staff_actor(staff), staff=staff, life=STAFF_TOKEN_LIFE, now=now)


def prove_again(staff: StaffMember, *, proof: str, now: datetime) -> None:
    """Whoever sits there is still this member of staff: the digits of now or a recovery code where an
    authenticator is set up, else the password. Refuses with WrongCredentials.
    """
    if not staff.otp_secret:
        if not check_password(proof, staff.password):
            raise WrongCredentials
        return
    with transaction.atomic(durable=True):
        _check_second_factor(staff, proof, now=now)


def sign_out(token: AccessToken, *, now: datetime) -> None:
    """The token is dead at once."""
    AccessToken.objects.filter(id=token.id, revoked_at__isnull=True).update(revoked_at=now)


def set_second_factor(staff: StaffMember, *, secret: str, otp: str, now: datetime) -> list[str]:
    """From now on this member of staff signs in with the authenticator that shows `otp` for `secret`. Answers
    ten recovery codes, which are said only here.

    Refuses with Invalid while another one is set up: a stolen token must not be enough to replace it.
    """
    step = second_factor.step_of(secret, otp, at=now)
    if step is None:
        raise Invalid("otp", "These are not the digits of this secret now.")
    with transaction.atomic(durable=True):
        without = StaffMember.objects.filter(id=staff.id, otp_secret="")
        if not without.update(otp_secret=secret, otp_step=step, owes_second_factor=False):
            raise Invalid("secret", "Drop the present second factor first.")
        _record("second_factor_set", staff, now=now)
        return recovery.new_codes(staff, now=now)


def renew_recovery_codes(staff: StaffMember, *, otp: str, now: datetime) -> list[str]:
    """Ten new recovery codes, said only here; those of before work no longer.

    Needs the second factor, as signing in does. Refuses with Invalid where none is set up.
    """
    with transaction.atomic(durable=True):
        staff = StaffMember.objects.select_for_update().get(id=staff.id)
        if not staff.otp_secret:
            raise Invalid("otp", "Set up an authenticator first.")
        _check_second_factor(staff, otp, now=now)
        _record("recovery_codes_made", staff, now=now)
        return recovery.new_codes(staff, now=now)


def drop_second_factor(staff: StaffMember, *, otp: str, now: datetime) -> None:
    """The password alone is enough again, and no recovery code works any more."""
    with transaction.atomic(durable=True):
        staff = StaffMember.objects.select_for_update().get(id=staff.id)
        if not staff.otp_secret:
            return
        _check_second_factor(staff, otp, now=now)
        StaffMember.objects.filter(id=staff.id).update(otp_secret="", otp_step=0)
        recovery.drop_codes(staff)
        _record("second_factor_dropped", staff, now=now)


def reset_second_factor(member: StaffMember, *, actor: Actor, now: datetime) -> StaffMember:
    """A manager lets somebody in again whose authenticator is lost, and their recovery codes with it.

    They are signed out everywhere at once. At their next sign-in the password is enough, and until they have
    set up another authenticator they may do nothing else. Nobody resets their own.
    """
    if actor.role != Role.MANAGER:
        raise NotAllowed("Only a manager resets an authenticator.")
    if member.id == actor.id:
        raise NotAllowed("Another manager must reset yours.")
    with transaction.atomic(durable=True):
        member = StaffMember.objects.select_for_update().get(id=member.id)
        if not member.otp_secret:
            raise WrongState("No authenticator is set up here.", now="none", allowed=[])
        member.otp_secret, member.otp_step = "", 0
        member.owes_second_factor, member.second_factor_reset_at = True, now
        member.save()
        recovery.drop_codes(member)
        AccessToken.objects.filter(staff=member, revoked_at__isnull=True).update(revoked_at=now)
        journal.record("second_factor_reset", actor=actor, now=now, after={"staff": str(member.id)})
    return member


def change_password(
    staff: StaffMember, *, old: str, new: str, otp: str | None = None, now: datetime
) -> StaffMember:
    """Another password of one's own: every token of the account is dead at once, and so is every session that
    knows the old one.

    Refuses with WrongCredentials unless `old` is the present one and `otp` the digits of now or a recovery
    code where an authenticator is set up, and with Invalid a new one that is unfit or the same. Digits are
    not used up by a password that is refused.
    """
    with transaction.atomic(durable=True):
        staff = StaffMember.objects.select_for_update().get(id=staff.id)
        if not check_password(old, staff.password):
            raise WrongCredentials
        if new == old:
            raise Invalid("new", "That is the present password.")
        set_password(staff, new, field="new")
        if staff.otp_secret:
            _check_second_factor(staff, otp, now=now)
        staff.save(update_fields=["password"])
        AccessToken.objects.filter(staff=staff, revoked_at__isnull=True).update(revoked_at=now)
        _record("password_changed", staff, now=now)
    return staff


def _check_second_factor(staff: StaffMember, otp: str | None, *, now: datetime) -> None:
    if not otp:
        raise OtpRequired
    step = second_factor.step_of(staff.otp_secret, otp, at=now)
    # Digits work once: whoever looked over a shoulder comes too late.
    fresh = step and StaffMember.objects.filter(id=staff.id, otp_step__lt=step).update(otp_step=step)
    if not fresh and not recovery.use_code(staff, otp, now=now):
        raise WrongCredentials


def _record(verb: str, staff: StaffMember, *, now: datetime) -> None:
    journal.record(verb, actor=staff_actor(staff), now=now, after={"staff": str(staff.id)})


def _digest(row: UUID, code: str) -> bytes:
    # Six digits alone could be found from their plain hash in a second.
    return hmac.digest(settings.SECRET_KEY.encode(), f"{row}:{code}".encode(), "sha256")


def _patient_behind(contact: str, details: Mapping[str, Any], *, now: datetime) -> Patient:
    fitting = [patient for patient in patients_of(contact) if _fits(patient, details)]
    exact = [patient for patient in fitting if _fits(patient, details, blanks=False)]
    if len(exact) == 1 or (not exact and len(fitting) == 1):
        return _completed((exact or fitting)[0], details, now=now)
    if fitting:
        raise Invalid(
            "birth_date", "Several people share this contact: say first_name, last_name and birth_date."
        )
    given = {name: details[name] for name in DETAILS if details.get(name)}
    patient = Patient(**{"email" if "@" in contact else "phone": contact}, **given)
    patient.save(force_insert=True)
    after = {**_told(given), ("email" if "@" in contact else "phone"): contact}
    journal.record("patient_added", actor=patient_actor(patient), now=now, patient=patient, after=after)
    return patient


def _fits(patient: Patient, details: Mapping[str, Any], *, blanks: bool = True) -> bool:
    """Whether the patient may be the person described; `blanks`: what is not known of them fits
    everything.
    """
    return all(
        (blanks and not getattr(patient, name)) or _same(getattr(patient, name), details[name])
        for name in _IDENTITY
        if details.get(name)
    )


def _same(known: Any, said: Any) -> bool:
    return str(known or "").strip().casefold() == str(said).strip().casefold()


def _completed(patient: Patient, details: Mapping[str, Any], *, now: datetime) -> Patient:
    """The patient with what was not known of them until now; what is known is changed by staff alone."""
    new = {name: details[name] for name in _IDENTITY if details.get(name) and not getattr(patient, name)}
    if new:
        patient = Patient.objects.select_for_update().get(id=patient.id)
        for name, value in new.items():
            setattr(patient, name, value)
        patient.version += 1
        patient.save()
        actor = patient_actor(patient)
        journal.record("patient_changed", actor=actor, now=now, patient=patient, after=_told(new))
    return patient


def _told(details: Mapping[str, Any]) -> dict[str, Any]:
    return {name: part.isoformat() if isinstance(part, date) else part for name, part in details.items()}
