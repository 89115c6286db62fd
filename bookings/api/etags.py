"""ETags: the version of a thing, so that nobody overwrites what they have not seen.

A tag is `"<version>-<check>"`. `If-Match` looks at the version alone, which rises with every change of the
thing; the check sums up the answer's bytes, so that `If-None-Match` is right too for what changes with time
or with the reader, such as the verbs that are allowed.
"""

from __future__ import annotations

import re
from typing import Any
from zlib import crc32

import orjson
from rest_framework.request import Request
from rest_framework.response import Response

from bookings.errors import Stale

_TAG = re.compile(r'(?:W/)?"?(\d{1,9})(?:-[0-9a-f]{8})?(?:-[a-z]+)?"?')


def tagged(request: Request, data: Any, *, version: int, status: int = 200) -> Response:
    """The answer with its ETag; to a GET whose `If-None-Match` names that tag, 304 without a body."""
    tag = f'"{version}-{crc32(orjson.dumps(data, default=str)):08x}"'
    if request.method in ("GET", "HEAD") and tag in _tags(request.headers.get("If-None-Match", "")):
        return Response(status=304, headers={"ETag": tag})
    return Response(data, status=status, headers={"ETag": tag})


def expected_version(request: Request, current: int) -> int | None:
    """The version that the caller's `If-Match` names, for a command to compare again under its lock.

    None where the caller set no condition. Raises Stale (412) when the thing has another version now. A proxy
    that compresses answers weakens their tags; such a tag is taken for what it was.
    """
    header = request.headers.get("If-Match")
    if header is None or header.strip() == "*":
        return None
    versions = {int(found[1]) for tag in _tags(header) if (found := _TAG.fullmatch(tag))}
    if current not in versions:
        raise Stale(version=current)
    return current


def _tags(header: str) -> list[str]:
    return [tag.strip().removeprefix("W/") for tag in header.split(",")]
