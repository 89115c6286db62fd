"""Files that are sent to us: one page takes them, small ones, and nothing ever lies on a disk."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import RequestDataTooBig, SuspiciousFileOperation
from django.core.files.uploadhandler import MemoryFileUploadHandler

from bookings.import_files import MOST_BYTES

#: The pages that take a file, by the names of their addresses.
DOORS = frozenset({"desk-import"})
#: With what else a form has around the file.
MOST = MOST_BYTES + 100_000


class SmallFiles(MemoryFileUploadHandler):
    """Takes a file into memory where it is meant to come, and ends the request otherwise."""

    def handle_raw_input(self, input_data: Any, META: Any, content_length: int, *args: Any) -> None:  # noqa: N803
        if content_length > MOST:
            raise RequestDataTooBig("The request is too large.")
        self.activated = True
        self._taken = 0

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        match = self.request.resolver_match if self.request else None
        if match is None or match.view_name not in DOORS:
            raise SuspiciousFileOperation("No file is taken here.")
        super().new_file(*args, **kwargs)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        self._taken += len(raw_data)
        if self._taken > MOST:  # whatever length was announced
            raise RequestDataTooBig("The request is too large.")
        return super().receive_data_chunk(raw_data, start)
