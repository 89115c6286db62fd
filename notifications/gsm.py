"""How long a text is on the way to a telephone. Pure.

A text whose every sign is in the alphabet of GSM 03.38 travels as septets: 160 in one part, 153 in each of
several. One other sign, such as a curly apostrophe, and all of it travels as UTF-16: 70 and 67
(source: https://www.twilio.com/docs/glossary/what-sms-character-limit).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_ESCAPED = "\f^{}\\[~]|€"  # each costs two septets
_SEPTETS = {**dict.fromkeys(_BASIC, 1), **dict.fromkeys(_ESCAPED, 2)}

#: What would make a whole text longer, and what says the same.
_PLAIN = {
    **dict.fromkeys("‘’‚‛′`´", "'"),
    **dict.fromkeys("“”„‟″«»", '"'),
    **dict.fromkeys("‐‑‒–—―−", "-"),
    **dict.fromkeys("\t\u00a0\u2002\u2003\u2007\u2009\u202f", " "),
    **dict.fromkeys("\u200b\u200c\u200d\u2060\ufeff\u00ad", ""),
    "…": "...",
    "•": "-",
    "·": "-",
    "ª": "a",
    "º": "o",
}


def fits_alphabet(text: str) -> bool:
    """Whether the text travels as septets."""
    return all(sign in _SEPTETS for sign in text)


def length(text: str) -> int:
    """Septets of a text in the GSM alphabet, and UTF-16 units of any other."""
    return sum(_units(text))


def segments(text: str) -> int:
    """In how many parts the text travels; each is paid for. An empty text is one."""
    one, more = (160, 153) if fits_alphabet(text) else (70, 67)
    units = list(_units(text))
    return 1 if sum(units) <= one else _parts(units, more)


def fold(text: str) -> str:
    """The text in the GSM alphabet: what is not in it becomes what comes nearest, or a question mark."""
    return "".join(_nearest(sign) for sign in unicodedata.normalize("NFC", text))


def _nearest(sign: str) -> str:
    if sign in _SEPTETS:
        return sign
    if sign in _PLAIN:
        return _PLAIN[sign]
    bare = "".join(part for part in unicodedata.normalize("NFKD", sign) if not unicodedata.combining(part))
    return bare if bare and fits_alphabet(bare) else "?"


def _units(text: str) -> Iterable[int]:
    if fits_alphabet(text):
        return (_SEPTETS[sign] for sign in text)
    return (1 if ord(sign) < 0x10000 else 2 for sign in text)


def _parts(units: Iterable[int], size: int) -> int:
    """A sign of two units is never cut in half."""
    parts, used = 1, 0
    for unit in units:
        if used + unit > size:
            parts, used = parts + 1, 0
        used += unit
    return parts
