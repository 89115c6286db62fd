"""A file of patients and visits to come: looked at first, taken when the same file is uploaded again.

The file is not kept between the two: its digest is. What is taken goes through the commands that pages and
the API use, a series whole or not at all.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from bookings.commands.book import book_series
from bookings.commands.importing import begin_import, end_import, record_imported
from bookings.commands.patients import add_patient
from bookings.errors import Refused
from bookings.frontdesk.access import Desk, desk
from bookings.frontdesk.figures.files import files_page
from bookings.frontdesk.figures.page import READERS
from bookings.import_files import MOST_BYTES, ImportFile, Refusal, read_file
from bookings.models import Protocol
from bookings.queries.imports import Foreseen, by_line, foresee
from scheduler.spans import instant


@dataclass(frozen=True)
class Taken:
    """What an import has brought."""

    patients: int
    series: int
    there: int
    refusals: tuple[Refusal, ...]


@require_POST
@desk(*READERS)
def upload(request: HttpRequest, desk: Desk) -> HttpResponse:
    """First what the file would bring, and each line that is refused; with the digest of a file that has been
    looked at, and that same file, it is taken.
    """
    sent = request.FILES.get("file")
    if sent is None or (sent.size or 0) > MOST_BYTES:
        return files_page(request, desk, wrong=_("Choose a file of up to a megabyte."), status=400)
    file = read_file(sent.read(), zone=desk.clinic.zone)
    seen = request.POST.get("digest", "")
    if seen and seen != file.digest:
        said = _("This is another file than the one you looked at. This is what it would bring.")
        return _looked_at(request, desk, file, wrong=said, status=409)
    if not seen:
        return _looked_at(request, desk, file)
    return files_page(request, desk, taken=_take(file, desk))


def _looked_at(request: HttpRequest, desk: Desk, file: ImportFile, **about: Any) -> HttpResponse:
    foreseen = foresee(file, clinic=desk.clinic, actor=desk.actor, now=desk.now)
    visits = sum(len(course.starts) for course in foreseen.books)
    return files_page(request, desk, file=file, foreseen=foreseen, visits=visits, **about)


def _take(file: ImportFile, desk: Desk) -> Taken:
    begin_import(desk.clinic, digest=file.digest, now=desk.now)
    patients = series = 0
    refusals: list[Refusal] = []
    try:
        foreseen = foresee(file, clinic=desk.clinic, actor=desk.actor, now=desk.now)
        refusals += foreseen.refusals
        known = dict(foreseen.known)
        for key, person in foreseen.new.items():
            known[key] = add_patient(details=asdict(person), actor=desk.actor, now=desk.now)
            patients += 1
        series = _book(foreseen, known, file, refusals, desk)
    finally:
        end_import(
            desk.clinic,
            digest=file.digest,
            patients=patients,
            series=series,
            refused=len(refusals),
            actor=desk.actor,
            now=desk.now,
        )
    ordered = tuple(sorted(refusals, key=lambda one: one.line))
    return Taken(patients, series, len(foreseen.there), ordered)


def _book(
    foreseen: Foreseen, known: dict[Any, Any], file: ImportFile, refusals: list[Refusal], desk: Desk
) -> int:
    protocols = {one.slug: one for one in Protocol.objects.filter(clinics=desk.clinic)}
    booked = 0
    for course in foreseen.books:
        try:
            series = book_series(
                known[course.person],
                clinic=desk.clinic,
                protocol=protocols[course.protocol],
                phase=course.phase or None,
                starts=[instant(start) for start in course.starts],
                actor=desk.actor,
                now=desk.now,
            )
        except Refused as refusal:  # somebody was quicker
            refusals += by_line(course, refusal)
            continue
        booked += 1
        record_imported(
            series,
            fingerprint=course.fingerprint,
            digest=file.digest,
            lines=course.lines,
            actor=desk.actor,
            now=desk.now,
        )
    return booked
