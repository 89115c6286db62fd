"""Keeps a handful of processes running until it is told to stop, and then leaves none behind."""

import os
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Sequence
from pathlib import Path

from config import processes

POLL_SECONDS = 0.1
RESTARTS = 3  # within RESTART_WINDOW; a process that dies more often will not get better by itself
RESTART_WINDOW = 60


class Stopped(Exception):
    """We were told to end, by a signal or by the end of the `make` that started us."""


class ChildFailed(RuntimeError):
    """A process ended that should not have, and starting it again did not help."""


class Supervisor:
    """Runs processes whose output goes to `<folder>/<name>.log`; as a context manager it ends them all.

    From its making on, SIGINT, SIGTERM and SIGHUP are a request to end that `pause` passes on as Stopped.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = dict(os.environ)
        self.children: dict[str, Child] = {}
        self._told = threading.Event()
        # A `make` that is killed cannot pass the signal on. Any other parent may leave us running on purpose.
        self._parent = os.getppid() if "MAKELEVEL" in os.environ else None
        for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(each, lambda *_: self._told.set())

    def __enter__(self) -> "Supervisor":
        return self

    def __exit__(self, *_: object) -> None:
        """End every child. Signals that arrive meanwhile change nothing."""
        processes.stop(*(child.process for child in self.children.values()))

    def run(self, name: str, command: Sequence[str]) -> None:
        """Run a command to its end. Raises ChildFailed if it fails, Stopped if we are told to end."""
        child = Child(self, name, command)
        self.children[name] = child
        while child.process.poll() is None:
            self.pause()
        del self.children[name]
        if child.process.returncode:
            raise ChildFailed(f"{name} failed with exit code {child.process.returncode}.{child.last_words()}")

    def start(self, name: str, command: Sequence[str]) -> None:
        """Start a command that is to run as long as we do."""
        self.children[name] = Child(self, name, command)

    def pause(self) -> None:
        """Let a moment pass. Raises Stopped once we are told to end."""
        orphaned = self._parent is not None and os.getppid() != self._parent
        if orphaned or self._told.wait(POLL_SECONDS):
            raise Stopped

    def revive(self) -> None:
        """Start again what has died, saying so. Raises ChildFailed for one that dies too often."""
        for child in self.children.values():
            if child.process.poll() is not None:
                child.restart()


class Child:
    """One process and the times at which it had to be started again."""

    def __init__(self, supervisor: Supervisor, name: str, command: Sequence[str]) -> None:
        self.name, self.command, self.supervisor = name, command, supervisor
        self.log = supervisor.folder / f"{name.replace(' ', '-')}.log"
        self.log.unlink(missing_ok=True)
        self.restarts: deque[float] = deque(maxlen=RESTARTS)
        self.process = self._start()

    def restart(self) -> None:
        now = time.monotonic()
        if len(self.restarts) == RESTARTS and now - self.restarts[0] < RESTART_WINDOW:
            raise ChildFailed(f"{self.name} keeps ending.{self.last_words()}")
        self.restarts.append(now)
        print(f"{self.name} ended with exit code {self.process.returncode}; starting it again.", flush=True)
        processes.stop(self.process)
        self.process = self._start()

    def last_words(self) -> str:
        lines = self.log.read_text(errors="replace").splitlines()[-15:] if self.log.exists() else []
        return "\n".join([f" From the end of {self.log}:", *(f"    {line}" for line in lines)])

    def _start(self) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as log:
            return processes.start(
                self.supervisor.folder,
                self.command,
                env=self.supervisor.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
