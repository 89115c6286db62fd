"""What tests of words have in common: contents of every kind, as the core would make them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from notifications.content import Appointment, Content, Voice
from notifications.kinds import Basis, Kind

HARBOR = Voice(
    name="Harbor Clinic",
    zone=ZoneInfo("America/New_York"),
    phone="+1 202-555-0100",
    address="1 Harbor Street",
)
#: As long as a clinic's names and addresses get.
LONG = Voice(
    name="Saint Maximilian Northwestern Regional Outpatient Center",
    zone=ZoneInfo("America/Argentina/Buenos_Aires"),
    phone="+1 (202) 555-0100 x1234",
    address="12345 North Martin Luther King Junior Boulevard, Suite 1200",
)
VISIT_LINK = "https://appointments.harbor-health.example/v/AbCdEf123456"
CHOICES_LINK = "https://appointments.harbor-health.example/messages/sOmE-sIgNeD-vAlUe"
SIX = [datetime(2026, 4, day, 14, tzinfo=UTC) for day in (6, 9, 13, 16, 20, 23)]
CANCELLED = frozenset({Kind.CANCELLATION, Kind.SERIES_CANCELLATION})
NAMELESS = frozenset({Kind.LOGIN_CODE, Kind.LOGIN_LINK})


def visit(start: datetime, *, number: int = 1, kind: Kind = Kind.REMINDER, **more) -> Appointment:
    return Appointment(
        session=f"01920000-0000-7000-8000-{number:012}",
        kind=kind,
        start=start,
        end=start + timedelta(minutes=130),
        number=number,
        of=6,
        cancelled=kind in CANCELLED,
        **more,
    )


def content_of(kind: Kind, *, language: str = "en", clinic: Voice = HARBOR, visits: int = 1) -> Content:
    """A message of that kind about the first visits of six, with all that it may carry."""
    if kind in NAMELESS:
        code = "314159" if kind == Kind.LOGIN_CODE else ""
        link = "" if code else "https://appointments.harbor-health.example/l/AbCdEf123456"
        return Content(kinds=(kind,), language=language, first_name="Ada", code=code, link=link)
    appointments = tuple(visit(start, number=n, kind=kind) for n, start in enumerate(SIX[:visits], 1))
    if kind in (Kind.CHANGE, Kind.PROPOSAL):
        appointments = tuple(
            replace(each, before=each.start - timedelta(hours=18), sequence=1) for each in appointments
        )
    if kind == Kind.PREPARATION:
        appointments = tuple(prepared(each) for each in appointments)
    return Content(
        kinds=(kind,),
        language=language,
        clinic=clinic,
        first_name="Ada",
        appointments=appointments,
        link=VISIT_LINK,
        preferences_link=CHOICES_LINK,
        minutes_late=25 if kind == Kind.RUNNING_LATE else None,
        days_before=1 if kind in (Kind.REMINDER, Kind.PREPARATION) else None,
    )


def prepared(appointment: Appointment) -> Appointment:
    """With all that there is to say about the day."""
    return replace(
        appointment,
        solids_until=appointment.start - timedelta(hours=8),
        fluids_until=appointment.start - timedelta(hours=2),
        driving_from=appointment.end + timedelta(hours=24),
        own_words="Please wear loose sleeves.",
        needs_escort=True,
        escort_name="Eve",
    )


def exempt(content: Content) -> Content:
    return replace(content, basis=Basis.EXEMPTION)
