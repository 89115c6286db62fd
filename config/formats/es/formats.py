"""How dates are written in Spanish: months begin with a small letter inside a sentence.

Django's `M` begins the short name of a month with a capital in every language; its `b` does not.
"""


def __getattr__(name: str) -> str:
    """Asked for by Django with each format that a page names, such as `D j M`."""
    if "_" in name or "M" not in name:  # a setting such as DATE_FORMAT, or nothing to change
        raise AttributeError(name)
    return name.replace("M", "b")
