"""What was typed into a browser and never booked is forgotten with its session."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session

from bookings.tasks import forget_ended_sessions


@pytest.mark.django_db
def test_sessions_that_have_ended_are_forgotten_and_others_are_not():
    now, kept = datetime.now(UTC), []
    for ends in (timedelta(seconds=-1), timedelta(minutes=1)):
        store = SessionStore()
        store["person"] = {"first_name": "Ada"}
        store.create()
        Session.objects.filter(session_key=store.session_key).update(expire_date=now + ends)
        kept.append(store.session_key)

    forget_ended_sessions()

    assert list(Session.objects.values_list("session_key", flat=True)) == kept[1:]
