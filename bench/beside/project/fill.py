"""Twelve members of staff as chairs, one service of 150 minutes, and the measured days as appointments.

Reads {"days": [{"date", "taken": [{"chair", "starts"}]}], "clients": n} from standard input; writes the ids
and the session keys that the measurement needs to standard output.
"""

import json
import os
import sys
from datetime import datetime, time, timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
django.setup()

from appointment.models import Appointment, AppointmentRequest, Service, StaffMember, WorkingHours  # noqa: E402
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402
from django.contrib.auth.models import User  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402

VISIT, OPENS, CLOSES = timedelta(minutes=150), time(8), time(17)


def main() -> None:
    asked = json.load(sys.stdin)
    service = Service.objects.create(name="Visit", duration=VISIT, price=0, use_service_duration_as_slot=True)
    staff = [_chair(number, service) for number in range(1, 13)]
    clients = [_client(number) for number in range(asked["clients"])]
    for day in asked["days"]:
        for taken in day["taken"]:
            start = datetime.fromisoformat(f"{day['date']}T{taken['starts']}")
            _appointment(service, staff[taken["chair"] - 1], start, clients[0])
    sessions = [_sign_in(one) for one in clients]
    json.dump({"service": service.id, "staff": [one.id for one in staff], "sessions": sessions}, sys.stdout)


def _chair(number: int, service: Service) -> StaffMember:
    name = f"chair{number}"
    user = User.objects.create(username=name, first_name=name, email=f"{name}@bench.example")
    member = StaffMember.objects.create(user=user, slot_duration=15, lead_time=OPENS, finish_time=CLOSES)
    member.services_offered.add(service)
    for weekday in range(1, 6):
        WorkingHours.objects.create(
            staff_member=member, day_of_week=weekday, start_time=OPENS, end_time=CLOSES
        )
    return member


def _client(number: int) -> User:
    name = f"client{number}"
    return User.objects.create(username=name, first_name="Bench", email=f"{name}@bench.example")


def _appointment(service: Service, member: StaffMember, start: datetime, client: User) -> None:
    asked = AppointmentRequest.objects.create(
        date=start.date(),
        start_time=start.time(),
        end_time=(start + VISIT).time(),
        service=service,
        staff_member=member,
    )
    Appointment.objects.create(client=client, appointment_request=asked, phone="+12025550100", address="-")


def _sign_in(user: User) -> str:
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return session.session_key


main()
