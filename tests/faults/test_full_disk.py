"""A disk that is really full: a small file system under PostgreSQL's tables, and something that takes the
rest of it. Needs the right to mount, which root has; elsewhere `tests/config/test_full_and_slow.py` has the
same with a refusal of PostgreSQL's that is made up.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest
from django.utils import timezone

from bookings.models import JournalEntry, Patient, Role
from config import embedded, processes
from tests.cast import make_clinic, make_staff
from tests.faults.installation import Installation, installation, wait_for
from tests.faults.test_everything_dies import token_of

pytestmark = [pytest.mark.fault, pytest.mark.timeout(240)]
MEGABYTE = 1024 * 1024
#: A page of PostgreSQL has room for a few dozen patients, so one is needed long before this.
MOST = 500


@pytest.fixture
def here(tmp_path, settings, django_db_blocker) -> Iterator[Installation]:
    with django_db_blocker.unblock(), installation(tmp_path / "faults", settings) as made:
        yield made[0]


def test_whoever_writes_is_told_so_nothing_is_half_done_and_room_is_enough_to_go_on(here: Installation):
    clinic = make_clinic("harbor", time_zone="Etc/UTC")
    desk = make_staff("dee@harbor.example", "Dee", "Alvarez", Role.FRONT_DESK, clinic)
    headers = {"Authorization": f"Bearer {token_of(desk, now=timezone.now())}"}
    with small_disk(here) as disk, httpx.Client(base_url=address(here), headers=headers, timeout=60) as asks:
        assert wait_for(lambda: answers(asks), seconds=60)
        filler = fill(disk)

        told = []
        while len(told) < MOST and (not told or told[-1].status_code == 201):
            told.append(asks.post("patients/", json=person(len(told))))

        last = told.pop()
        assert (last.status_code, last.json()["code"]) == (503, "busy")
        assert last.headers["Retry-After"]
        assert (
            len(told) == Patient.objects.count() == JournalEntry.objects.filter(verb="patient_added").count()
        )
        assert asks.get("clinics/").status_code == 200

        filler.unlink()

        assert wait_for(lambda: asks.post("patients/", json=person(MOST)).status_code == 201, seconds=30)


def address(here: Installation) -> str:
    return f"http://127.0.0.1:{here.port}/api/v1/"


def answers(asks: httpx.Client) -> bool:
    with suppress(httpx.HTTPError):
        return asks.get("clinics/").status_code == 200
    return False


def person(number: int) -> dict[str, str]:
    return {"first_name": "Pat", "last_name": f"Example {number}", "email": f"p{number}@mail.example"}


def fill(disk: Path) -> Path:
    """What takes all that is left."""
    filler = disk / "filler"
    with suppress(OSError), filler.open("wb", buffering=0) as file:
        while file.write(b"\0" * 4096):
            pass
    return filler


@contextmanager
def small_disk(here: Installation) -> Iterator[Path]:
    """PostgreSQL's tables, and they alone, on a file system that is hardly larger than they are."""
    postgres = here._postgres
    tables, aside = postgres.data / "base", postgres.data / "base.aside"
    assert postgres.process
    processes.stop(postgres.process, how=embedded.FAST_SHUTDOWN)
    size = sum(file.stat().st_size for file in tables.rglob("*") if file.is_file())
    owner = tables.stat()
    options = f"size={size + 8 * MEGABYTE},mode=700,uid={owner.st_uid},gid={owner.st_gid}"
    tables.rename(aside)
    tables.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", tables], check=False).returncode:
        tables.rmdir()
        aside.rename(tables)
        pytest.skip("no right to mount a file system")
    try:
        subprocess.run(["cp", "-a", f"{aside}/.", tables], check=True)
        here.restart_postgres()
        yield tables
        processes.stop(postgres.process, how=embedded.FAST_SHUTDOWN)
    finally:
        subprocess.run(["umount", "--lazy", tables], check=True)
        shutil.rmtree(aside, ignore_errors=True)
