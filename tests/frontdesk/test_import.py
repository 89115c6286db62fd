"""Data in: looked at first, refused by line and rule, a series whole or not at all, and nothing twice."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from bookings.commands.book import book_series
from bookings.commands.cancel import cancel_session
from bookings.commands.importing import SILENT, begin_import, end_import
from bookings.commands.move import move_session
from bookings.errors import Busy
from bookings.frontdesk.figures import importing
from bookings.import_files import MOST_LINES, read_file
from bookings.models import IdempotencyKey, JournalEntry, Patient, Series, Session
from tests.bookings.scenes import book_one, session
from tests.cast import MONDAYS_AND_THURSDAYS, NEW_YORK, NOW, make_patient, new_york
from tests.frontdesk.conftest import words

pytestmark = pytest.mark.django_db(transaction=True)

IMPORT = "/desk/north/files/import/"
HEAD = "first_name,last_name,birth_date,phone,series,protocol,phase,start"
DAYS = ("06", "09", "13", "16", "20", "23")


def course(name="Nell,Vance,1991-05-06", *, clock="10:00", days=DAYS, series="s1"):
    return [f"{name},202 555 0142,{series},ket6,induction,2026-04-{day} {clock}" for day in days]


def csv_of(*lines, head=HEAD):
    return "\n".join([head, *lines, ""]).encode()


def send(desk, content, digest=""):
    return desk.post(IMPORT, {"file": SimpleUploadedFile("visits.csv", content), "digest": digest})


def take(desk, content):
    """Looks at the file, and uploads it once more."""
    seen = send(desk, content)
    return send(desk, content, seen.context["file"].digest)


def refusals(answer):
    found = answer.context.get("foreseen") or answer.context["taken"]
    return [(one.line, one.rule) for one in found.refusals]


def test_a_look_says_what_the_file_would_bring_and_writes_nothing(cast, desk):
    answer = send(desk, csv_of(*course(), "Otto,Lane,1970-01-02,,,,,"))

    foreseen = answer.context["foreseen"]
    assert [person.first_name for person in foreseen.new.values()] == ["Nell", "Otto"]
    assert [len(one.starts) for one in foreseen.books] == [6]
    assert foreseen.refusals == ()
    assert (Patient.objects.count(), Series.objects.count(), JournalEntry.objects.count()) == (3, 0, 0)


def test_the_same_file_once_more_brings_it(cast, desk):
    taken = take(desk, csv_of(*course(), "Otto,Lane,1970-01-02,,,,,")).context["taken"]

    assert (taken.patients, taken.series, taken.refusals) == (2, 1, ())
    nell = Patient.objects.get(first_name="Nell")
    assert (nell.phone, nell.time_zone, nell.language) == ("+12025550142", "America/New_York", "en")
    assert list(nell.sessions.order_by("number").values_list("start", flat=True)) == MONDAYS_AND_THURSDAYS
    assert sorted(JournalEntry.objects.values_list("verb", flat=True)) == [
        "data_imported",
        "patient_added",
        "patient_added",
        "series_booked",
        "series_imported",
    ]


def test_another_file_with_that_digest_is_looked_at_instead(cast, desk):
    digest = send(desk, csv_of(*course())).context["file"].digest

    answer = send(desk, csv_of(*course(clock="11:00")), digest)

    assert (answer.status_code, Series.objects.count()) == (409, 0)
    assert "another file" in answer.content.decode()


def test_a_second_import_books_nothing_twice(cast, desk):
    take(desk, csv_of(*course()))
    again = take(desk, csv_of(*course())).context["taken"]

    assert (again.patients, again.series, again.there) == (0, 0, 1)
    assert (Patient.objects.count(), Session.objects.count()) == (4, 6)


def test_nor_after_all_of_it_was_moved_or_cancelled_meanwhile(cast, desk):
    take(desk, csv_of(*course()))
    series = Series.objects.get()
    move_session(session(series, 6), start=new_york("2026-04-24 11:00"), actor=cast.as_desk, now=NOW)
    cancel_session(session(series, 1), actor=cast.as_desk, now=NOW)

    again = take(desk, csv_of(*course(), *course("Otto,Lane,1970-01-02", clock="13:00"))).context["taken"]

    assert (again.patients, again.series, again.there) == (1, 1, 1)
    assert Session.objects.count() == 12


def test_a_course_that_was_booked_by_telephone_is_known_too(cast, desk):
    book_one(cast, new_york("2026-04-06 10:00"))

    taken = take(desk, csv_of("Ada,Quill,1980-01-02,202 555 0101,,booster,,2026-04-06 10:00")).context[
        "taken"
    ]

    assert (taken.patients, taken.series, taken.there, Session.objects.count()) == (0, 0, 1, 1)


def test_people_are_known_by_name_without_accents_and_by_birth_date(cast, desk):
    Patient.objects.filter(id=cast.ada.id).update(first_name="Zoë", last_name="O’Hara-Smith")

    foreseen = send(desk, csv_of("zoe,ohara smith,1980-01-02,,,,,")).context["foreseen"]
    other = send(desk, csv_of("zoe,ohara smith,1980-01-03,,,,,")).context["foreseen"]

    assert ([one.id for one in foreseen.known.values()], len(foreseen.new)) == ([cast.ada.id], 0)
    assert len(other.new) == 1


def test_two_who_cannot_be_told_apart_are_refused(cast, desk):
    make_patient("Ada", "Quill", number=1)

    answer = send(desk, csv_of("Ada,Quill,1980-01-02,,,,,"))

    assert refusals(answer) == [(2, "two_patients")]


def test_a_series_is_taken_whole_or_not_at_all(cast, desk):
    lines = course()
    lines[3] = lines[3].replace("2026-04-16 10:00", "2026-04-16 18:00")

    answer = take(desk, csv_of(*lines))

    assert refusals(answer) == [
        (2, "whole_series"),
        (3, "whole_series"),
        (4, "whole_series"),
        (5, "closed"),
        (6, "whole_series"),
        (7, "whole_series"),
    ]
    assert (Series.objects.count(), Patient.objects.count()) == (0, 3)


def test_courses_of_one_file_stand_in_one_anothers_way(cast, desk):
    lines = [f"Pat{number},Vale,1990-01-0{number},,,booster,,2026-04-06 10:00" for number in range(1, 5)]

    answer = send(desk, csv_of(*lines))
    taken = take(desk, csv_of(*lines)).context["taken"]

    # Two nurses set up two at a time; the third and fourth find none, and so it comes.
    assert refusals(answer) == [(4, "nursing"), (5, "nursing")]
    assert (taken.series, [one.line for one in taken.refusals]) == (2, [4, 5])


def test_spacing_counts_between_the_courses_of_one_new_patient(cast, desk):
    lines = [
        "Pat,Vale,1990-01-01,,a,booster,,2026-04-06 10:00",
        "Pat,Vale,1990-01-01,,b,booster,,2026-04-07 10:00",
    ]

    assert refusals(send(desk, csv_of(*lines))) == [(3, "min_gap")]


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("Nell,,1991-05-06,,,,,", "name"),
        ("Nell,Vance,06/05/1991,,,,,", "birth_date"),
        ("Nell,Vance,1991-05-06,call me,,,,", "phone"),
        ("Nell,Vance,1991-05-06,,,booster,,", "visit"),
        ("Nell,Vance,1991-05-06,,,booster,,tomorrow", "start"),
        ("Nell,Vance,1991-05-06,,,booster,,2027-03-14 02:30", "start"),
        ("Nell,Vance,1991-05-06,,,booster,,2026-11-01 01:30", "start"),
        ("Nell,Vance,1991-05-06,,,booster,,2026-03-31 10:00", "start"),
        ("Nell,Vance,1991-05-06,,,nosuch,,2026-04-06 10:00", "protocol"),
        ("Nell,Vance,1991-05-06,,,booster,nosuch,2026-04-06 10:00", "phase"),
        ("Nell,Vance,1991-05-06,,,ket6,induction,2026-04-06 10:00", "sessions"),
        ("Nell,Vance,1991-05-06,,,booster,,2026-04-05 10:00", "closed"),
        ("Nell,Vance,1991-05-06,,,,,,more", "form"),
    ],
)
def test_each_refusal_names_its_line_and_its_rule(cast, desk, line, rule):
    answer = send(desk, csv_of("Otto,Lane,1970-01-02,,,,,", line))

    assert refusals(answer) == [(3, rule)]
    assert [one.first_name for one in answer.context["foreseen"].new.values()] == ["Otto"]


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"", "columns"),
        (b"name,born\nA,B\n", "columns"),
        (csv_of("x", head=HEAD + ",shoe_size"), "columns"),
        (csv_of("Zo\xeb,X,1990-01-01,,,,,").decode().encode("latin-1"), "encoding"),
        (csv_of("A\0,X,1990-01-01,,,,,"), "encoding"),
        (csv_of('"A,X,1990-01-01,,,,,'), "form"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_as_a_whole(cast, desk, content, rule):
    assert refusals(send(desk, content)) == [(1, rule)]


def test_as_many_lines_as_are_allowed_and_one_more():
    lines = [f"P,V{number},1990-01-01,,,,," for number in range(MOST_LINES + 1)]

    fits = read_file(csv_of(*lines[:-1]), zone=NEW_YORK)
    too_long = read_file(csv_of(*lines), zone=NEW_YORK)

    assert (fits.lines, fits.refusals) == (MOST_LINES, ())
    assert [(one.line, one.rule) for one in too_long.refusals] == [(1, "size")]


def test_semicolons_a_mark_and_apostrophes_of_spreadsheets_are_read():
    content = "\ufeff" + HEAD.replace(",", ";") + "\r\nNell;Vance;1991-05-06;'+12025550142;;;;\r\n"

    file = read_file(content.encode(), zone=NEW_YORK)

    [(line, person)] = file.people.values()
    assert (line, person.phone, file.refusals) == (2, "+12025550142", ())


def test_other_contact_details_of_one_patient_are_asked_about():
    file = read_file(
        csv_of("Nell,Vance,1991-05-06,202 555 0142,,,,", "Nell,Vance,1991-05-06,202 555 0143,,,,"),
        zone=NEW_YORK,
    )

    assert [(one.line, one.rule) for one in file.refusals] == [(3, "details")]


def test_one_import_at_a_time_and_one_that_was_cut_off_blocks_nobody_for_long(cast, desk, clock):
    begin_import(cast.north, digest="00", now=NOW)

    assert take(desk, csv_of(*course())).status_code == 503
    clock.forward(seconds=SILENT.total_seconds())
    assert take(desk, csv_of(*course())).context["taken"].series == 1
    assert IdempotencyKey.objects.count() == 0


def test_a_long_import_that_goes_on_is_not_taken_for_cut_off(cast, desk, clock, monkeypatch):
    """Each visit takes ten minutes to book, and somebody tries another file after each."""
    others = []

    def slow(*args, **more):
        clock.forward(minutes=10)
        others.append(_another(cast, clock.now))
        return book_series(*args, **more)

    monkeypatch.setattr(importing, "book_series", slow)
    answer = take(desk, csv_of(*course(), *three_more()))

    assert (answer.context["taken"].series, others) == (4, [None] * 4)
    assert IdempotencyKey.objects.count() == 0


def test_one_that_was_silent_for_too_long_stops_and_leaves_its_successor_alone(
    cast, desk, clock, monkeypatch
):
    others = []

    def silent(*args, **more):
        series = book_series(*args, **more)
        clock.forward(seconds=SILENT.total_seconds())
        others.append(_another(cast, clock.now))
        return series

    monkeypatch.setattr(importing, "book_series", silent)
    answer = take(desk, csv_of(*course(), *three_more()))

    assert answer.status_code == 409
    assert "Another import has begun meanwhile" in words(answer)
    assert answer.context["taken"].series == 1
    [begun] = others
    assert IdempotencyKey.objects.get().id == begun
    end_import(
        cast.north,
        begun=begun,
        digest="00",
        patients=0,
        series=0,
        refused=0,
        actor=cast.as_desk,
        now=clock.now,
    )
    assert IdempotencyKey.objects.count() == 0


def three_more() -> list[str]:
    """A visit each for three others."""
    return [
        f"P{k},Vance,1991-05-0{k},202 555 014{k},v{k},booster,maintenance,2026-04-1{k} 13:00"
        for k in (4, 5, 6)
    ]


def _another(cast, now) -> int | None:
    try:
        return begin_import(cast.north, digest="00", now=now)
    except Busy:
        return None
