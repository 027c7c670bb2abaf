"""What a message keeps when it is published again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kombu.message import Message

from services.common.messaging import topology as names

_KEPT_PROPERTIES = (
    "correlation_id",
    "reply_to",
    "message_id",
    "type",
    "app_id",
    "timestamp",
    "content_type",
    "content_encoding",
)


def clean_headers(message: Message) -> dict[str, Any]:
    """A message's headers without what the broker and earlier failures added to them."""
    dropped = {*names.BROKER_HEADERS, *names.OWN_HEADERS, "compression"}
    return {key: value for key, value in (message.headers or {}).items() if key not in dropped}


def kept_properties(message: Message) -> dict[str, Any]:
    """The properties that a message keeps when it is published again (not its expiration)."""
    return {key: message.properties[key] for key in _KEPT_PROPERTIES if message.properties.get(key)}


def original_routing_key(message: Message) -> str:
    """The key a message was first published with, whatever queues it has been through since."""
    headers: Mapping[str, Any] = message.headers or {}
    return str(headers.get(names.ROUTING_KEY) or message.delivery_info.get("routing_key") or "")
