"""What a patient downloads against the models: a table that says something of a patient is in the record, or
here with the reason why it is not. A new one fails until somebody has decided.
"""

from __future__ import annotations

from django.apps import apps
from django.db.models import Field

from bookings.models import JournalEntry, Offer, Patient, Proposal, Series, Session, WaitingEntry
from notifications.models import Message

#: Under which name the record has it.
IN_THE_RECORD = {
    "Clearance": "clearances",
    "Choices": "message_choices",
    "Consent": "consents",
    "InboundText": "texts_of_mine",
    "JournalEntry": "journal",
    "JournalWords": "journal",
    "Message": "messages",
    "Offer": "offers",
    "Proposal": "proposals",
    "Series": "series",
    "Session": "series",
    "Task": "tasks",
    "WaitingEntry": "waiting_list",
}
LEFT_OUT = {
    "AccessToken": "a secret's digest; signing in is in the journal",
    "Attempt": "how a message was handed over; its result is with the message",
    "CalendarFeed": "a secret's digest",
    "Claim": "the same places as the sessions'",
    "Decision": "the verdict is in the journal; its reason is for staff alone, as the API says",
    "EmergencyAccess": "who looked is said on request, as all readings are",
    "FreedPlace": "room of the clinic, in nobody's name",
    "Hold": "gone within minutes",
    "Link": "a secret's digest",
    "Reaction": "a mark that a row of the journal was read",
    "RepairPart": "a plan of the clinic; what is put to the patient is a proposal",
    "StatusReport": "the carrier's words; the result is with the message",
    "WebhookDelivery": "what is in the journal, on its way to another system",
}
_ABOUT_SOMEBODY = {Patient, Series, Session, JournalEntry, Message, Proposal, Offer, WaitingEntry}


def test_every_table_about_a_patient_is_in_the_record_or_named_with_a_reason():
    def leads_to_somebody(field: Field) -> bool:
        return field.is_relation and field.related_model in _ABOUT_SOMEBODY

    found = {
        model.__name__
        for model in apps.get_models()
        if any(leads_to_somebody(field) for field in model._meta.concrete_fields)
    }

    assert found == set(IN_THE_RECORD) | set(LEFT_OUT)
