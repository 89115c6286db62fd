"""What holds for every file of the repository."""

import re
import subprocess
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent.parent
MOST_LINES = 320
# In the tools' own words: where a machine would be told to fetch packages, and whose machine wrote a lock.
ADDRESS_OF_A_REGISTRY = re.compile(
    rb"--(?:extra-)?index-url|--find-links|\"resolved\":\s*\"http|registry\.npmjs|files\.pythonhosted|pypi\.org/simple"
)


def repository_files() -> list[Path]:
    """Every file that is in the repository or about to be: what git tracks and what it does not ignore."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=CHECKOUT,
        capture_output=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("this is no git checkout")
    names = listed.stdout.decode().split("\0")
    return [CHECKOUT / name for name in names if name and (CHECKOUT / name).is_file()]


def python_files() -> list[Path]:
    return [path for path in repository_files() if path.suffix == ".py" and path.parent.name != "migrations"]


def test_no_file_grows_out_of_hand():
    lengths = {path.relative_to(CHECKOUT): len(path.read_text().splitlines()) for path in python_files()}
    assert len(lengths) > 20
    assert {path: length for path, length in lengths.items() if length > MOST_LINES} == {}


def test_no_drawer_for_odds_and_ends():
    odd = {"utils.py", "util.py", "helpers.py", "misc.py", "common.py"}
    assert [path for path in python_files() if path.name in odd] == []


def test_no_address_of_a_package_registry():
    own_name = Path(__file__)
    found = [
        path.relative_to(CHECKOUT)
        for path in repository_files()
        if path != own_name and ADDRESS_OF_A_REGISTRY.search(path.read_bytes())
    ]
    assert found == []


@pytest.mark.parametrize("name", ["base", "dev"])
def test_every_requirement_is_pinned_and_hashed(name):
    text = (CHECKOUT / "requirements" / f"{name}.txt").read_text().replace("\\\n", "")
    required = [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]
    assert len(required) > 40
    assert [line for line in required if "==" not in line or "--hash=sha256:" not in line] == []


def test_the_tools_pin_what_the_service_runs_on():
    def pins(name: str) -> set[str]:
        text = (CHECKOUT / "requirements" / f"{name}.txt").read_text()
        return set(re.findall(r"^[\w.-]+==\S+", text, re.MULTILINE))

    assert pins("base") <= pins("dev")
