"""Child processes that never outlive their folder: started, written down, and ended, also after a crash.

A folder (`.demo`, `.test/…`) belongs to one living process at a time. Whoever holds its lock may end what a
previous owner left behind: a process is known by its number *and* its time of birth, since numbers return.
"""

import fcntl
import os
import signal
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil

LEDGER = "processes"
# The start of a process is derived from the time of boot, which moves a little when the clock is set.
BIRTH_TOLERANCE_SECONDS = 2


class FolderInUse(RuntimeError):
    """Another living process owns the folder."""


@contextmanager
def own(folder: Path) -> Iterator[None]:
    """Own `folder` for the block, ending whatever a dead owner left running in it.

    Raises FolderInUse while another process owns it. The kernel drops the lock with its holder, even on
    `kill -9`, so there is no stale state to repair by hand.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "owner").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise FolderInUse(
                f"{folder} is in use by process {lock.read().strip() or 'unknown'}; end it first"
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        end_leftovers(folder)
        yield


def start(folder: Path, command: Sequence[str | Path], **options: Any) -> subprocess.Popen[bytes]:
    """Start `command` as a child that a later owner of `folder` will find and end if we cannot.

    It gets a session of its own: Ctrl-C in a terminal reaches every process of the group at once, and
    servers must outlive their clients by a moment.
    """
    process = subprocess.Popen([str(word) for word in command], start_new_session=True, **options)
    with suppress(psutil.NoSuchProcess), (folder / LEDGER).open("a") as ledger:
        ledger.write(f"{process.pid} {psutil.Process(process.pid).create_time()}\n")
    return process


def stop(*children: subprocess.Popen[bytes], how: signal.Signals = signal.SIGTERM, grace: float = 15) -> None:
    """End children and everything they started: all at once and politely, after `grace` seconds by force."""
    _end([child.pid for child in children], how, grace)
    for child in children:
        with suppress(subprocess.TimeoutExpired):
            child.wait(5)


def end_leftovers(folder: Path) -> None:
    """End every process that the folder's ledger names and that still runs, then start the ledger anew."""
    ledger = folder / LEDGER
    lines = ledger.read_text().splitlines() if ledger.exists() else []
    for line in reversed(lines):  # clients were started after their servers, so they go first
        pid, born = line.split()
        with suppress(psutil.NoSuchProcess):
            if abs(psutil.Process(int(pid)).create_time() - float(born)) < BIRTH_TOLERANCE_SECONDS:
                _end([int(pid)], signal.SIGTERM, 10)
    ledger.unlink(missing_ok=True)


def free_port() -> int:
    """A port that nobody listens on now. Another process may take it before it is used: try again then."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _end(pids: Sequence[int], how: signal.Signals, grace: float) -> None:
    family: list[psutil.Process] = []
    for pid in pids:
        with suppress(psutil.NoSuchProcess):
            leader = psutil.Process(pid)
            family += [leader, *leader.children(recursive=True)]
            leader.send_signal(how)
    _, alive = psutil.wait_procs(family, timeout=grace)
    for process in alive:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(alive, timeout=5)
