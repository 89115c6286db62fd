"""What others keep about a patient, in the form in which they answer `signals.record_asked`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Kept:
    """One part of a patient's record. `rows`: all of it, ready for JSON; `lines`: the latest of it in the
    reader's language, under `title`; a part without lines is in the file alone.
    """

    name: str
    rows: list[dict[str, Any]]
    title: str = ""
    lines: tuple[str, ...] = ()
