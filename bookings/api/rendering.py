"""JSON in and out, fast and strict: no NaN, no lone surrogates, no depth that would exhaust the stack."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from rest_framework.exceptions import ParseError
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request


def dumps(data: Any) -> bytes:
    """The JSON text of an answer. What JSON has no form for is said as text."""
    return orjson.dumps(data, default=str, option=orjson.OPT_NON_STR_KEYS)


class JsonRenderer(BaseRenderer):
    """Writes JSON, whatever the client accepts: a refusal has to be readable too."""

    media_type = "application/json"
    format = "json"
    charset = None  # type: ignore[assignment]
    render_style = "binary"

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        return b"" if data is None else dumps(data)


class JsonParser(BaseParser):
    """Reads one JSON document. Its size is bounded by Django's DATA_UPLOAD_MAX_MEMORY_SIZE."""

    media_type = "application/json"

    def parse(
        self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        assert parser_context is not None
        try:
            return orjson.loads(parser_context["request"].body)
        except orjson.JSONDecodeError as exc:
            raise ParseError(f"This is not JSON: {exc}.") from None


class AlwaysJson(BaseContentNegotiation):
    """Answers with the first renderer, whatever `Accept` says."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        sent = (request.content_type or "").partition(";")[0].strip().lower()
        return next((parser for parser in parsers if parser.media_type == sent), None)

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        return renderers[0], renderers[0].media_type
