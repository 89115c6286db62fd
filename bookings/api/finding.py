"""From the ids and slugs of an address or a body to the things themselves; whatever is not there is 404."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TypeVar
from uuid import UUID

from django.db.models import Model, Q, QuerySet

from bookings.actors import Actor
from bookings.api.problems import invalid
from bookings.bodies.slugs import is_id
from bookings.errors import NotFound
from bookings.models import Clinic, Protocol

Row = TypeVar("Row", bound=Model)

_SLUG = re.compile(r"[a-zA-Z0-9_-]{1,50}", re.ASCII)


def clinic_of(key: str) -> Clinic:
    """The clinic with this id or slug. One query."""
    return the(Clinic.objects.filter(_named(key)), "clinic")


def own_clinic_of(key: str, actor: Actor) -> Clinic:
    """The clinic with this id or slug, for somebody who works there; for others there is none. One query."""
    return the(Clinic.objects.filter(_named(key), id__in=actor.clinics), "clinic")


def own_clinics_of(keys: Iterable[str] | None, actor: Actor) -> list[Clinic]:
    """The clinics of those ids and slugs, at each of which the actor works; all of theirs for None."""
    if keys is None:
        return list(Clinic.objects.filter(id__in=actor.clinics))
    found = []
    for place, key in enumerate(keys):
        try:
            found.append(own_clinic_of(key, actor))
        except NotFound:
            raise invalid(f"clinics.{place}", "You work at no such clinic.") from None
    return found


def protocol_of(key: str, rows: QuerySet[Protocol] | None = None) -> Protocol:
    """The protocol with this id or slug. One query, and those of the prefetches of `rows`."""
    return the((Protocol.objects.all() if rows is None else rows).filter(_named(key)), "protocol")


def the(rows: QuerySet[Row], word: str) -> Row:
    """The only row. Refuses with NotFound when there is none."""
    found = rows.first()
    if found is None:
        raise NotFound(f"There is no such {word}.")
    return found


def _named(key: str) -> Q:
    if is_id(key):
        return Q(id=UUID(key))
    return Q(slug=key) if _SLUG.fullmatch(key) else Q(pk__in=())
