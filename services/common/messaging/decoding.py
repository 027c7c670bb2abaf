"""What a message's body says, or one clear error that it cannot be read."""

from __future__ import annotations

from typing import Any

import orjson
from kombu.message import Message

from services.common.messaging import topology as names

CONTENT_TYPES = frozenset({"application/json", "application/cloudevents+json"})
_UTF8 = frozenset({None, "", "utf-8", "utf8", "us-ascii", "ascii", "binary"})


class Undecodable(Exception):
    """The body cannot be read, now or on any retry."""


def decode(message: Message) -> Any:
    """The body of a JSON message.

    Raises:
        Undecodable: an unknown content type, compression or encoding, or not JSON; or the
            message's properties cannot be read.
    """
    unreadable = (message.headers or {}).get(names.UNREADABLE)
    if unreadable is not None:
        raise Undecodable(f"the properties cannot be read: {unreadable}")
    if message.errors:
        raise Undecodable(f"the body cannot be decompressed: {message.errors[0][1]!r}")
    content_type = (message.content_type or "").partition(";")[0].strip().lower()
    if content_type not in CONTENT_TYPES:
        raise Undecodable(f"unknown content type {message.content_type!r}")
    body = message.body
    encoding = message.content_encoding
    try:
        if isinstance(body, bytes | memoryview) and (encoding or "").lower() not in _UTF8:
            body = bytes(body).decode(encoding)
        return orjson.loads(body)
    except (ValueError, LookupError, TypeError) as exc:
        raise Undecodable(f"the body is not JSON in {encoding or 'utf-8'}: {exc}") from exc


def raw_body(message: Message) -> bytes:
    """The body as it came, for publishing it again unchanged."""
    body = message.body
    if isinstance(body, str):
        return body.encode(message.content_encoding or "utf-8")
    return bytes(body or b"")
