"""What the desk's templates say in the reader's language."""

from __future__ import annotations

from functools import lru_cache

from django import template
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from bookings.frontdesk import sentences

register = template.Library()


@register.filter
def said(words: str) -> str:
    """Sentences of the rules, the verbs and the watch, which are made in English."""
    return sentences.said(words)


@register.filter
@lru_cache(maxsize=256)  # the same few stand at hundreds of visits
def flag_tags(told: tuple[tuple[str, bool], ...]) -> SafeString:
    """The flags of a visit, each in words and whether it is an alarm, one beside the other."""
    tags = ((" alarm" if is_alarm else "", words) for words, is_alarm in told)
    return format_html_join("", ' <span class="tag flag{}">{}</span>', tags)
