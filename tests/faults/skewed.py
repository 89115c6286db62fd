"""Another clock for this process: import and `set` it before anything else reads the time."""

from __future__ import annotations

import datetime as library
import time

_real, _real_time = library.datetime, time.time


class _Kind(type):
    def __instancecheck__(cls, value: object) -> bool:
        return isinstance(value, _real)

    def __subclasscheck__(cls, kind: type) -> bool:
        return issubclass(kind, _real)


def set(seconds: float) -> None:  # noqa: A001
    """From now on the clock of this process, and of those that it forks, is so many seconds ahead."""
    ahead = library.timedelta(seconds=seconds)

    class Skewed(_real, metaclass=_Kind):
        """Tells another time, and makes times that are of the library's own kind."""

        def __new__(cls, *parts, **named):
            return _real(*parts, **named)

        @classmethod
        def now(cls, tz=None):
            return _real.now(tz) + ahead

        @classmethod
        def utcnow(cls):
            return _real.utcnow() + ahead

    library.datetime = Skewed
    time.time = lambda: _real_time() + seconds
