"""What the frame of the admin's theme lacks. It has no blocks around these parts, so words are exchanged."""

from __future__ import annotations

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


@register.filter
def with_main(frame: SafeString) -> SafeString:
    """The frame with its main part named as such."""
    return _exchanged(frame, '<div id="main"', '<div id="main" role="main"')


@register.filter
def scrolled_as(part: SafeString, name: str) -> SafeString:
    """The part with a name of its own for what scrolls in it; else all are called the same."""
    return _exchanged(part, " data-simplebar", f' data-simplebar-aria-label="{escape(name)}" data-simplebar')


def _exchanged(rendered: SafeString, words: str, others: str) -> SafeString:
    return mark_safe(rendered.replace(words, others, 1))  # noqa: S308  the theme has escaped what it renders
