"""Where the nudges of a test's own process go."""

from collections.abc import Iterator
from contextlib import contextmanager

from celery import current_app


@contextmanager
def broker_at(url: str) -> Iterator[None]:
    """Tasks that this process sends go to that broker as long as the block lasts."""
    _switch(url)
    try:
        yield
    finally:
        _switch(None)


def _switch(url: str | None) -> None:
    current_app.conf.broker_write_url = url
    current_app._after_fork()  # forgets its open connections, which a closed pool would not
