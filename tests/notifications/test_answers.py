"""What a patient's text is taken for."""

import pytest

from notifications.answers import meaning_of, speaks_of_cancelling
from notifications.kinds import Meaning


@pytest.mark.parametrize("body", ["Y", "y", " Yes! ", "SÍ", "si.", "Si\u0301", "OK", "C", "“Y”", "Y 👍", "s"])
def test_a_yes_confirms(body):
    assert meaning_of(body) == Meaning.CONFIRM


@pytest.mark.parametrize("body", ["R", "r.", "Reschedule", "change", "Cambiar", "CAMBIO"])
def test_r_asks_to_change(body):
    assert meaning_of(body) == Meaning.CHANGE


@pytest.mark.parametrize(
    "body",
    [
        *["STOP", "stop.", "StopAll", "Unsubscribe", "END", "quit", "Revoke", "OPTOUT", "opt out", "opt-out"],
        *["Alto", "PARAR", "baja", "Please stop texting me", "don't text me again", "Do not contact me"],
        *["No me envíen más mensajes", "no more texts!", "remove me", "I want to unsubscribe"],
    ],
)
def test_a_wish_to_be_left_alone_is_an_opt_out(body):
    assert meaning_of(body) == Meaning.STOP


@pytest.mark.parametrize(
    ("body", "meaning"),
    [
        ("START", Meaning.START),
        ("unstop", Meaning.START),
        ("Alta", Meaning.START),
        ("HELP", Meaning.HELP),
        ("info?", Meaning.HELP),
        ("Ayuda", Meaning.HELP),
        ("CANCEL", Meaning.CANCEL),
        ("Cancelar.", Meaning.CANCEL),
    ],
)
def test_the_other_words(body, meaning):
    assert meaning_of(body) == meaning


@pytest.mark.parametrize(
    "body",
    [
        *["", "👍", "Thanks", "Y but I may be late", "yes please call me", "Can I bring my son?", "1", "YR"],
        *["I will stop by at noon", "Is there an end time", "please cancel my visit on Monday", "Why?"],
        "My friend will quit work early to drive me",
    ],
)
def test_everything_else_is_for_a_person_to_read(body):
    assert meaning_of(body) == Meaning.FREE


@pytest.mark.parametrize(
    ("body", "carrier_says", "meaning"),
    [
        ("arrêt", "STOP", Meaning.STOP),  # a word that only the carrier knows
        ("YES", "START", Meaning.START),  # as carriers read it from somebody who had stopped
        ("Y", "HELP", Meaning.HELP),
        ("CANCEL", "STOP", Meaning.CANCEL),
        ("Y", "", Meaning.CONFIRM),
        ("Y", "SOMETHING", Meaning.CONFIRM),
    ],
)
def test_what_the_carrier_reads_counts_before_what_we_read(body, carrier_says, meaning):
    assert meaning_of(body, carrier_says=carrier_says) == meaning


@pytest.mark.parametrize(
    ("body", "speaks"),
    [("Please cancel Monday", True), ("¿Puedo cancelar?", True), ("See you on Monday", False), ("", False)],
)
def test_a_sentence_about_cancelling_is_noticed(body, speaks):
    assert speaks_of_cancelling(body) is speaks
