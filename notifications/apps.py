"""Listens to `bookings`, which does not know that somebody does."""

from __future__ import annotations

from collections.abc import Set
from typing import TYPE_CHECKING, Any

from django.apps import AppConfig
from django.conf import settings
from django.utils import timezone

if TYPE_CHECKING:
    from datetime import datetime

    from bookings.kept import Kept
    from bookings.models import Patient


class NotificationsConfig(AppConfig):
    """What patients are told, and when."""

    name = "notifications"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from bookings import signals
        from notifications import desk_reasons

        signals.journal_written.connect(_journal_written, dispatch_uid="notifications.react")
        signals.login_code_issued.connect(_login_code_issued, dispatch_uid="notifications.login_code")
        signals.sign_in_link_issued.connect(_sign_in_link_issued, dispatch_uid="notifications.sign_in_link")
        signals.record_asked.connect(_record_asked, dispatch_uid="notifications.record")
        signals.patient_erased.connect(_patient_erased, dispatch_uid="notifications.erase")
        desk_reasons.make_known()
        if settings.EMAIL_PROVIDER:
            from notifications import mail_in

            mail_in.listen()


def _journal_written(sender: object, *, verbs: Set[str], **_: Any) -> None:
    from bookings.nudging import nudge
    from notifications.outgoing.events import TOLD
    from notifications.policy import HEARD

    if not (HEARD | TOLD.keys()).isdisjoint(verbs):
        nudge("notifications.tasks.react_to_journal")


def _record_asked(sender: object, *, patient: Patient, **_: Any) -> list[Kept]:
    from notifications.record import kept_about

    return kept_about(patient)


def _patient_erased(sender: object, *, patient: Patient, now: datetime, **_: Any) -> None:
    from notifications.commands.forgetting import forget_patient

    forget_patient(patient, now=now)


def _login_code_issued(sender: object, *, contact: str, code: str, language: str, **_: Any) -> None:
    from bookings.nudging import nudge
    from notifications.commands.say import announce_code

    message = announce_code(contact, code=code, language=language, now=timezone.now())  # noqa: TID251  a door
    nudge("notifications.tasks.send_message", str(message.id))


def _sign_in_link_issued(
    sender: object, *, contact: str, token: str, name: str, language: str, **_: Any
) -> None:
    from bookings.nudging import nudge
    from notifications.commands.say import announce_link

    now = timezone.now()  # noqa: TID251  a door
    message = announce_link(contact, token=token, name=name, language=language, now=now)
    nudge("notifications.tasks.send_message", str(message.id))
