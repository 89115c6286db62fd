"""What `make lint` says of the requirements."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

HERE = Path(__file__).resolve().parents[2] / "requirements"


@pytest.fixture(scope="module")
def check() -> ModuleType:
    found = importlib.util.spec_from_file_location("check", HERE / "check.py")
    made = importlib.util.module_from_spec(found)
    found.loader.exec_module(made)
    return made


def test_each_package_is_pinned_with_digests_and_none_is_refused(check):
    assert check.main() == 0


@pytest.mark.parametrize(
    ("version", "digests", "said"),
    [
        ("1.4.9", 2, ["alpha 1.4.9 is refused: CVE-1: leaks"]),
        ("1.5", 2, []),
        ("1.5", 0, ["alpha 1.5 has no digest"]),
    ],
)
def test_a_version_that_is_refused_or_has_no_digest_is_said(check, version, digests, said):
    refused = check.refusals("# why\nAlpha<1.5  CVE-1: leaks\nbeta==2  broken\n")
    assert list(check.faults("alpha", version, digests, refused)) == said


def test_what_is_not_pinned_is_no_requirement(check):
    digests = "    --hash=sha256:ab \\\n    --hash=sha256:cd\n    # via beta\n"
    text = f"alpha==1.5 ; python_version < '3.12' \\\n{digests}"
    assert list(check.pins(text)) == [("alpha", "1.5", 2)]
    with pytest.raises(ValueError, match="beta>=2"):
        list(check.pins("beta>=2\n"))


def test_another_version_than_the_pinned_one_is_said(check):
    pinned = "django==0.1 \\\n    --hash=sha256:ab\ndjango==0.2 \\\n    --hash=sha256:cd\n"
    (said,) = check.other_than_pinned(pinned)
    assert said.startswith("django ")
    assert said.endswith(" is installed, 0.2 is pinned: make again")
