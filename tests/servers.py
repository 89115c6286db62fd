"""A pytest plugin, loaded before Django's: servers for this run, and the environment the settings read.

The controller starts one PostgreSQL and one Valkey; xdist workers inherit the addresses, and each has
databases of its own in both: pytest-django makes PostgreSQL's, and Valkey's are numbered, an even one for
what the process itself writes and the odd one after it for a queue that a Celery worker reads. Set
DATABASE_URL or REDIS_URL to test against other servers.
"""

import atexit
import fcntl
import os
import secrets
import shutil
import signal
import tempfile
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest

RUNS = Path(__file__).resolve().parent.parent / ".test"
_running = ExitStack()


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config):
    # A wrapper, because pytest-django loads the settings in this very hook.
    os.environ.setdefault("SECRET_KEY", secrets.token_urlsafe(40))
    os.environ.setdefault("DATABASE_POOL_SIZE", "80")  # tests write from many threads of one process
    if worker := os.environ.get("PYTEST_XDIST_WORKER"):
        # Tests clear the cache, and what one worker clears may be what another is counting.
        number = 2 * (int(worker.removeprefix("gw")) + 1)
        os.environ["REDIS_URL"] = urlsplit(os.environ["REDIS_URL"])._replace(path=f"/{number}").geturl()
    else:
        _start()
    return (yield)


def pytest_unconfigure():
    _running.close()


def _start() -> None:
    from config import embedded, processes

    RUNS.mkdir(exist_ok=True)
    with (RUNS / "lock").open("w") as lock:
        # Under a lock, since a folder that is made but not yet owned looks abandoned to another run.
        fcntl.flock(lock, fcntl.LOCK_EX)
        for folder in RUNS.glob("run-*"):
            _remove_if_abandoned(folder)
        folder = Path(tempfile.mkdtemp(prefix="run-", dir=RUNS))
        _running.callback(shutil.rmtree, folder, ignore_errors=True)
        _running.enter_context(processes.own(folder))
    # Whatever way the run ends, its servers end with it: pytest skips its own hooks when start-up fails,
    # and Python by default dies of SIGTERM on the spot.
    atexit.register(_running.close)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    os.environ.update(_running.enter_context(embedded.servers(folder, lasting=False)))


def _remove_if_abandoned(folder: Path) -> None:
    from config import embedded, processes

    try:
        with processes.own(folder):
            embedded.Postgres(folder, lasting=False).stop()
    except processes.FolderInUse:
        return
    shutil.rmtree(folder, ignore_errors=True)
