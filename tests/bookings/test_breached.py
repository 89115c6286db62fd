"""Passwords known from breaches, found in a file on this machine."""

from __future__ import annotations

from hashlib import sha1

import pytest
from django.test import override_settings

from bookings.breached import is_listed
from bookings.commands.staff import add_staff, change_staff
from bookings.errors import Invalid
from tests.cast import NOW

#: Long ones that Django's own list of twenty thousand does not have.
KNOWN = [f"correct horse battery {number}" for number in range(50)]
NEL = {"email": "nel.fox@north.example", "first_name": "Nel", "last_name": "Fox", "role": "nurse"}


def written(path, passwords, *, ends="\r\n"):
    digests = sorted(sha1(one.encode(), usedforsecurity=False).hexdigest().upper() for one in passwords)
    path.write_text("".join(f"{digest}:{number}{ends}" for number, digest in enumerate(digests, 3)))
    return path


@pytest.mark.parametrize("ends", ["\r\n", "\n"])
@pytest.mark.parametrize("count", [0, 1, 2, 3, 50])
def test_each_line_is_found_and_nothing_else(tmp_path, count, ends):
    listed = KNOWN[:count]
    file = written(tmp_path / "list.txt", listed, ends=ends)

    assert [one for one in KNOWN if is_listed(one, file)] == listed


def test_the_last_line_needs_no_end(tmp_path):
    file = written(tmp_path / "list.txt", KNOWN)
    file.write_bytes(file.read_bytes().rstrip())

    assert all(is_listed(one, file) for one in KNOWN)


@pytest.fixture
def with_a_list(tmp_path, settings):
    file = written(tmp_path / "list.txt", KNOWN)
    ours = {"NAME": "bookings.breached.BreachedPasswordValidator", "OPTIONS": {"file": str(file)}}
    with override_settings(AUTH_PASSWORD_VALIDATORS=[*settings.AUTH_PASSWORD_VALIDATORS, ours]):
        yield


def test_nobody_gets_a_password_of_the_list(cast, with_a_list):
    with pytest.raises(Invalid, match="known from a breach"):
        add_staff(details=NEL, clinics=[], password=KNOWN[7], actor=cast.as_manager, now=NOW)
    with pytest.raises(Invalid, match="known from a breach"):
        change_staff(cast.ana, changes={}, password=KNOWN[7], actor=cast.as_manager, now=NOW)


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("elevensigns", "too short"),
        ("1234567890123", "entirely numeric"),
        ("q1w2e3r4t5y6", "too common"),
        ("nel.fox@north", "too similar to the email"),
    ],
)
def test_what_django_refuses_is_refused_without_a_list(cast, password, why):
    """The list that ships is Django's, of the twenty thousand commonest."""
    with pytest.raises(Invalid, match=why):
        add_staff(details=NEL, clinics=[], password=password, actor=cast.as_manager, now=NOW)


def test_twelve_signs_that_nobody_knows_will_do(cast):
    member = add_staff(details=NEL, clinics=[], password="wq8 fen-moth", actor=cast.as_manager, now=NOW)

    assert member.check_password("wq8 fen-moth")
