"""What a text of a patient means. Pure.

Patients are asked to reply Y or R and never CANCEL, which carriers take for an opt-out; the words that end
texts are those of Twilio's carriers and of the FCC, in both languages
(sources: https://www.twilio.com/docs/messaging/tutorials/advanced-opt-out ;
https://kelleydrye.com/viewpoints/blogs/ad-law-access/fcc-sets-effective-date-for-tcpa-reasonable-consent-revocation-rules).
"""

from __future__ import annotations

import re
import unicodedata

from notifications.kinds import Meaning

_WORDS = {
    Meaning.CONFIRM: {"y", "yes", "yep", "ok", "okay", "confirm", "confirmed", "c", "s", "si", "confirmo"},
    Meaning.CHANGE: {"r", "reschedule", "change", "move", "cambiar", "cambio"},
    Meaning.STOP: {
        *("stop", "stopall", "stop all", "unsubscribe", "end", "quit", "revoke", "optout", "opt out"),
        *("alto", "parar", "pare", "basta", "baja", "fin", "detener"),
    },
    Meaning.START: {"start", "unstop", "subscribe", "empezar", "iniciar", "alta"},
    Meaning.HELP: {"help", "info", "ayuda"},
    Meaning.CANCEL: {"cancel", "cancelar", "cancela"},
}
_MEANINGS = {word: meaning for meaning, words in _WORDS.items() for word in words}

#: A wish to be left alone in a sentence: any reasonable means counts.
_LEAVE_ME = re.compile(
    r"\b(stop|quit) (text|messag|send|contact)|\b(do not|dont|no more|no mas) (text|messag|contact|mensaje)"
    r"|\bremove me\b|\bunsubscribe\b|\bopt ?out\b|\bno me (envien|manden|escriban)\b"
)
_CANCEL = re.compile(r"\bcancel")


def meaning_of(body: str, *, carrier_says: str = "") -> Meaning:
    """What the text means. `carrier_says` is the carrier's own reading, where it has one: STOP, START, HELP.

    A single word counts with whatever signs are around it; a sentence is for a person to read, but for one
    that asks to be left alone.
    """
    said = plain(body)
    word = _MEANINGS.get(said, Meaning.FREE)
    if carrier_says.lower() in (Meaning.STOP, Meaning.START, Meaning.HELP):
        # What it reads as an opt-out may have been meant for the visit.
        return word if word == Meaning.CANCEL else Meaning(carrier_says.lower())
    return Meaning.STOP if word == Meaning.FREE and _LEAVE_ME.search(said) else word


def speaks_of_cancelling(body: str) -> bool:
    """Whether a sentence may be about giving up a visit, in either language."""
    return bool(_CANCEL.search(plain(body)))


def plain(body: str) -> str:
    """The words alone, in small letters without accents, one space between them."""
    bare = unicodedata.normalize("NFKD", body.replace("'", "").replace("’", ""))
    letters = "".join(sign for sign in bare if not unicodedata.combining(sign))
    return " ".join(re.findall(r"\w+", letters.lower()))
