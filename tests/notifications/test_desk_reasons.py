"""Why a message was not sent, on the desk's pages of a reader of Spanish."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from django.utils import translation

from bookings.frontdesk.sentences import said
from notifications.carrier_codes import FAULTS, UNKNOWN
from notifications.desk_reasons import FORMS, QUOTING

ROOT = Path(__file__).resolve().parents[2] / "notifications"
#: Where reasons are made.
MADE_IN = [
    *("ways.py", "second_look.py", "explaining.py", "planning.py", "dossier.py"),
    *("commands/send.py", "commands/bounces.py", "falling_back.py"),
    *("channels/email.py", "channels/providers.py", "channels/text.py"),
]
#: Words of those modules that are no reason.
NO_REASON = {"a caller saw to that", "what is planned ahead is about one session"}
GAP = re.compile(r"%\((\w+)\)s")


def in_spanish(sentence: str) -> str:
    with translation.override("es"):
        return said(sentence)


@pytest.mark.parametrize("form", [form for form, _pattern in (*FORMS, *QUOTING)])
def test_every_form_is_said_in_spanish_with_all_that_stands_in_its_gaps(form: str):
    with translation.override("es"):
        spanish = translation.gettext(form)

    assert spanish != form
    assert sorted(GAP.findall(spanish)) == sorted(GAP.findall(form))


def test_every_reason_that_is_made_is_known():
    made = {reason for path in MADE_IN for reason in reasons_in(ROOT / path)}
    made |= {f"{fault.says} (7)" for fault in (*FAULTS.values(), UNKNOWN)}

    assert len(made) > 60
    assert {reason for reason in made if in_spanish(reason) == reason} == NO_REASON


@pytest.mark.parametrize(
    ("english", "spanish"),
    [
        ("the session is no show", "estado de la sesión: no vino"),
        (
            "A running late could not be sent: this is a landline (21635)",
            "No se pudo enviar un mensaje (retraso): esto es un teléfono fijo (21635)",
        ),
        (
            "A reminder could not be sent: the mail server said 550 Nobody here. Go",
            "No se pudo enviar un mensaje (recordatorio): el servidor de correo dijo 550 Nobody here. Go",
        ),
        (
            "The patient wrote, and only a person can answer.\nPatient: It arrived. The clinic is closed.",
            "El paciente escribió, y solo una persona puede responder.\nPaciente: It arrived. The clinic is closed.",  # noqa: E501
        ),
    ],
)
def test_codes_and_what_others_said_stay_as_they_are(english: str, spanish: str):
    assert in_spanish(english) == spanish


def reasons_in(path: Path) -> set[str]:
    """Everything there that reads like a part of a sentence, with a number in each of its gaps."""
    tree = ast.parse(path.read_text())
    documents = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    joined = [node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)]
    inner = {id(part) for node in joined for part in node.values}
    found = {
        "".join(str(part.value) if isinstance(part, ast.Constant) else "7" for part in node.values)
        for node in joined
    }
    found |= {
        re.sub(r"\{\w+\}", "7", node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in documents | inner
    }
    found = {re.sub(r"(the offer is|the proposal is) 7", r"\1 expired", text) for text in found}
    found = {text.replace("send this by 7", "send this by text") for text in found}
    return {text for text in found if re.match(r"[a-z7A][a-z7]* [a-z7]", text) and "\n" not in text}
