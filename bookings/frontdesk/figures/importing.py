"""A file of patients and visits to come: looked at first, taken when the same file is uploaded again.

The file is not kept between the two: its digest is. What is taken goes through the commands that pages and
the API use, a series whole or not at all.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from bookings.commands.book import book_series
from bookings.commands.importing import begin_import, end_import, go_on_importing, record_imported
from bookings.commands.patients import add_patient
from bookings.errors import Busy, Refused
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
    is_whole: bool


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
    taken = _Import(file, desk).take()
    if not taken.is_whole:
        said = _("Another import has begun meanwhile, so this one stopped. Look at the file once more.")
        return files_page(request, desk, taken=taken, wrong=said, status=409)
    return files_page(request, desk, taken=taken)


def _looked_at(request: HttpRequest, desk: Desk, file: ImportFile, **about: Any) -> HttpResponse:
    foreseen = foresee(file, clinic=desk.clinic, actor=desk.actor, now=desk.now)
    visits = sum(len(course.starts) for course in foreseen.books)
    return files_page(request, desk, file=file, foreseen=foreseen, visits=visits, **about)


class _Import:
    """A file that is taken over, step by step: before each the clock is read, and whether this is still the
    one import at the clinic.
    """

    def __init__(self, file: ImportFile, desk: Desk) -> None:
        self._file, self._desk = file, desk
        self._begun = begin_import(desk.clinic, digest=file.digest, now=desk.now)
        self.patients = self.series = self.there = 0
        self.refusals: list[Refusal] = []

    def take(self) -> Taken:
        """All of it, or as much as was taken when another import took this one for cut off."""
        desk, is_whole = self._desk, True
        try:
            foreseen = foresee(self._file, clinic=desk.clinic, actor=desk.actor, now=desk.now)
            self.refusals += foreseen.refusals
            self.there = len(foreseen.there)
            self._book(foreseen, self._add(foreseen))
        except _Overtaken:
            is_whole = False
        finally:
            end_import(
                desk.clinic,
                begun=self._begun,
                digest=self._file.digest,
                patients=self.patients,
                series=self.series,
                refused=len(self.refusals),
                actor=desk.actor,
                now=timezone.now(),
            )
        ordered = tuple(sorted(self.refusals, key=lambda one: one.line))
        return Taken(self.patients, self.series, self.there, ordered, is_whole)

    def _add(self, foreseen: Foreseen) -> dict[Any, Any]:
        known = dict(foreseen.known)
        for key, person in foreseen.new.items():
            known[key] = add_patient(details=asdict(person), actor=self._desk.actor, now=self._next())
            self.patients += 1
        return known

    def _book(self, foreseen: Foreseen, known: dict[Any, Any]) -> None:
        desk = self._desk
        protocols = {one.slug: one for one in Protocol.objects.filter(clinics=desk.clinic)}
        for course in foreseen.books:
            now = self._next()
            try:
                series = book_series(
                    known[course.person],
                    clinic=desk.clinic,
                    protocol=protocols[course.protocol],
                    phase=course.phase or None,
                    starts=[instant(start) for start in course.starts],
                    actor=desk.actor,
                    now=now,
                )
            except Refused as refusal:  # somebody was quicker
                self.refusals += by_line(course, refusal)
                continue
            self.series += 1
            record_imported(
                series,
                fingerprint=course.fingerprint,
                digest=self._file.digest,
                lines=course.lines,
                actor=desk.actor,
                now=now,
            )

    def _next(self) -> datetime:
        now = timezone.now()
        try:
            go_on_importing(self._begun, now=now)
        except Busy as busy:
            raise _Overtaken from busy
        return now


class _Overtaken(Exception):
    """Another import has begun in this one's place."""
