from datetime import timedelta

import pytest

from bookings.actors import patient_actor
from bookings.commands.consents import LONGEST_WORDING, give_consent, withdraw_consent
from bookings.errors import Invalid, NotFound
from bookings.models import Consent, JournalEntry
from tests.cast import NOW

WORDING = "Text me about my visits. Reply STOP to end."
LATER = NOW + timedelta(days=1)


def give(cast, *, wording=WORDING, purpose="texts", now=NOW, actor=None, source="page"):
    return give_consent(
        cast.ada,
        purpose=purpose,
        wording=wording,
        language="en",
        source=source,
        actor=actor or cast.as_ada,
        now=now,
    )


def withdraw(cast, *, now=LATER, actor=None, source="text"):
    return withdraw_consent(cast.ada, purpose="texts", source=source, actor=actor or cast.as_ada, now=now)


def verbs():
    return list(JournalEntry.objects.order_by("id").values_list("verb", flat=True))


def test_it_is_kept_in_the_words_that_were_shown(cast):
    consent = give(cast)

    assert Consent.objects.values_list(
        "patient", "purpose", "wording", "language", "source", "given_at", "withdrawn_at"
    ).get() == (cast.ada.id, "texts", WORDING, "en", "page", NOW, None)
    assert JournalEntry.objects.get().after == {
        "consent": str(consent.id),
        "purpose": "texts",
        "language": "en",
        "source": "page",
    }


def test_in_the_same_words_it_is_returned_unchanged(cast):
    assert give(cast, now=LATER, source="desk") == give(cast)
    assert Consent.objects.count() == 1
    assert verbs() == ["consent_given"]


def test_in_other_words_those_end_and_these_count(cast):
    old = give(cast)
    new = give(cast, wording="Text me.", now=LATER)

    old.refresh_from_db()
    assert (old.withdrawn_at, old.withdrawn_source) == (LATER, "page")
    assert Consent.objects.get(withdrawn_at__isnull=True) == new


def test_each_purpose_has_its_own(cast):
    give(cast)
    give(cast, purpose="emails")

    withdraw(cast)

    assert Consent.objects.get(withdrawn_at__isnull=True).purpose == "emails"


def test_what_is_withdrawn_stays_on_record_with_where_it_was_withdrawn(cast):
    give(cast)

    consent = withdraw(cast)

    assert (consent.wording, consent.withdrawn_at, consent.withdrawn_source) == (WORDING, LATER, "text")
    assert verbs() == ["consent_given", "consent_withdrawn"]


def test_where_there_is_none_nothing_is_withdrawn(cast):
    give(cast)
    withdraw(cast)

    assert withdraw(cast) is None
    assert verbs() == ["consent_given", "consent_withdrawn"]


def test_it_may_be_given_anew(cast):
    give(cast)
    withdraw(cast)
    give(cast, now=LATER + timedelta(days=1))

    assert Consent.objects.count() == 2
    assert Consent.objects.filter(withdrawn_at__isnull=True).count() == 1


def test_nobody_agrees_for_another_patient(cast):
    bea = patient_actor(cast.bea)

    with pytest.raises(NotFound):
        give(cast, actor=bea)
    with pytest.raises(NotFound):
        withdraw(cast, actor=bea)


@pytest.mark.parametrize("wording", ["", "  ", "x" * (LONGEST_WORDING + 1)])
def test_there_are_words_and_not_too_many(cast, wording):
    with pytest.raises(Invalid):
        give(cast, wording=wording)
    assert give(cast, wording="x" * LONGEST_WORDING).wording == "x" * LONGEST_WORDING


def test_the_purpose_is_a_known_one(cast):
    with pytest.raises(Invalid):
        give(cast, purpose="marketing")
