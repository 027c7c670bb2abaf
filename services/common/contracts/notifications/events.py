"""Facts that notifications publishes."""

from __future__ import annotations

from marshmallow import fields

from services.common.contracts.fields import EventData, Id
from services.common.contracts.registry import EventType


class Delivery(EventData):
    """A message to one recipient over one channel; never its text or the address."""

    delivery_id = Id(required=True)
    recipient_id = Id(required=True)
    channel = fields.String(required=True)
    event_id = Id(required=True, metadata={"description": "The event that caused the message."})
    event_type = fields.String(required=True)
    status = fields.String(required=True)


DELIVERY_SENT = EventType(
    "notifications.delivery.sent", 1, Delivery, "The channel's provider has taken the message."
)
DELIVERY_FAILED = EventType(
    "notifications.delivery.failed", 1, Delivery, "The message could not be delivered, for good."
)
DELIVERY_SKIPPED = EventType(
    "notifications.delivery.skipped",
    1,
    Delivery,
    "The message was not sent, because it is of no use any more.",
)
