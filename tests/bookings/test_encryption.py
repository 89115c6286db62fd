"""The most sensitive columns: nobody reads them in the database, and keys change while the service runs."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.conf import LazySettings
from django.core.checks import run_checks
from django.core.management import call_command
from django.db import connection

from bookings.encryption import Undecipherable, derived_key
from bookings.management.commands import rotate_keys
from bookings.models import StaffMember
from tests.cast import Cast

pytestmark = pytest.mark.django_db(transaction=True)

SECRET = "JBSWY3DPEHPK3PXP"
OLD, NEW, OTHER = (Fernet.generate_key().decode() for _ in range(3))


def kept(staff: StaffMember) -> str:
    """What the database has."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT otp_secret FROM bookings_staffmember WHERE id = %s", [staff.id])
        return str(cursor.fetchone()[0])


def put(staff: StaffMember, text: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE bookings_staffmember SET otp_secret = %s WHERE id = %s", [text, staff.id])


def secret_of(staff: StaffMember) -> str:
    return StaffMember.objects.get(id=staff.id).otp_secret


def set_secret(staff: StaffMember) -> None:
    StaffMember.objects.filter(id=staff.id).update(otp_secret=SECRET)


def rotate(**options: Any) -> tuple[int, str]:
    """The exit code, and what it says of the secrets of staff."""
    out, code = StringIO(), 0
    try:
        call_command("rotate_keys", stdout=out, **options)
    except SystemExit as ended:
        code = int(ended.code or 0)
    said = dict(line.split(": ") for line in out.getvalue().splitlines())
    return code, said["StaffMember.otp_secret"]


def test_what_is_encrypted_is_known():
    assert {f"{model.__name__}.{field}" for model, field in rotate_keys.encrypted_columns()} == {
        "StaffMember.otp_secret",
        "Decision.reason",
        "WebhookEndpoint.secret",
        "WebhookEndpoint.old_secret",
    }


def test_it_is_read_as_it_was_written_and_the_database_cannot(cast: Cast):
    set_secret(cast.desk)

    assert secret_of(cast.desk) == SECRET
    assert SECRET not in kept(cast.desk)
    assert kept(cast.desk).startswith("enc1:")
    assert kept(cast.ana) == ""


def test_a_wrong_key_opens_nothing_and_says_nothing(cast: Cast, settings: LazySettings):
    settings.FIELD_KEYS = [OLD]
    set_secret(cast.desk)
    settings.FIELD_KEYS = [OTHER]

    with pytest.raises(Undecipherable) as refused:
        secret_of(cast.desk)

    assert kept(cast.desk) not in str(refused.value)
    assert rotate() == (1, "0 done, 1 under an unknown key.")


def test_keys_are_rotated_from_any_state(cast: Cast, settings: LazySettings):
    put(cast.desk, SECRET)  # from before there was encryption
    set_secret(cast.ana)  # under the key that follows from SECRET_KEY
    settings.FIELD_KEYS = [OLD]
    set_secret(cast.ben)
    settings.FIELD_KEYS = [NEW, OLD, derived_key(settings.SECRET_KEY)]
    set_secret(cast.cy)
    everybody = (cast.desk, cast.ana, cast.ben, cast.cy)

    assert [secret_of(one) for one in everybody] == [SECRET] * 4
    assert rotate(dry_run=True) == (0, "3 to be done, 0 under an unknown key.")
    assert rotate() == (0, "3 done, 0 under an unknown key.")
    assert rotate() == (0, "0 done, 0 under an unknown key.")
    settings.FIELD_KEYS = [NEW]
    assert [secret_of(one) for one in everybody] == [SECRET] * 4


def test_it_goes_on_where_it_was_stopped(cast: Cast, settings: LazySettings, monkeypatch):
    monkeypatch.setattr(rotate_keys, "_AT_A_TIME", 1)
    everybody = (cast.desk, cast.ana, cast.ben)
    settings.FIELD_KEYS = [OLD]
    for one in everybody:
        set_secret(one)
    settings.FIELD_KEYS = [NEW, OLD]
    (_model, _field), *_ = [one for one in rotate_keys.encrypted_columns() if one[1] == "otp_secret"]
    key, value = next(iter(rotate_keys._kept(_model, _field)))
    rotate_keys._replaced(_model, _field, key, value)  # and then the process died

    assert rotate() == (0, "2 done, 0 under an unknown key.")
    settings.FIELD_KEYS = [NEW]
    assert [secret_of(one) for one in everybody] == [SECRET] * 3


def test_what_the_service_writes_meanwhile_stays(cast: Cast, settings: LazySettings):
    put(cast.desk, "OLDSECRET")
    settings.FIELD_KEYS = [NEW]
    set_secret(cast.desk)

    assert rotate_keys._replaced(StaffMember, "otp_secret", cast.desk.id, "OLDSECRET") == 0
    assert secret_of(cast.desk) == SECRET


def test_an_older_version_beside_can_read_until_it_is_gone(cast: Cast, settings: LazySettings):
    settings.WRITE_ENCRYPTED = False
    set_secret(cast.desk)

    assert (kept(cast.desk), secret_of(cast.desk)) == (SECRET, SECRET)


@pytest.mark.parametrize(
    ("keys", "minds"), [([], ["cadence.W001"]), (["no key"], ["cadence.E001"]), ([NEW], [])]
)
def test_the_check_before_deploying_minds(settings: LazySettings, keys: list[str], minds: list[str]):
    settings.FIELD_KEYS = keys

    found = run_checks(include_deployment_checks=True)

    assert [one.id for one in found if str(one.id).startswith("cadence.")] == minds
