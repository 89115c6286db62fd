"""What the desk's templates say in the reader's language."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any

from django import template
from django.forms import BoundField
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from bookings.frontdesk import sentences

register = template.Library()


@register.filter
def said(words: str) -> str:
    """Sentences of the rules, the verbs and the watch, which are made in English."""
    return sentences.said(words)


@register.filter
def label(field: BoundField) -> SafeString:
    """The label of a form's field, without the colon that Django adds: no other label of the desk has one."""
    return field.label_tag(label_suffix="")


@register.filter
def hours_on(lasting: Any, day: date) -> str:
    """From when to when a closure, which may last for days, is in force on that date of the clinic's wall."""
    zone = timezone.get_current_timezone()
    opens, closes = (datetime.combine(one, time.min, zone) for one in (day, day + timedelta(days=1)))
    starts, ends = max(lasting.starts, opens), min(lasting.ends, closes)
    if (starts, ends) == (opens, closes):
        return gettext("all day")
    until = "24:00" if ends == closes else f"{ends.astimezone(zone):%H:%M}"
    return f"{starts.astimezone(zone):%H:%M}–{until}"


@register.filter
@lru_cache(maxsize=256)  # the same few stand at hundreds of visits
def flag_tags(told: tuple[tuple[str, bool], ...]) -> SafeString:
    """The flags of a visit, each in words and whether it is an alarm, one beside the other."""
    tags = ((" alarm" if is_alarm else "", words) for words, is_alarm in told)
    return format_html_join("", ' <span class="tag flag{}">{}</span>', tags)
