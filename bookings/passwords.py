"""A password of a member of staff, kept when it is fit to be one."""

from __future__ import annotations

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from bookings.errors import Invalid
from bookings.models import StaffMember


def set_password(member: StaffMember, password: str | None, *, field: str = "password") -> None:
    """The member's password from the next save on; None: no password fits. Refuses with Invalid, at that
    field, one that is short, common, like their name, or known from a breach.
    """
    if password is not None:
        try:
            validate_password(password, user=member)
        except ValidationError as error:
            raise Invalid(field, " ".join(error.messages)) from None
    member.set_password(password)
