"""A mail provider on loopback that speaks the part of Postmark's interface that django-anymail uses."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

MESSAGE_ID = "2706ee8a-737c-4285-b032-ccd317af53ed"
ACCEPTED = 200, {"ErrorCode": 0, "Message": "OK", "MessageID": MESSAGE_ID, "To": "ada@mail.example"}


@dataclass
class Provider:
    """What it was asked, and what it answers."""

    url: str = ""
    answer: tuple[int, dict[str, Any]] = ACCEPTED
    asked: list[Any] = field(default_factory=list)


@contextmanager
def provider() -> Iterator[Provider]:
    """Listens as long as the block lasts."""
    one = Provider()

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            one.asked.append(json.loads(body))
            status, said = one.answer
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(said).encode())

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    one.url = f"http://127.0.0.1:{server.server_port}/"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield one
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
