"""From a plan to a booked series, by pages: the rules that a browser cannot be trusted with."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from threading import Thread
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from bookings.models import AccessToken, Consent, Hold, LoginCode, Patient, Series
from bookings.patient.shown import starts_in
from tests.browser.practice import Practice
from tests.patient.booking_steps import ADA, TYPED, actions, chosen, hidden, send, text


def book(client: Client, practice: Practice, codes, **typed: str) -> Any:
    hold = chosen(client, practice.plans())
    send(client, hold, "details", **TYPED | typed)
    return send(client, hold, "code", code=codes[(TYPED | typed)["contact"]])


def test_the_whole_way_books_for_the_person_who_typed_the_code(client: Client, practice, codes):
    answer = book(client, practice, codes)

    series = Series.objects.get()
    assert answer.url == f"/book/done/{series.id}/"
    assert (series.patient.first_name, series.patient.email) == ("Ada", ADA)
    assert "All 6 visits are booked" in text(client.get(answer.url))


def test_the_words_that_were_agreed_to_are_kept_as_they_were_shown(client: Client, practice, codes):
    hold = chosen(client, practice.plans())
    shown = text(client.get(hold))
    send(client, hold, "details", **TYPED)
    send(client, hold, "code", code=codes[ADA])

    for consent in Consent.objects.all():
        assert consent.wording in shown
        assert consent.source == "page"
    assert sorted(Consent.objects.values_list("purpose", flat=True)) == ["booking", "emails"]


def test_who_is_reminded_by_text_agrees_to_texts(client: Client, practice, codes):
    phone = "+12025550117"
    book(client, practice, codes, contact=phone)

    assert sorted(Consent.objects.values_list("purpose", flat=True)) == ["booking", "texts"]


def test_reminders_are_not_needed_to_book(client: Client, practice, codes):
    book(client, practice, codes, remind="")

    assert list(Consent.objects.values_list("purpose", flat=True)) == ["booking"]


def test_nothing_is_booked_without_the_code(client: Client, practice, codes):
    hold = chosen(client, practice.plans())
    send(client, hold, "details", **TYPED)
    answer = send(client, hold, "code", code="000000" if codes[ADA] != "000000" else "111111")

    assert answer.status_code == 422
    assert "That code does not match." in text(answer)
    assert (Series.objects.count(), Patient.objects.count()) == (0, 0)


def test_what_is_wrong_is_said_at_the_field_and_what_was_right_stays(client: Client, practice):
    hold = chosen(client, practice.plans())

    answer = send(
        client, hold, "details", **TYPED | {"birth_date_day": "31", "birth_date_month": "2", "agree": ""}
    )

    page = text(answer)
    assert answer.status_code == 422
    assert "There is no such date." in page
    assert "We cannot book without this." in page
    assert 'aria-describedby="id_agree_error"' in page
    assert 'value="Ada"' in page
    assert LoginCode.objects.count() == 0


@pytest.mark.parametrize("known", [True, False])
def test_a_known_contact_and_an_unknown_one_get_the_same_answer(client: Client, practice, known):
    if known:
        Patient.objects.create(first_name="Ada", last_name="Quill", email=ADA)
    hold = chosen(client, practice.plans())

    answer = send(client, hold, "details", **TYPED)

    assert (answer.status_code, answer.url) == (302, hold)
    assert "We have sent six digits to <strong>ada@mail.example</strong>." in text(client.get(hold))


def test_reading_writes_nothing(client: Client, practice):
    for path in ("/", practice.plans(), "/sign-in/", practice.plans(practice.spray)):
        client.get(path)

    assert Hold.objects.count() == 0
    assert "sessionid" not in client.cookies


@pytest.mark.parametrize("whose", ["nobody", "somebody else"])
def test_a_hold_is_shown_only_where_it_was_made(client: Client, practice, whose):
    hold = chosen(client, practice.plans())
    other = Client()
    if whose == "somebody else":
        chosen(other, practice.plans(time="afternoon"))

    for answer in (
        other.get(hold),
        other.post(hold, {"step": "details", **TYPED}),
        other.post(f"{hold}give-back/"),
    ):
        assert answer.status_code == 404
    assert client.get(hold).status_code == 200


def test_a_booking_is_shown_only_to_its_patient(client: Client, practice, codes):
    done = book(client, practice, codes).url

    assert Client().get(done).url.startswith("/sign-in/?next=")
    other = Client()
    bea = "bea@mail.example"
    other.post("/sign-in/", {"contact": bea})
    other.post("/sign-in/code/", {"code": codes[bea]})
    assert other.get(done).status_code == 404


def test_a_form_sent_twice_is_done_once(client: Client, practice, codes):
    page = text(client.get(practice.plans()))
    body = {"plan": hidden(page, "plan")[0], "once": hidden(page, "once")[0]}

    first, second = (client.post(actions(page)[1], body) for _time in range(2))

    assert first.url == second.url
    assert Hold.objects.count() == 1


def test_twins_at_one_moment_book_once_and_both_are_led_to_the_booking(client: Client, practice, codes):
    """The second click of a double click comes with the session of before the sign-in."""
    hold = chosen(client, practice.plans())
    send(client, hold, "details", **TYPED)
    body = {"once": hidden(text(client.get(hold)), "once")[0], "step": "code", "code": codes[ADA]}
    cookies = {name: morsel.value for name, morsel in client.cookies.items()}
    twins = [Client() for _twin in range(2)]
    answers: list[Any] = [None, None]

    def post(at: int) -> None:
        twins[at].cookies.load(cookies)
        answers[at] = twins[at].post(hold, body)

    threads = [Thread(target=post, args=(at,)) for at in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    series = Series.objects.get()
    assert [answer.url for answer in answers] == [f"/book/done/{series.id}/"] * 2
    for twin in twins:
        assert twin.get(f"/book/done/{series.id}/").status_code == 200


def test_the_session_has_another_key_once_somebody_is_signed_in(client: Client, practice, codes):
    hold = chosen(client, practice.plans())
    before = client.cookies["sessionid"].value
    send(client, hold, "details", **TYPED)
    send(client, hold, "code", code=codes[ADA])

    assert client.cookies["sessionid"].value != before
    stale = Client()
    stale.cookies["sessionid"] = before
    assert stale.get(hold).status_code == 404


def test_one_browser_keeps_one_plan_at_a_time(client: Client, practice):
    first = chosen(client, practice.plans())
    chosen(client, practice.plans(), plan=1)

    assert Hold.objects.filter(claims__isnull=False).distinct().count() == 1
    assert "The time is over" in text(client.get(first))


def test_who_thinks_again_gives_the_places_back(client: Client, practice):
    hold = chosen(client, practice.plans(time="morning"))

    answer = client.post(f"{hold}give-back/")

    assert "time=morning" in answer.url
    assert Hold.objects.count() == 0


def test_an_expired_hold_keeps_what_was_typed_and_offers_the_same_again(client: Client, practice):
    hold = chosen(client, practice.plans())
    Hold.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    over = client.post(hold, {"step": "details", **TYPED})
    page = text(over)
    again = client.post(actions(page)[1], {"plan": hidden(page, "plan")[0], "once": hidden(page, "once")[0]})

    assert over.status_code == 409
    assert 'value="Ada"' in text(client.get(again.url))


def test_a_plan_that_somebody_else_took_is_offered_again_with_as_little_changed_as_can_be(client, practice):
    practice.leave_one_chair()
    page = text(client.get(practice.plans()))
    # A plan that nobody who has no wishes is shown first.
    afternoons = hidden(text(client.get(practice.plans(time="afternoon"))), "plan")[0]
    body = {"plan": afternoons, "once": hidden(page, "once")[0]}
    chosen(Client(), practice.plans(time="afternoon"))

    answer = client.post(actions(page)[1], body)
    again = text(client.get(answer.url))

    assert f"lost={body['plan']}" in answer.url
    assert "Somebody was quicker" in again
    wanted, offered = starts_in(afternoons), starts_in(hidden(again, "plan")[0])
    visit = timedelta(minutes=150)  # for which the one chair is taken
    assert [abs(new - old) for new, old in zip(offered, wanted, strict=True)] == [visit] * 6


def test_who_is_signed_in_only_agrees(client: Client, practice, codes):
    client.post("/sign-in/", {"contact": ADA})
    Patient.objects.create(
        first_name="Ada", last_name="Quill", email=ADA, birth_date=datetime(1980, 1, 2, tzinfo=UTC).date()
    )
    client.post("/sign-in/code/", {"code": codes[ADA]})
    hold = chosen(client, practice.plans())

    answer = send(client, hold, "agree", agree="on")

    assert Series.objects.get().patient.first_name == "Ada"
    assert answer.url.startswith("/book/done/")


def test_somebody_with_visits_already_is_told_and_shown_plans_that_allow_for_them(client, practice, codes):
    book(client, practice, codes)
    other = Client()
    hold = chosen(other, practice.plans())
    send(other, hold, "details", **TYPED)

    answer = send(other, hold, "code", code=codes[ADA])
    page = text(other.get(answer.url))

    assert Series.objects.count() == 1
    assert "This plan cannot be yours:" in page


def test_holds_of_one_address_are_limited(client: Client, practice, settings):
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"holds of an address": (2, 3600)}
    pages = [text(Client().get(practice.plans())) for _time in range(3)]

    answers = [
        Client().post(actions(page)[1], {"plan": hidden(page, "plan")[0], "once": hidden(page, "once")[0]})
        for page in pages
    ]

    assert [answer.status_code for answer in answers] == [302, 302, 429]
    assert "Retry-After" in answers[2].headers


def test_plans_for_one_address_are_limited(client: Client, practice, settings):
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"plans of an address": (2, 3600)}

    answers = [client.get(practice.plans()) for _time in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert "That was asked for very often." in text(answers[2])


def test_codes_for_one_contact_are_limited_and_what_was_typed_stays(client: Client, practice, settings):
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"login-codes of a contact": (1, 900)}
    hold = chosen(client, practice.plans())
    send(client, hold, "details", **TYPED)
    client.get(f"{hold}?change")
    once = hidden(text(client.get(f"{hold}?change")), "once")[0]

    answer = client.post(hold, {"once": once, "step": "details", **TYPED})

    assert answer.status_code == 422
    assert "That was asked for very often." in text(answer)
    assert 'value="Ada"' in text(answer)


def test_forms_are_refused_without_the_token_against_forgery(practice):
    strict = Client(enforce_csrf_checks=True)

    for path in ("/sign-in/", f"/book/harbor/{practice.drip.id}/hold/", "/sign-out/", "/language/"):
        assert strict.post(path, {}).status_code == 403


def test_signing_out_ends_the_token_and_forgets_what_was_typed(client: Client, practice, codes):
    done = book(client, practice, codes).url

    client.post("/sign-out/")

    assert AccessToken.objects.get().revoked_at is not None
    assert client.get(done).url.startswith("/sign-in/")


def test_a_token_that_is_revoked_elsewhere_ends_the_session_here(client: Client, practice, codes):
    done = book(client, practice, codes).url
    AccessToken.objects.update(revoked_at=timezone.now())

    assert client.get(done).url.startswith("/sign-in/")
