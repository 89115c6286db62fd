"""Protocols with the version that is in effect and the one that waits for a signature."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.db.models import Count, Prefetch, QuerySet

from bookings.models import Clinic, Protocol, ProtocolVersion, Series, SeriesStatus


def protocols(*, clinic: Clinic | None = None, signed_only: bool) -> QuerySet[Protocol]:
    """Protocols, of one clinic or of all, ready to be shown: three queries, whatever their number.

    `signed_only` leaves out those of which no version is in effect.
    """
    rows = Protocol.objects.prefetch_related(
        Prefetch("versions", ProtocolVersion.objects.select_related("signed_by").order_by("-version")),
        Prefetch("clinics", Clinic.objects.order_by("slug")),
    )
    if clinic is not None:
        rows = rows.filter(clinics=clinic)
    if signed_only:
        rows = rows.filter(versions__signed_at__isnull=False).distinct()
    return rows


def in_effect(protocol: Protocol) -> ProtocolVersion | None:
    """The latest signed version. No query where the versions are prefetched, newest first."""
    return next((version for version in protocol.versions.all() if version.signed_at is not None), None)


def waiting(protocol: Protocol) -> ProtocolVersion | None:
    """The latest version, where it waits for a signature. No query where the versions are prefetched."""
    latest = next(iter(protocol.versions.all()), None)
    return latest if latest is not None and latest.signed_at is None else None


def under_way(protocol: Protocol, clinics: Collection[UUID]) -> dict[int, int]:
    """For each version how many series at those clinics go on under it; versions with none are left out. One
    query.
    """
    going = (SeriesStatus.REQUESTED, SeriesStatus.ACTIVE, SeriesStatus.LAPSED)
    series = Series.objects.filter(
        protocol_version__protocol=protocol, clinic__in=clinics, status__in=going
    ).order_by()
    counted = series.values_list("protocol_version__version").annotate(count=Count("id"))
    return dict(sorted(counted))
