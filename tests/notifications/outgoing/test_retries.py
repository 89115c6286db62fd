"""What follows from an answer: done, again and when, or the end."""

from datetime import timedelta

import pytest

from notifications.outgoing.retries import KEEPS, WAITS, Again, Answer, Delivered, GivenUp, decide, rest
from tests.cast import NOW

MINUTE = timedelta(minutes=1)
END = NOW + KEEPS


def after(answer, *, tries=1, now=NOW):
    return decide(answer, tries=tries, now=now, expires_at=END)


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_every_two_hundred_is_taken(status):
    assert after(Answer(status)) == Delivered()


@pytest.mark.parametrize("status", [199, 300, 301, 400, 404, 409, 422, 429, 500, 503])
def test_every_other_answer_is_tried_again(status):
    decision = after(Answer(status))

    assert isinstance(decision, Again)
    assert decision.at == NOW + MINUTE


def test_a_redirect_is_not_followed_and_says_so():
    assert after(Answer(302)) == Again(NOW + MINUTE, "redirects are not followed")


def test_no_answer_is_tried_again_too():
    assert after(Answer(detail="no connection")) == Again(NOW + MINUTE, "no connection")


def test_410_closes_the_endpoint():
    assert after(Answer(410)) == GivenUp("it answered 410: it wants nothing any more", closed=True)


def test_ten_tries_reach_over_a_day_and_there_is_no_eleventh():
    at, tries = NOW, 1
    while isinstance(decision := after(Answer(500), tries=tries, now=at), Again):
        at, tries = decision.at, tries + 1

    assert (at - NOW, tries) == (timedelta(hours=23, minutes=51), len(WAITS) + 1)
    assert decision == GivenUp("it answered 500, 10 times")


def test_a_try_that_would_come_after_the_day_is_over_is_not_made():
    last = END - MINUTE
    assert after(Answer(500), now=last - timedelta(seconds=1)) == Again(
        END - timedelta(seconds=1), "it answered 500"
    )
    assert after(Answer(500), now=last) == GivenUp("it answered 500, for a day")


def test_a_longer_wait_that_the_receiver_asks_for_is_kept_to():
    assert after(Answer(429, retry_after=timedelta(minutes=30))).at == NOW + timedelta(minutes=30)
    assert after(Answer(429, retry_after=timedelta(seconds=1))).at == NOW + MINUTE


@pytest.mark.parametrize(
    ("status", "in_trouble"),
    [*((one, True) for one in (None, 500, 429, 408, 425)), *((one, False) for one in (400, 404, 200))],
)
def test_who_is_in_trouble(status, in_trouble):
    assert Answer(status).in_trouble == in_trouble


def test_the_rest_doubles_to_a_quarter_of_an_hour():
    minutes = [rest(failures) / MINUTE for failures in (1, 2, 3, 4, 5, 6, 10_000)]
    assert minutes == [1, 2, 4, 8, 15, 15, 15]
