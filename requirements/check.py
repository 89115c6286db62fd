"""What stands in the requirements, judged without a network: `make lint` runs it.

Every package is pinned to a version with digests; none is among those of `refused.txt`; and the environment
that runs this has the versions that are pinned. It says when the last look at the advisories was long ago,
and does not fail for that: what was sound when it was tagged can be built again.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

HERE = Path(__file__).resolve().parent
LOOK_AGAIN = timedelta(days=35)
_PINNED = re.compile(r"^(?P<name>[a-z0-9][a-z0-9._-]*)(\[.*\])?==(?P<version>[^ ;\\]+)")
_REVIEWED = re.compile(r"^# Reviewed: (\d{4}-\d\d-\d\d)", re.MULTILINE)


def pins(text: str) -> Iterator[tuple[str, str, int]]:
    """Each package of a compiled file, its version, and how many digests it has. Raises ValueError for a line
    that pins nothing.
    """
    for block in re.split(r"\n(?=[^ \n])", text.strip()):
        if block.startswith("#") or not block:
            continue
        found = _PINNED.match(block)
        if found is None:
            raise ValueError(f"not pinned: {block.splitlines()[0]}")
        yield found["name"], found["version"], block.count("--hash=sha256:")


def refusals(text: str) -> list[tuple[Requirement, str]]:
    """The lines of `refused.txt`: versions that must not be used, and why."""
    lines = (line.split("#", 1)[0].strip() for line in text.splitlines())
    return [(Requirement(what), why) for what, _, why in (line.partition("  ") for line in lines if line)]


def faults(name: str, version: str, digests: int, refused: list[tuple[Requirement, str]]) -> Iterator[str]:
    """What is wrong with one pinned package."""
    if not digests:
        yield f"{name} {version} has no digest"
    for what, why in refused:
        if canonicalize_name(what.name) == canonicalize_name(name) and Version(version) in what.specifier:
            yield f"{name} {version} is refused: {why.strip()}"


def other_than_pinned(text: str) -> Iterator[str]:
    """What is installed here in none of the versions that this file pins for one Python or another."""
    pinned: dict[str, set[Version]] = {}
    for name, version, _ in pins(text):
        pinned.setdefault(name, set()).add(Version(version))
    for name, versions in pinned.items():
        try:
            here = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue  # a marker leaves it out
        if Version(here) not in versions:
            yield f"{name} {here} is installed, {max(versions)} is pinned: make again"


def main() -> int:
    """1 when something is wrong, each fault on a line."""
    text = (HERE / "refused.txt").read_text()
    refused, found = refusals(text), []
    for path in sorted(HERE.glob("*.txt")):
        if path.name not in ("npm.txt", "refused.txt"):
            for name, version, digests in pins(path.read_text()):
                found += [f"{path.name}: {fault}" for fault in faults(name, version, digests, refused)]
    found += other_than_pinned((HERE / "base.txt").read_text())
    sys.stderr.writelines(f"requirements/{fault}\n" for fault in found)
    reviewed = _REVIEWED.search(text)
    today = datetime.now(UTC).date()  # noqa: TID251  a door
    if not reviewed or today - date.fromisoformat(reviewed[1]) > LOOK_AGAIN:
        sys.stderr.write("The advisories were not looked at for more than five weeks: docs/security.md.\n")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
