"""The content security policy of every page."""

from typing import Any


def policy(*, live_origin: str) -> dict[str, Any]:
    """Nothing inline, nothing from elsewhere but the live stream of the desk, where that has an origin of its
    own. Only the pages that show the API's description are made otherwise.
    """
    return {
        "EXCLUDE_URL_PREFIXES": ["/api/v1/docs/"],
        "DIRECTIVES": {
            "default-src": ["'none'"],
            "script-src": ["'self'"],
            "style-src": ["'self'"],
            "img-src": ["'self'"],
            "connect-src": ["'self'", *([live_origin] if live_origin else [])],
            "form-action": ["'self'"],
            "base-uri": ["'none'"],
            "frame-ancestors": ["'none'"],
        },
    }
