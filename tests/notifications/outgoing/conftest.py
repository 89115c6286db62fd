"""Receivers, and a clinic that they listen to."""

import pytest

from notifications.outgoing.endpoints import add_endpoint
from tests.cast import NOW
from tests.notifications.outgoing.receiver import receiver


@pytest.fixture
def listener():
    """Another system on loopback that takes everything."""
    with receiver() as one:
        yield one


@pytest.fixture
def private_allowed(settings):
    settings.WEBHOOKS_ALLOW_PRIVATE = True


@pytest.fixture
def endpoint(transactional_db, cast, listener, private_allowed):
    """The listener, told of everything at NORTH."""
    return add_endpoint(cast.north, url=listener.url, actor=cast.as_manager, now=NOW)
