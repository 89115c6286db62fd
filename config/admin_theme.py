"""How the admin's theme looks: the colours and the icon of the other pages, a way back to the desk."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy


def _icon(_request: HttpRequest) -> str:
    return static("bookings/icon.svg")


UNFOLD: dict[str, Any] = {
    "SITE_TITLE": gettext_lazy("Set-up"),
    "SITE_HEADER": gettext_lazy("Set-up"),
    "SITE_SUBHEADER": "cadence",
    "SITE_ICON": _icon,
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": _icon}],
    "SITE_URL": reverse_lazy("desk"),
    "SITE_DROPDOWN": [
        {"icon": "arrow_back", "title": gettext_lazy("Front desk"), "link": reverse_lazy("desk")}
    ],
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_HISTORY": False,
    "COLORS": {
        "primary": {
            "50": "#f0f7f6",
            "100": "#e1eeec",
            "200": "#c2dedb",
            "300": "#a5dbd8",
            "400": "#86c9c6",
            "500": "#2f7c80",
            "600": "#1b5b62",
            "700": "#134349",
            "800": "#1d3639",
            "900": "#122a2d",
            "950": "#08272a",
        }
    },
}
