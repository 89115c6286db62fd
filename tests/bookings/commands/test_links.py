from datetime import timedelta

import pytest

from bookings import signals
from bookings.commands.cancel import cancel_session
from bookings.commands.links import issue_link, look_at_link, request_sign_in_link, use_link
from bookings.commands.move import move_session
from bookings.commands.proposals import propose_moves
from bookings.errors import WrongCredentials
from bookings.models import AccessToken, JournalEntry, Link
from tests.bookings.scenes import book_ket6, book_one
from tests.cast import NOW, make_patient, new_york

MONDAY = new_york("2026-04-13 10:00")
TEN_MINUTES, SECOND = timedelta(minutes=10), timedelta(seconds=1)


@pytest.fixture
def sent():
    """What was sent, one for each link."""
    heard = []
    receiver = lambda sender, *, signal, **facts: heard.append(facts)  # noqa: E731
    signals.sign_in_link_issued.connect(receiver)
    yield heard
    signals.sign_in_link_issued.disconnect(receiver)


def sign_in_link(cast):
    return issue_link(cast.ada, purpose="sign_in", now=NOW)


def test_the_secret_is_twelve_signs_and_is_kept_nowhere(cast):
    plain = sign_in_link(cast)

    assert len(plain) == 12
    assert plain.isalnum()
    assert plain.isascii()
    assert plain not in str(list(Link.objects.values()))
    assert len(bytes(Link.objects.get().digest)) == 32


def test_looking_changes_nothing(cast):
    plain = sign_in_link(cast)
    before = list(Link.objects.values())

    assert look_at_link(plain, now=NOW).patient == cast.ada
    assert look_at_link(plain, now=NOW).patient == cast.ada
    assert list(Link.objects.values()) == before


def test_looking_is_one_query(cast, django_assert_num_queries):
    plain = issue_link(cast.ada, purpose="visit", session=book_one(cast, MONDAY), now=NOW)

    with django_assert_num_queries(1):
        link = look_at_link(plain, now=NOW)
        assert link.session.series.protocol_version.rules["name"]
        assert link.session.clinic.zone
        assert link.patient.first_name == "Ada"


def test_wrong_late_and_used_look_the_same(cast):
    late, used = sign_in_link(cast), sign_in_link(cast)
    use_link(used, now=NOW)

    assert look_at_link("aaaaaaaaaaaa", now=NOW) is None
    assert look_at_link("", now=NOW) is None
    assert look_at_link(late, now=NOW + TEN_MINUTES) is None
    assert look_at_link(used, now=NOW) is None


def test_a_link_signs_in_until_ten_minutes_are_over(cast):
    early, late = sign_in_link(cast), sign_in_link(cast)

    token, plain = use_link(early, now=NOW + TEN_MINUTES - SECOND)

    assert token.patient == cast.ada
    assert plain not in str(AccessToken.objects.values())
    with pytest.raises(WrongCredentials):
        use_link(late, now=NOW + TEN_MINUTES)
    assert JournalEntry.objects.filter(verb="signed_in").count() == 1


def test_a_link_signs_in_once(cast):
    plain = sign_in_link(cast)
    use_link(plain, now=NOW)

    with pytest.raises(WrongCredentials):
        use_link(plain, now=NOW)


def test_a_link_to_a_visit_signs_nobody_in(cast):
    plain = issue_link(cast.ada, purpose="visit", session=book_one(cast, MONDAY), now=NOW)

    with pytest.raises(WrongCredentials):
        use_link(plain, now=NOW)


def test_a_link_to_a_visit_lives_until_the_visit_has_ended(cast):
    visit = book_one(cast, MONDAY)
    plain = issue_link(cast.ada, purpose="visit", session=visit, now=NOW)

    assert look_at_link(plain, now=visit.end - SECOND).session == visit
    assert look_at_link(plain, now=visit.end) is None


def test_wherever_the_visit_is_moved_to(cast):
    visit = book_one(cast, MONDAY)
    plain = issue_link(cast.ada, purpose="visit", session=visit, now=NOW)
    later = move_session(visit, start=MONDAY + timedelta(days=7), actor=cast.as_ada, now=NOW)

    assert look_at_link(plain, now=visit.end).session == later
    assert look_at_link(plain, now=later.end) is None


def test_it_shows_a_cancelled_visit_too(cast):
    visit = book_one(cast, MONDAY)
    plain = issue_link(cast.ada, purpose="visit", session=visit, now=NOW)
    cancel_session(visit, actor=cast.as_ada, now=NOW)

    assert look_at_link(plain, now=NOW).session.status == "cancelled"


def test_a_link_to_a_proposal_lives_as_long_as_its_places_are_held(cast):
    moves = {3: new_york("2026-04-14 10:00")}
    proposal = propose_moves(book_ket6(cast), moves=moves, actor=cast.as_desk, now=NOW)
    plain = issue_link(cast.ada, purpose="proposal", proposal=proposal, now=NOW)

    assert look_at_link(plain, now=proposal.expires_at - SECOND).proposal == proposal
    assert look_at_link(plain, now=proposal.expires_at) is None


def test_no_link_opens_what_is_another_patients(cast):
    visit = book_one(cast, MONDAY)

    with pytest.raises(ValueError, match="another patient"):
        issue_link(cast.bea, purpose="visit", session=visit, now=NOW)


def test_each_who_shares_the_contact_is_sent_a_link_of_their_own(cast, sent):
    son = make_patient("Sam", "Quill", number=8)
    son.email = cast.ada.email.upper()
    son.save()

    request_sign_in_link(cast.ada.email, now=NOW)

    assert [(one["contact"], one["name"], one["language"]) for one in sent] == [
        (cast.ada.email, "Ada", "en"),
        (cast.ada.email, "Sam", "en"),
    ]
    assert [use_link(one["token"], now=NOW)[0].patient for one in sent] == [cast.ada, son]


def test_an_unknown_contact_is_answered_the_same_and_sent_nothing(cast, sent):
    assert request_sign_in_link("nobody@mail.example", now=NOW) is None
    assert request_sign_in_link("+12025550199", now=NOW) is None

    assert sent == []
    assert Link.objects.count() == 0
