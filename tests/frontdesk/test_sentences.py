"""What rules and verbs say in English, on the pages of a reader of Spanish."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from django.utils import translation

from bookings.frontdesk.forms_of_sentences import FORMS, PARTS
from bookings.frontdesk.sentences import said
from bookings.models import Task
from tests.bookings.scenes import book_ket6
from tests.cast import NOW, Cast
from tests.frontdesk.conftest import words

ROOT = Path(__file__).resolve().parents[2]
#: Where sentences are made that the desk shows.
MADE_IN = [
    "bookings/attendance.py",
    "bookings/errors.py",
    "bookings/findings.py",
    "bookings/drawn_up.py",
    "bookings/repaired.py",
    "scheduler/place_rules.py",
    "scheduler/series_rules.py",
    *(
        f"bookings/commands/{name}.py"
        for name in ("attend", "clinics", "escort", "move", "patients", "proposals", "protocols", "roster")
    ),
    *(f"bookings/commands/{name}.py" for name in ("deciding", "staff", "todo", "tokens", "waiting")),
    *(f"bookings/commands/{name}.py" for name in ("emergencies", "erasing")),
    *(f"bookings/commands/{name}.py" for name in ("carry_out_repair", "levelling", "repairs")),
]
#: What is in those modules and a page of the desk never gets, or says itself.
NOT_AT_THE_DESK = {
    "Only staff open a record in an emergency.",
    "There is no such clinic, or you do not work there.",
    "Only a manager erases a patient.",
    "7, at most 7 are allowed: 7.",  # the end of one that is known
    "A template is drawn up from 1 to 7 weeks.",
    "Name at least one series, and each either to move or to offer.",
    "Name series that the plan has new places for.",
    "Only staff carry out plans.",
    "Only staff draw up plans.",
    "Only staff propose other times.",
    "Only staff see to tasks.",
    "That does not match. Check what you typed, or ask for a new code.",
    "This can be changed until 7 hours before the visit. Please call the clinic.",
}
GAP = re.compile(r"%\((\w+)\)s")


def in_spanish(sentence: str) -> str:
    with translation.override("es"):
        return said(sentence)


@pytest.mark.parametrize("form", [form for form, _pattern in (*FORMS, *PARTS)])
def test_every_form_is_said_in_spanish_with_all_that_stands_in_its_gaps(form: str):
    with translation.override("es"):
        spanish = translation.gettext(form)

    assert spanish != form
    assert sorted(GAP.findall(spanish)) == sorted(GAP.findall(form))


def test_a_reader_of_english_gets_the_sentence_itself():
    with translation.override("en-us"):
        assert said("The clinic is closed on Fri 1 January.") == "The clinic is closed on Fri 1 January."


@pytest.mark.parametrize(
    ("english", "spanish"),
    [
        (
            "Sessions 1 and 2 are 1 day apart, less than the 2 days required: earliest Thu 10 May, 11:00.",
            "Las sesiones 1 y 2 distan 1 día, menos de los 2 días exigidos: como muy pronto, jue 10 de mayo, 11:00.",  # noqa: E501
        ),
        (
            "The session of Tue 2 May and session 5 are 9 days apart, the phase may take 7: latest Fri 5 May.",  # noqa: E501
            "La sesión del mar 2 de mayo y la sesión 5 distan 9 días; la fase puede durar 7: como muy tarde, vie 5 de mayo.",  # noqa: E501
        ),
        (
            "Chair Window is taken from 08:15 to 10:45 on Tue 1 December.",
            "El sillón Window está ocupado de 08:15 a 10:45 el mar 1 de diciembre.",
        ),
        (
            "Sillón 4 is taken from 08:15 to 10:45 on Tue 1 December.",
            "Sillón 4 está ocupado de 08:15 a 10:45 el mar 1 de diciembre.",
        ),
        ("The series is lapsed.", "Estado de la serie: interrumpida."),
        (
            "4 of 6 sessions are done or planned: session 3 was missed, session 6 was cancelled.",
            "4 de 6 sesiones están hechas o planificadas: la sesión 3 se perdió, la sesión 6 se canceló.",
        ),
        (
            "The clinic is closed on Fri 1 May. Chair A is taken from 08:00 to 09:00 on Mon 4 May.",
            "La clínica está cerrada el vie 1 de mayo. El sillón A está ocupado de 08:00 a 09:00 el lun 4 de mayo.",  # noqa: E501
        ),
        (
            "It has changed since you read it. Read it again.",
            "Ha cambiado desde que lo leyó. Vuelva a leerlo.",
        ),
        ("Nobody has said this before.", "Nobody has said this before."),
    ],
)
def test_dates_amounts_and_names_are_carried_over(english: str, spanish: str):
    assert in_spanish(english) == spanish


def test_every_sentence_that_the_desk_may_read_is_known():
    made = {sentence for path in MADE_IN for sentence in sentences_in(ROOT / path)}

    assert len(made) > 80
    assert {sentence for sentence in made if in_spanish(sentence) == sentence} == NOT_AT_THE_DESK


def test_the_pages_of_a_reader_of_spanish_say_them_so(cast: Cast, desk):
    series = book_ket6(cast)
    dates = {"created_at": NOW, "updated_at": NOW}
    detail = "5 of 6 sessions are done or planned: session 6 was cancelled."
    Task.objects.create(kind="incomplete", clinic=cast.north, series=series, detail=detail, **dates)
    second = series.sessions.get(number=2)
    spanish = {"Accept-Language": "es"}

    tasks = words(desk.get("/desk/north/tasks/", headers=spanish))
    move = words(desk.get(f"/desk/north/visits/{second.id}/move/?start=2026-04-07T10:00", headers=spanish))

    assert "5 de 6 sesiones están hechas o planificadas: la sesión 6 se canceló." in tasks
    assert "Las sesiones 1 y 2 distan 1 día, menos de los 2 días exigidos" in move


def sentences_in(path: Path) -> list[str]:
    """Every whole sentence that the module makes, with a number in each of its gaps."""
    tree = ast.parse(path.read_text())
    documents = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    inner = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    found = []
    for node in ast.walk(tree):
        if id(node) in documents | inner:
            continue
        if isinstance(node, ast.JoinedStr):
            text = "".join(str(part.value) if isinstance(part, ast.Constant) else "7" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value
        else:
            continue
        if re.match(r"[A-Z7]", text) and text.endswith(".") and " " in text:
            found.append(text)
    return found
