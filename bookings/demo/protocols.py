"""Six treatments as data, with the source of every clinical number.

A number without a source is marked "our default": no published value was found, so a clinic decides. They
show how treatments are described here. They are no medical advice, and every clinic edits its own.
"""

from __future__ import annotations

from typing import Any

from bookings.demo.depression import ESKETAMINE, KETAMINE_IV
from bookings.demo.drips import FERRIC_CARBOXYMALTOSE, INFLIXIMAB
from bookings.demo.pain import KETAMINE_PAIN, LIDOCAINE

#: Every treatment of the demo, and the slugs of the clinics that offer it.
PROTOCOLS: list[tuple[dict[str, Any], tuple[str, ...]]] = [
    (KETAMINE_IV, ("baltimore", "phoenix")),
    (ESKETAMINE, ("baltimore", "phoenix")),
    (FERRIC_CARBOXYMALTOSE, ("baltimore", "phoenix")),
    (INFLIXIMAB, ("baltimore",)),
    (LIDOCAINE, ("baltimore",)),
    (KETAMINE_PAIN, ("baltimore",)),
]
