"""What every test may count on: real servers (see tests/servers.py), and quick password hashes."""

import pytest
from django.test import TransactionTestCase
from django.test.utils import override_settings

from tests import database
from tests.cast import cast, kept_cast  # noqa: F401  fixtures for every room


@pytest.fixture(autouse=True, scope="session")
def _quick_password_hashes():
    # The real hash takes a third of a second by design, and no test here is about its strength.
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield


@pytest.fixture(autouse=True, scope="session")
def _quick_start():
    # Else every test client reads each file that a page could ask for, before its first request.
    with override_settings(WHITENOISE_AUTOREFRESH=True):
        yield


@pytest.fixture(autouse=True, scope="session")
def _quick_flush():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", database.empty)
        yield
