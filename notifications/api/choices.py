"""The values that fields of several answers and bodies allow, each set under one name in the schema."""

from notifications.kinds import Channel, Kind, Status
from notifications.outgoing.events import EventType
from notifications.rules import SETTABLE

CHANNELS = [channel.value for channel in Channel]
KINDS = [kind.value for kind in Kind]
STATUSES = [status.value for status in Status]
#: The kinds that a policy speaks of.
SETTABLE_KINDS = [kind.value for kind in SETTABLE]
EVENTS = [event.value for event in EventType]
