"""Text in forms and questions: the one sign that the database cannot keep is refused at the door."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.exceptions import BadRequest
from django.http import HttpRequest
from django.http.response import HttpResponseBase


class NoNul:
    """Answers 400 to a form, or to the question of an address, with a NUL in it, which no keyboard types and
    PostgreSQL takes in no text.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: object, args: Any, kwargs: Any) -> None:
        if getattr(view, "csrf_exempt", False):
            return  # what programs post is no form, and its own parsers say what is wrong with it
        sent = (*request.GET.lists(), *request.POST.lists())
        if any("\x00" in value for _name, values in sent for value in values):
            raise BadRequest("There is a sign in what was sent that is no text.")
