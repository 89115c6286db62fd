"""The time zones that a person or a clinic can be in."""

import zoneinfo
from functools import cache


@cache  # a walk through some 600 files, which a form or a line of an import must not wait for
def zone_names() -> frozenset[str]:
    """The IANA names that this machine knows, without those that mean "as the machine is set"."""
    return frozenset(zoneinfo.available_timezones() - {"localtime", "Factory"})
