"""Tables of what is said: the ledger, who wants what by which way, what comes back."""

from notifications.models.answers import InboundText, OptOut, StatusReport
from notifications.models.ledger import ERASED, Attempt, Message, Reaction, Sweep, Watermark, draft
from notifications.models.webhooks import WebhookDelivery, WebhookEndpoint, WebhookStatus, WebhookTry
from notifications.models.wishes import CalendarFeed, Choices, ClinicVoice, Policy

__all__ = [
    "ERASED",
    "Attempt",
    "CalendarFeed",
    "Choices",
    "ClinicVoice",
    "InboundText",
    "Message",
    "OptOut",
    "Policy",
    "Reaction",
    "StatusReport",
    "Sweep",
    "Watermark",
    "WebhookDelivery",
    "WebhookEndpoint",
    "WebhookStatus",
    "WebhookTry",
    "draft",
]
