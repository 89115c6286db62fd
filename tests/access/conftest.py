"""One world for each test, by a clock that stands still, and without the lines of thousands of requests."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
from django.test import Client

from tests.access.world import World, make_world
from tests.api.conftest import Clock, _fresh_counts, clock, worker_id
from tests.cast import Cast
from tests.patient.conftest import signed_in

__all__ = ["_fresh_counts", "clock", "worker_id"]


@pytest.fixture
def world(cast: Cast, clock: Clock) -> World:
    return make_world(cast)


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture
def ada_signed_in(world: World) -> Client:
    """The patient's own browser."""
    return signed_in(world.cast.ada)


@pytest.fixture
def bea_signed_in(world: World) -> Client:
    """Another patient's."""
    return signed_in(world.cast.bea)
