"""Stories go through the doors, at a clock that stands still until the story moves it."""

from tests.api.conftest import _fresh_counts, clock, worker_id

__all__ = ["_fresh_counts", "clock", "worker_id"]
