"""A mail server and a carrier on loopback, each in a process of its own: what they cost is not the worker's.

The processes are fresh ones that import this page, so nothing here may need Django.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Event
from pathlib import Path


@contextmanager
def ways_out(folder: Path) -> Iterator[dict[str, str]]:
    """Both, as long as the block lasts; what a worker is told about them. What they get lands in `folder`."""
    context = multiprocessing.get_context("spawn")
    told: dict[str, str] = {}
    ended = context.Event()
    children = []
    for serve in (_serve_mail, _serve_texts):
        ours, theirs = context.Pipe()
        child = context.Process(target=serve, args=(str(folder), theirs, ended), daemon=True)
        child.start()
        children.append(child)
        told |= ours.recv()
    try:
        yield told
    finally:
        ended.set()
        for child in children:
            child.join(10)


def _serve_mail(folder: str, tell: Connection, ended: Event) -> None:
    from config.mailcatcher import mailcatcher

    with mailcatcher(Path(folder) / "mail") as url:
        tell.send({"EMAIL_URL": url})
        ended.wait()


def _serve_texts(folder: str, tell: Connection, ended: Event) -> None:
    from config.carrier import carrier

    keys = {"account": f"AC{'0' * 32}", "token": "bench", "number": "+14105550100"}
    with carrier(Path(folder) / "texts", public_url="http://127.0.0.1:9", **keys) as one:
        one.conduct.reports = []  # there is no web server to hear them
        tell.send(one.environment)
        ended.wait()
