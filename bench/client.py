"""A client that costs little itself: one kept connection, JSON in and out."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode


@dataclass(frozen=True, slots=True)
class Answer:
    """A status and the bytes that came with it."""

    status: int
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


class Client:
    """Speaks to one server over one connection. Not for use by several threads."""

    def __init__(self, port: int, token: str = "") -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._headers = {"Content-Type": "application/json", "Host": "127.0.0.1"}
        if token:
            self._headers["Authorization"] = f"Bearer {token}"

    def get(self, path: str, **query: object) -> Answer:
        return self._send("GET", f"{path}?{urlencode(query)}" if query else path)

    def page(self, path: str, *, cookies: str) -> Answer:
        """As a browser that has these cookies."""
        return self._send("GET", path, cookies=cookies)

    def post(self, path: str, body: object) -> Answer:
        return self._send("POST", path, json.dumps(body).encode())

    def delete(self, path: str) -> Answer:
        return self._send("DELETE", path)

    def _send(self, method: str, path: str, body: bytes | None = None, *, cookies: str = "") -> Answer:
        headers = self._headers | ({"Cookie": cookies} if cookies else {})
        self._connection.request(method, path, body=body, headers=headers)
        response = self._connection.getresponse()
        return Answer(response.status, response.read())
