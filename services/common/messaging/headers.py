"""What a message keeps when it is published again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from amqp import basic_message
from kombu.message import Message

from services.common.messaging import topology as names

_REASON_LENGTH = 500

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


#: Properties and headers of a message share one frame of 128 KiB. So much is left to its own
#: headers where others are added.
LARGEST_HEADERS = 96 * 1024


def clean_headers(message: Message) -> dict[str, Any]:
    """A message's headers without what the broker and earlier failures added to them.

    Headers that cannot be published again are left out, and one says so.
    """
    dropped = {*names.BROKER_HEADERS, *names.OWN_HEADERS}
    kept = {key: value for key, value in message.headers.items() if key not in dropped}
    try:
        size = len(basic_message.Message(application_headers=kept)._serialize_properties())
    except Exception as error:  # noqa: BLE001 - a stranger's values may raise anything
        return {names.HEADERS_DROPPED: f"{type(error).__name__}: {error}"}
    return kept if size <= LARGEST_HEADERS else {names.HEADERS_DROPPED: f"{size} bytes"}


def kept_properties(message: Message) -> dict[str, Any]:
    """The properties that a message keeps when it is published again (not its expiration)."""
    return {key: message.properties[key] for key in _KEPT_PROPERTIES if message.properties.get(key)}


def attempts_of(message: Message) -> int:
    """How many attempts have failed so far, by its header."""
    try:
        return max(0, int(message.headers.get(names.ATTEMPT) or 0))
    except (TypeError, ValueError, OverflowError):
        return 0


def original_routing_key(message: Message) -> str:
    """The key that a message was first published with, before it went through other queues."""
    headers: Mapping[str, Any] = message.headers
    key = headers.get(names.ROUTING_KEY) or message.delivery_info.get("routing_key") or ""
    return str(key)[:255]


def publisher_of(message: Message, own_user: str) -> str | None:
    """The broker's user that published a message first, as far as that is known for certain.

    The broker takes no user in a message but that of the connection. What we publish again is in
    our own name, with the first one in a header.

    Args:
        own_user: ours at the broker.
    """
    user = message.properties.get("user_id")
    if user == own_user and message.headers.get(names.PUBLISHER):
        user = message.headers[names.PUBLISHER]
    return str(user)[:255] if user else None


def class_name(exc: BaseException) -> str:
    """Which exception it is, without what it says: that may hold values."""
    return f"{type(exc).__module__}.{type(exc).__qualname__}"


def printable(exc: BaseException) -> str:
    """What an exception says, in a form and length that a header can hold."""
    return str(exc)[:_REASON_LENGTH].encode("utf-8", "backslashreplace").decode()
