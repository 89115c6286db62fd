import pytest

from bookings import lifecycle
from bookings.lifecycle import allowed
from bookings.models import SessionStatus


@pytest.mark.parametrize(("status", "verbs"), [
    ("requested", ("move", "cancel")),
    ("booked", ("confirm", "move", "cancel", "check-in", "no-show")),
    ("confirmed", ("move", "cancel", "check-in", "no-show")),
    ("arrived", ("cancel", "start")),
    ("infusing", ("recover",)),
    ("recovering", ("complete",)),
    ("completed", ()),
    ("no_show", ()),
    ("cancelled", ()),
])  # fmt: skip
def test_each_state_allows_its_verbs(status, verbs):
    assert allowed(status) == verbs


def test_undo_is_allowed_where_the_state_before_is_known():
    assert allowed("completed", status_before="recovering") == ("undo",)
    assert allowed("booked", status_before="") == ("confirm", "move", "cancel", "check-in", "no-show")


def test_every_state_is_live_finished_or_gone():
    states = [*lifecycle.LIVE, *lifecycle.FINISHED, *lifecycle.GONE]

    assert sorted(states) == sorted(SessionStatus.values)


def test_every_verb_leads_to_a_state_that_is_known():
    ends = {after for steps in lifecycle.VERBS.values() for after in steps.values()}

    assert ends == set(SessionStatus.values)


def test_only_what_has_not_begun_can_be_placed_elsewhere():
    assert set(lifecycle.VERBS["move"]) == lifecycle.MOVABLE
