"""What a practice offers, for people who have not chosen yet."""

from __future__ import annotations

from bookings.models import Clinic, Protocol, ProtocolVersion
from bookings.queries.protocols import in_effect, protocols


def catalogue() -> list[tuple[Clinic, list[tuple[Protocol, ProtocolVersion]]]]:
    """Every clinic that offers something, with its treatments and their versions in effect. Three queries."""
    offered: dict[Clinic, list[tuple[Protocol, ProtocolVersion]]] = {}
    for protocol in protocols(signed_only=True).order_by("slug"):
        version = in_effect(protocol)
        assert version is not None  # as asked
        for clinic in protocol.clinics.all():
            offered.setdefault(clinic, []).append((protocol, version))
    return sorted(offered.items(), key=lambda pair: pair[0].name)
