"""What the page of an email does with the sentences of its kind, which are written once for text and page."""

from __future__ import annotations

import re

from django import template
from django.utils.html import conditional_escape, format_html_join
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


@register.filter
def paragraphs(text: str) -> SafeString:
    """Each run of lines as a paragraph; nothing for nothing."""
    runs = [run.split("\n") for run in tidy(conditional_escape(text)).split("\n\n") if run]
    lines = ((mark_safe("<br>".join(run)),) for run in runs)  # noqa: S308  escaped above
    return format_html_join("\n", '<p style="margin:0 0 16px">{}</p>', lines)


@register.filter
def label(text: str) -> SafeString:
    """A sentence that leads to a link, as the words on the link: without its colon."""
    return conditional_escape(text.strip().removesuffix(":"))


@register.filter
def dialled(phone: str) -> str:
    """A telephone number as a `tel:` address has it."""
    return re.sub(r"[^\d+]", "", phone)


def tidy(text: str) -> str:
    """Without blanks at the ends of lines, and with one empty line at most between two others."""
    text = "\n".join(line.strip() for line in text.splitlines())
    return re.sub(r"\n{3,}", "\n\n", text).strip("\n")
