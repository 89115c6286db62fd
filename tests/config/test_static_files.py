"""Files are collected as the image does it, and named by their content."""

from __future__ import annotations

import re

from django.core.management import call_command
from django.templatetags.static import static


def test_everything_that_pages_name_can_be_collected(tmp_path, settings):
    settings.STATIC_ROOT = str(tmp_path)
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": "config.static_files.Files"}}
    # The description of the API is no page of ours and takes seconds to compress.
    settings.INSTALLED_APPS = [one for one in settings.INSTALLED_APPS if one != "drf_spectacular_sidecar"]

    call_command("collectstatic", interactive=False, verbosity=0)

    for name in ("bookings/cadence.css", "bookings/cadence.js", "htmx/htmx.min.js"):
        address = static(name)
        kept = tmp_path / address.removeprefix(settings.STATIC_URL)
        assert re.search(r"\.[0-9a-f]{12}\.(css|js)$", address)
        assert kept.with_name(f"{kept.name}.gz").stat().st_size < kept.stat().st_size / 2
