"""The line config → notifications → bookings → scheduler, kept by import-linter."""

import configparser
import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent.parent
BESIDE_THE_PRODUCT = {"tests", "bench"}


def lint(contracts: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--config", contracts, "--no-cache"],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_every_contract_is_kept():
    done = lint(CHECKOUT / ".importlinter")
    assert done.returncode == 0, done.stdout


def test_the_line_turned_round_is_broken(tmp_path):
    """The linter does see the imports that the first test finds nothing wrong with."""
    contracts = configparser.ConfigParser()
    contracts.read(CHECKOUT / ".importlinter")
    layers = contracts["importlinter:contract:line"]["layers"].split()
    contracts["importlinter:contract:line"]["layers"] = "\n" + "\n".join(reversed(layers))
    with (tmp_path / "contracts").open("w") as turned:
        contracts.write(turned)
    done = lint(tmp_path / "contracts")
    assert done.returncode == 1
    assert "config, notifications, bookings, scheduler BROKEN" in done.stdout


def test_every_package_has_its_place_in_the_line():
    # import-linter's own `exhaustive` needs a package around the layers; ours stand at the top.
    contracts = configparser.ConfigParser()
    contracts.read(CHECKOUT / ".importlinter")
    packages = {path.parent.name for path in CHECKOUT.glob("*/__init__.py")} - BESIDE_THE_PRODUCT
    assert set(contracts["importlinter:contract:line"]["layers"].split()) == packages
    assert set(contracts["importlinter"]["root_packages"].split()) == packages
