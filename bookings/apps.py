from django.apps import AppConfig


class BookingsConfig(AppConfig):
    """The diary: what is booked, by whom, under which rules."""

    name = "bookings"
    default_auto_field = "django.db.models.BigAutoField"
