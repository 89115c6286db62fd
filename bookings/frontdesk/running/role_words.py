"""What roles are called, in the reader's language."""

from django.utils.translation import gettext_lazy

from bookings.models import Role

ROLE_WORDS = {
    Role.FRONT_DESK: gettext_lazy("Front desk"),
    Role.NURSE: gettext_lazy("Nurse"),
    Role.PRESCRIBER: gettext_lazy("Prescriber"),
    Role.MANAGER: gettext_lazy("Manager"),
}
