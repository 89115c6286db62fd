"""What every test may count on: real servers (see tests/servers.py), and quick password hashes."""

import pytest
from django.test.utils import override_settings

from tests.cast import cast  # noqa: F401  a fixture for every room


@pytest.fixture(autouse=True, scope="session")
def _quick_password_hashes():
    # The real hash takes a third of a second by design, and no test here is about its strength.
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield
