"""`load_demo`: once, through the real verbs, and only in a demo."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db.models import F
from django.test.utils import override_settings
from django.utils import timezone

from bookings.actors import SYSTEM
from bookings.commands.clinics import add_clinic
from bookings.commands.signing_in import sign_in_staff
from bookings.demo.clinics import PASSWORD
from bookings.models import (
    Clinic,
    Consent,
    JournalEntry,
    Patient,
    Series,
    Session,
    SessionStatus,
    StaffMember,
)
from bookings.proof import Excuse, prove
from tests.cast import make_clinic

PATIENTS = 16


def load(**options):
    said = StringIO()
    with override_settings(DEMO=True):
        call_command("load_demo", stdout=said, **options)
    return said.getvalue()


@pytest.fixture(scope="module")
def demo(django_db_setup, django_db_blocker):
    """A demo with few patients, for the tests of this page that only read."""
    with django_db_blocker.unblock():
        load(patients=PATIENTS)
        yield
        call_command("flush", interactive=False, verbosity=0)


@pytest.fixture
def loaded(demo, django_db_blocker):
    with django_db_blocker.unblock():
        yield


def test_two_clinics_in_two_time_zones_have_their_patients(loaded):
    zones = dict(Clinic.objects.values_list("slug", "time_zone"))
    assert zones == {"baltimore": "America/New_York", "phoenix": "America/Phoenix"}
    assert Patient.objects.count() == PATIENTS
    assert set(Series.objects.values_list("clinic__slug", flat=True)) == set(zones)


def test_nothing_in_the_diary_breaks_a_rule(loaded):
    found = prove(now=timezone.now())
    assert [finding for finding in found if finding.excuse is Excuse.NONE] == []


def test_the_past_is_over_and_the_future_is_booked(loaded):
    now = timezone.now()
    over = {SessionStatus.COMPLETED, SessionStatus.NO_SHOW, SessionStatus.CANCELLED}
    long_ago = Session.objects.filter(end__lt=now - timedelta(hours=1))
    to_come = Session.objects.filter(start__gt=now + timedelta(hours=1))
    ahead = {SessionStatus.BOOKED, SessionStatus.CONFIRMED, SessionStatus.REQUESTED, SessionStatus.CANCELLED}
    assert set(long_ago.values_list("status", flat=True)) <= over
    assert long_ago.filter(status=SessionStatus.COMPLETED).count() > PATIENTS
    assert set(to_come.values_list("status", flat=True)) <= ahead
    assert to_come.filter(status=SessionStatus.BOOKED).count() > PATIENTS


def test_the_journal_tells_of_every_session_in_the_order_in_which_things_happened(loaded):
    now = timezone.now()
    completed = Session.objects.filter(status=SessionStatus.COMPLETED)
    told = JournalEntry.objects.filter(verb="session_completed").values_list("session", flat=True)
    assert sorted(told) == sorted(completed.values_list("id", flat=True))
    times = list(JournalEntry.objects.order_by("id").values_list("at", flat=True))
    assert times == sorted(times)
    assert times[-1] <= now


@pytest.mark.parametrize(
    ("email", "role"),
    [
        ("desk@harbor.example", "front_desk"),
        ("nurse@harbor.example", "nurse"),
        ("prescriber@harbor.example", "prescriber"),
        ("manager@harbor.example", "manager"),
    ],
)
def test_one_member_of_staff_of_each_role_signs_in(loaded, email, role):
    token, _ = sign_in_staff(email, password=PASSWORD, now=timezone.now())
    assert (token.staff.role, token.staff.clinics.count()) == (role, 2)


def test_most_of_those_who_have_a_telephone_agreed_to_texts_in_their_language(loaded):
    with_phone = Patient.objects.exclude(phone="").count()
    agreed = Consent.objects.filter(purpose="texts", withdrawn_at=None, patient__phone__gt="")

    assert 0.7 * with_phone < agreed.count() < with_phone
    assert agreed.exclude(language=F("patient__language")).count() == 0


def test_a_second_run_changes_nothing(loaded):
    before = JournalEntry.objects.count(), Session.objects.count()
    assert load() == "The demo is here already.\n"
    assert (JournalEntry.objects.count(), Session.objects.count()) == before


def test_a_demo_to_which_people_have_added_is_left_as_it_is(loaded):
    added = make_clinic("elsewhere", time_zone="America/Chicago")
    try:
        assert load() == "The demo is here already.\n"
        assert Clinic.objects.count() == 3
    finally:
        added.delete()


@pytest.mark.django_db(transaction=True)
def test_a_run_that_was_cut_short_is_started_afresh():
    load(patients=1)
    manager = StaffMember.objects.get(role="manager")
    manager.set_unusable_password()  # what is done last has not been done
    manager.save()
    assert load(patients=2).startswith("An earlier run was cut short; starting afresh.\n")
    assert (Patient.objects.count(), Clinic.objects.count()) == (2, 2)


@pytest.mark.django_db
def test_an_installation_that_is_not_a_demo_refuses():
    with override_settings(DEMO=False), pytest.raises(CommandError, match="is not one"):
        call_command("load_demo")
    assert StaffMember.objects.count() == 0


@pytest.mark.django_db
def test_a_database_with_somebody_elses_clinic_refuses_and_keeps_it():
    details = {"slug": "elsewhere", "name": "Elsewhere", "time_zone": "America/Chicago"}
    add_clinic(details=details, actor=SYSTEM, now=timezone.now())
    with pytest.raises(CommandError, match=r"elsewhere\. Nothing was changed"):
        load()
    assert list(Clinic.objects.values_list("slug", flat=True)) == ["elsewhere"]
