"""Templates of starts at the desk: drawn up, shown beside what was, in force, off; how level the days are."""

from __future__ import annotations

import pytest

from bookings.commands.levelling import draw_up_templates
from bookings.models import Clinic, StartTemplate
from tests.bookings.scenes import book_one
from tests.cast import NOW, new_york
from tests.frontdesk.conftest import at_the_desk, words

pytestmark = pytest.mark.django_db(transaction=True)

PAGE = "/desk/north/clinic/levelling/"
REPORT = "/desk/north/reports/levelling/"
MONDAY = {"from": "2026-03-30", "to": "2026-03-30"}


@pytest.fixture
def manager(cast, clock):
    return at_the_desk(cast.manager)


@pytest.fixture
def booked(cast):
    """Two visits at ten on the Monday before the present, a Wednesday."""
    early = new_york("2026-03-23 08:00")
    book_one(cast, new_york("2026-03-30 10:00"), now=early)
    book_one(cast, new_york("2026-03-30 10:00"), patient=cast.bea, now=early)


def drawn_up(manager) -> StartTemplate:
    manager.post(f"{PAGE}ask/", {"weeks": "1"})
    draw_up_templates(now=NOW)
    return StartTemplate.objects.order_by("-id").first()


def test_a_manager_has_a_template_drawn_up_and_sees_it_beside_what_was(manager, booked):
    asked = manager.post(f"{PAGE}ask/", {"weeks": "1"})

    assert (asked.status_code, asked["Location"]) == (302, PAGE)
    waiting = words(manager.get(PAGE))
    assert "A template of 25 Mar 2026 – 31 Mar 2026 is being drawn up: 0 weekdays are done." in waiting
    assert "Draw it up" not in waiting
    draw_up_templates(now=NOW)
    shown = manager.get(PAGE)
    (monday,) = shown.context["figures"]
    assert monday.heading == "Monday"
    assert monday.says == "2 visits a day; before, 2.0 were set up at one time on a mean day, now 1."
    assert [row for row in monday.rows if row[1] != "0.0"] == [("10:00", "2.0", "–")]
    assert [row[2] for row in monday.rows if row[2] != "–"] == ["1 of 150 min"] * 2
    assert len(monday.plot.bars) == 2
    assert "Take it into force" in words(shown)


def test_taken_into_force_it_levels_until_it_is_switched_off(manager, cast, booked):
    template = drawn_up(manager)

    taken = manager.post(f"{PAGE}{template.id}/take/")

    assert (taken.status_code, Clinic.objects.get(slug="north").levelling) == (302, True)
    page = words(manager.get(PAGE))
    assert "The template of 25 Mar 2026 – 31 Mar 2026 is in force since 1 Apr 2026." in page
    assert "Take it into force" not in page
    manager.post(f"{PAGE}switch/", {"levelling": "off"})
    assert Clinic.objects.get(slug="north").levelling is False
    assert "It does not count while levelling is off." in words(manager.get(PAGE))
    manager.post(f"{PAGE}switch/", {"levelling": "on"})
    assert Clinic.objects.get(slug="north").levelling is True


def test_whoever_saw_an_older_clinic_is_told(manager, booked):
    template = drawn_up(manager)
    manager.post(f"{PAGE}{template.id}/take/")
    seen = Clinic.objects.get(slug="north").roster_version
    manager.post(f"{PAGE}switch/", {"levelling": "off", "version": seen})

    answer = manager.post(f"{PAGE}switch/", {"levelling": "on", "version": seen})

    assert (answer.status_code, Clinic.objects.get(slug="north").levelling) == (412, False)


def test_nothing_booked_opens_nothing(manager, cast):
    drawn_up(manager)

    page = words(manager.get(PAGE))

    assert "Nothing was booked often enough in these weeks to open starts for." in page
    assert "Take it into force" not in page


@pytest.mark.parametrize("weeks", ["0", "53", "many", ""])
def test_other_weeks_are_told_at_the_field(manager, cast, weeks):
    answer = manager.post(f"{PAGE}ask/", {"weeks": weeks})

    assert answer.status_code == 400
    assert answer.context["form"].errors["weeks"]
    assert not StartTemplate.objects.exists()


def test_what_is_being_drawn_up_and_what_is_not_there_cannot_be_taken(manager, cast):
    manager.post(f"{PAGE}ask/", {"weeks": "1"})
    template = StartTemplate.objects.get()

    early = manager.post(f"{PAGE}{template.id}/take/")
    elsewhere = manager.post(f"/desk/west/clinic/levelling/{template.id}/take/")

    assert (early.status_code, elsewhere.status_code) == (409, 404)
    assert "This template is still being drawn up." in words(early)


def test_others_see_it_and_change_nothing(manager, cast, desk, booked):
    drawn_up(manager)

    page = words(desk.get(PAGE))

    assert "Only a manager changes this." in page
    assert ("Draw it up" in page, "Take it into force" in page) == (False, False)


def test_an_older_template_can_be_looked_at(manager, cast, booked):
    first = drawn_up(manager)
    StartTemplate.objects.update(first="2026-03-18")
    second = drawn_up(manager)

    assert manager.get(PAGE).context["shown"] == second
    assert manager.get(PAGE, {"template": str(first.id)}).context["shown"] == first


def test_the_report_compares_the_starts_with_the_template(manager, cast, desk, booked):
    manager.post(f"{PAGE}{drawn_up(manager).id}/take/")

    set_ups, starts, chairs = desk.get(REPORT, MONDAY).context["figures"]

    assert set_ups.says == (
        "On a mean day 2.0 patients need a nurse to themselves at one time; on the busiest 2."
    )
    assert list(set_ups.rows) == [("Mon 30 Mar 2026", 2, 2, 2)]
    assert starts.says == "2 of 2 visits begin in quarter hours that were full for their length."
    assert ("10:00", 2, 0, 2) in starts.rows
    assert chairs.says == "Most chairs are in use at 10:00: 2.0 on a mean day."


def test_without_a_template_it_counts_the_starts_alone(desk, booked):
    _set_ups, starts, _chairs = desk.get(REPORT, MONDAY).context["figures"]

    assert starts.says == "No template is in force: there is nothing to compare the starts with."
    assert starts.rows[0] == ("10:00", 2)


def test_a_period_without_visits_has_no_figures(desk, cast):
    assert "There is nothing to count in this period." in words(desk.get(REPORT, MONDAY))


def test_days_and_quarters_as_files(desk, booked):
    days, quarters = (desk.get(f"{REPORT}{what}.csv", MONDAY) for what in ("days", "quarters"))

    assert days["Content-Type"] == "text/csv; charset=utf-8"
    assert days["Content-Disposition"] == (
        'attachment; filename="north-levelling-days-2026-03-30-2026-03-30.csv"'
    )
    assert days.content.decode() == "\ufeffdate,visits,set_ups,chairs\r\n2026-03-30,2,2,2\r\n"
    lines = quarters.content.decode().splitlines()
    assert lines[:3] == ["\ufeffbegins,visits,opened,beyond,chairs", "10:00,2,,,2.0", "10:15,0,,,2.0"]


def test_nobody_is_named_in_either(manager, cast, desk, booked):
    manager.post(f"{PAGE}{drawn_up(manager).id}/take/")

    shown = [desk.get(url, MONDAY).content.decode() for url in (PAGE, REPORT, f"{REPORT}days.csv")]

    assert not [name for name in ("Ada", "Quill", "Bea", "Sands", "Ketamine") for one in shown if name in one]


def test_both_pages_speak_spanish(manager, cast, desk, booked):
    manager.post(f"{PAGE}{drawn_up(manager).id}/take/")
    spanish = {"HTTP_ACCEPT_LANGUAGE": "es"}

    page, report = words(manager.get(PAGE, **spanish)), words(desk.get(REPORT, MONDAY, **spanish))

    assert "Nivelación" in page
    assert "lunes" in page.lower()
    assert "Inicios frente a la plantilla" in report
