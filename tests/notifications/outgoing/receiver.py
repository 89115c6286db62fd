"""Another system, on a real socket: keeps what it gets and answers as it is told."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ssl import SSLContext


@dataclass(frozen=True)
class Request:
    """What arrived."""

    path: str
    headers: dict[str, str]  # names in lower case
    body: bytes


@dataclass
class Receiver:
    """`answers` are given one after another, the last one for ever; (status, headers)."""

    port: int = 0
    got: list[Request] = field(default_factory=list)
    answers: list[tuple[int, dict[str, str]]] = field(default_factory=lambda: [(204, {})])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hooks?key=kept"

    def says(self, *answers: int | tuple[int, dict[str, str]]) -> None:
        self.answers = [one if isinstance(one, tuple) else (one, {}) for one in answers]


@contextmanager
def receiver(secure: SSLContext | None = None) -> Iterator[Receiver]:
    """A receiver that listens as long as the block lasts."""
    kept = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            kept.got.append(Request(self.path, headers, body))
            status, extra = kept.answers[0] if len(kept.answers) == 1 else kept.answers.pop(0)
            self.send_response(status)
            for name, value in {"Content-Length": "0", **extra}.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if secure is not None:
        server.socket = secure.wrap_socket(server.socket, server_side=True)
    kept.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield kept
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
