"""What the desk's templates say in the reader's language."""

from __future__ import annotations

from django import template

from bookings.frontdesk import sentences

register = template.Library()


@register.filter
def said(words: str) -> str:
    """Sentences of the rules, the verbs and the watch, which are made in English."""
    return sentences.said(words)
