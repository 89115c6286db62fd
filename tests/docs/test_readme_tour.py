"""The README's tour, run as it is written, against the real demo: its own servers, worker, beat and mail."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time

import pytest

from config.processes import free_port
from tests.docs.readme import README, TOUR, tour, without_changing

CHECKOUT = README.parent
WHAT_A_DEMO_IS = ("bookings", "config", "notifications", "scheduler", "manage.py")
MARK = "-- next step --"


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """A demo with few patients, in a copy of the checkout so that a running one is left alone; its URL."""
    copy = tmp_path_factory.mktemp("checkout")
    for name in WHAT_A_DEMO_IS:
        source = CHECKOUT / name
        if source.is_dir():
            shutil.copytree(source, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, copy / name)
    port = free_port()
    inherited = {
        name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")
    }
    log = copy / "demo.log"
    with log.open("w") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "config.demo"],
            cwd=copy,
            env={**inherited, "PORT": str(port), "DEMO_PATIENTS": "12"},
            stdout=out,
            stderr=out,
        )
    try:
        deadline = time.monotonic() + 200
        while "Ready:" not in log.read_text():
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.2)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)
        shutil.rmtree(copy, ignore_errors=True)


@pytest.fixture(scope="module")
def steps(demo):
    """Each step of the tour with what it printed, all run in one shell, as a reader would."""
    script = "\n".join(["set -euo pipefail", *(f"{step.commands}\necho '{MARK}'" for step in tour())])
    done = subprocess.run(
        ["bash", "-c", script],
        env={"PATH": os.environ["PATH"], "URL": demo},
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    return list(zip(tour(), done.stdout.split(f"{MARK}\n"), strict=False))


@pytest.mark.race
@pytest.mark.timeout(300)
def test_the_tour_prints_what_the_readme_shows(steps):
    printed = [without_changing(output) for _, output in steps]
    assert printed == [without_changing(step.shown) for step, _ in steps]


@pytest.mark.race
@pytest.mark.timeout(300)
def test_no_mail_of_the_tour_says_what_the_patient_comes_for(steps):
    printed = "".join(output for step, output in steps if "subject" in step.commands)
    assert "Your appointment" in printed
    assert re.findall("ketamine|infusion series|depression|induction", printed, re.IGNORECASE) == []


def test_the_tour_is_five_minutes_long():
    commands = [line for step in tour() for line in step.commands.splitlines()]
    assert 8 <= len(tour()) <= 12
    assert len(commands) <= 60


def test_every_page_that_the_readme_names_is_there():
    targets = re.findall(r"\]\(([^)#]+)\)", README.read_text())
    missing = [target for target in targets if "://" not in target and not (CHECKOUT / target).exists()]
    assert missing == []


def test_the_tour_is_a_section_of_the_readme():
    assert README.read_text().count(f"\n{TOUR}\n") == 1
