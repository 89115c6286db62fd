"""A mail provider's own interface in place of SMTP, by django-anymail: EMAIL_PROVIDER names it, as anymail
does (`postmark`, `mailgun`, `amazon_ses`, …), and `requirements/providers.txt` has the package.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: Where the provider is told to report to: /webhooks/email/<provider>/tracking/.
REPORTS = "webhooks/email/"


def settings_for(provider: str, environment: Mapping[str, str]) -> dict[str, Any]:
    """Django's settings for it: its backend, and each ANYMAIL_… of the environment."""
    # By name: a value may come from a file, and most files that an environment names are none of ours.
    told = {name: environment[name] for name in environment if name.startswith("ANYMAIL_")}
    return {
        "EMAIL_BACKEND": f"anymail.backends.{provider}.EmailBackend",
        "ANYMAIL": {
            name.removeprefix("ANYMAIL_"): value for name, value in told.items() if not name.endswith("_FILE")
        },
    }


def doors(provider: str) -> list[Any]:
    """Where this provider reports bounces and complaints, and no other one does."""
    from anymail.urls import urlpatterns

    ours = (f"{provider}/tracking/", f"{provider}/")
    return [each for each in urlpatterns if str(each.pattern) in ours]
