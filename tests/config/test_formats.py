"""Months inside a Spanish sentence begin with a small letter, in templates and in Python."""

from __future__ import annotations

from datetime import date

import pytest
from django.template import Context, Template
from django.utils.formats import date_format
from django.utils.translation import override

DAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("language", "asked", "written"),
    [
        ("es", "D j M Y", "mar 24 nov 2026"),
        ("es", "M Y", "nov 2026"),
        ("es", "M", "nov"),
        ("es", "j F", "24 noviembre"),
        ("es", "DATE_FORMAT", "24 de noviembre de 2026"),
        ("en", "D j M Y", "Tue 24 Nov 2026"),
    ],
)
def test_a_date_is_written_as_the_language_writes_it(language, asked, written):
    page = Template("{{ day|date:asked }}")

    with override(language):
        assert date_format(DAY, asked) == written
        assert page.render(Context({"day": DAY, "asked": asked})) == written
