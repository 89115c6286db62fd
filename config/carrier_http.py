"""The carrier's door: Twilio's addresses for messages, and two of its own for whoever plays with it.

POST /2010-04-01/Accounts/{sid}/Messages.json         send
GET  /2010-04-01/Accounts/{sid}/Messages.json?To=     what was sent
GET  /2010-04-01/Accounts/{sid}/Messages/{sid}.json   one text
POST /phone/answers   {"from", "body", "times"?}      somebody texts us
PUT  /conduct         parts of `config.carrier.Conduct`
"""

from __future__ import annotations

import base64
import hmac
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

if TYPE_CHECKING:
    from config.carrier import Carrier

_ONE = re.compile(r"/Messages/(SM\w+)\.json")


class Refusal(Exception):
    """The carrier does not accept a text."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


class Server(ThreadingHTTPServer):
    """One thread for each connection, as many as come."""

    daemon_threads = True
    request_queue_size = 128


@contextmanager
def serving(carrier: Carrier) -> Iterator[str]:
    """Answer for the carrier on loopback as long as the block lasts, and yield the address."""

    class Handler(_Handler):
        its = carrier

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, name="carrier", kwargs={"poll_interval": 0.1})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    its: Carrier
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # one packet for head and body
    disable_nagle_algorithm = True
    timeout = 60  # seconds for which an idle connection is kept

    def do_GET(self) -> None:
        if not self._trusted():
            return
        address = urlsplit(self.path)
        if one := _ONE.search(address.path):
            found = self.its.find(sid=one[1])
            self._say(200, self.its.as_json(found[0])) if found else self._refuse(404, 20404, "Not found.")
            return
        asked = dict(parse_qsl(address.query))
        texts = self.its.find(to=asked.get("To", ""))[: int(asked.get("PageSize", "50"))]
        shown = [self.its.as_json(text) for text in texts]
        self._say(200, {"messages": shown, "page": 0, "page_size": 50, "next_page_uri": None})

    def do_POST(self) -> None:
        body = self._body()
        if not self._trusted():
            return
        if self.path == "/phone/answers":
            told = json.loads(body)
            text = self.its.answer(told["from"], told["body"], times=told.get("times", 1))
            self._say(202, {"sid": text.sid})
        else:
            self._send(dict(parse_qsl(body, keep_blank_values=True)))

    def do_PUT(self) -> None:
        body = self._body()
        if self._trusted():
            self.its.behave(json.loads(body))
            self._say(200, {})

    def _send(self, form: dict[str, str]) -> None:
        conduct = self.its.next_answer()
        if conduct.isdecimal():
            self._refuse(int(conduct), 20429 if conduct == "429" else int(conduct), "As asked for.")
            return
        try:
            text = self.its.accept(form)
        except Refusal as refusal:
            self._refuse(refusal.status, refusal.code, refusal.message)
            return
        if conduct == "lost":
            self.close_connection = True  # accepted, and the answer never arrives
            return
        self._say(201, {**self.its.as_json(text), "status": "queued", "error_code": None})

    def _trusted(self) -> bool:
        """Whether the caller knows the account's token and asks for something of it; others get 401."""
        pair = f"{self.its.account}:{self.its.token}".encode()
        given = self.headers.get("Authorization", "").removeprefix("Basic ").encode()
        known = (f"/2010-04-01/Accounts/{self.its.account}/Messages", "/phone/answers", "/conduct")
        trusted = hmac.compare_digest(given, base64.b64encode(pair)) and self.path.startswith(known)
        if not trusted:
            self._refuse(401, 20003, "Authenticate")
        return trusted

    def _body(self) -> str:
        return self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()

    def _refuse(self, status: int, code: int, message: str) -> None:
        self._say(status, {"status": status, "code": code, "message": message, "more_info": ""})

    def _say(self, status: int, answer: Any) -> None:
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Nothing: addresses carry numbers."""
