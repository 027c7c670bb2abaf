"""What a message's body says, or one clear error that it cannot be read."""

from __future__ import annotations

import bz2
import lzma
import zlib
from collections.abc import Callable
from typing import Any

import orjson
from kombu.message import Message

from services.common.messaging import topology as names
from services.common.messaging.lenient_decoding import LARGEST_BODY

CONTENT_TYPES = frozenset({"application/json", "application/cloudevents+json"})
#: JSON is UTF-8 (RFC 8259, 8.1). Some of Python's other codecs take a minute for a megabyte.
_ENCODINGS = frozenset({"", "utf-8", "utf8", "us-ascii", "ascii", "binary"})

_UNPACKERS: dict[str, Callable[[], Any]] = {
    name: unpacker
    for unpacker, names_of_kombu in (
        (zlib.decompressobj, ("application/x-gzip", "gzip", "zlib")),
        (bz2.BZ2Decompressor, ("application/x-bz2", "bzip2", "bzip")),
        (
            lambda: lzma.LZMADecompressor(memlimit=4 * LARGEST_BODY),
            ("application/x-lzma", "lzma", "xz"),
        ),
    )
    for name in names_of_kombu
}


class Undecodable(Exception):
    """The body cannot be read, now or on any retry."""


class Delivered(Message):  # type: ignore[misc]
    """A message with its body as it came.

    kombu's own unpacks a compressed body while it is made, without a limit of size; what does not
    fit its ``compression`` header is raised to the consuming loop.
    """

    def __init__(self, raw: Any, channel: Any = None) -> None:
        super().__init__(
            body=raw.body or b"",
            channel=channel,
            delivery_tag=raw.delivery_tag,
            content_type=raw.properties.get("content_type"),
            content_encoding=raw.properties.get("content_encoding"),
            delivery_info=raw.delivery_info,
            properties=raw.properties,
        )
        self.headers = raw.headers or {}


def leave_bodies_alone(channel: Any) -> None:
    """Have a channel give its messages as :class:`Delivered`; py-amqp would decode their bodies
    too, in any encoding that they name.
    """
    channel.Message = Delivered
    channel.auto_decode = False


def decode(message: Message) -> Any:
    """The body of a JSON message.

    Raises:
        Undecodable: an unknown content type, compression or encoding, more than ``LARGEST_BODY``,
            or not JSON; or the message's properties cannot be read.
    """
    headers = message.headers
    if names.UNREADABLE in headers:
        raise Undecodable(f"the properties cannot be read: {headers[names.UNREADABLE]}")
    if names.BODY_SIZE in headers:
        raise Undecodable(f"the body is too large: {headers[names.BODY_SIZE]} bytes")
    content_type = (message.content_type or "").partition(";")[0].strip().lower()
    if content_type not in CONTENT_TYPES:
        raise Undecodable(f"unknown content type {message.content_type!r}")
    if (message.content_encoding or "").lower() not in _ENCODINGS:
        raise Undecodable(f"unknown content encoding {message.content_encoding!r}")
    body = raw_body(message)
    if headers.get("compression"):
        body = _unpacked(body, headers["compression"])
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as exc:
        raise Undecodable(f"the body is not JSON: {exc}") from exc


def _unpacked(body: bytes, compression: Any) -> bytes:
    """A compressed body, unpacked as far as it may be.

    Raises:
        Undecodable: if it is not so compressed, or becomes too large.
    """
    if not isinstance(compression, str) or compression not in _UNPACKERS:
        raise Undecodable(f"unknown compression {compression!r}")
    unpacker = _UNPACKERS[compression]()
    try:
        unpacked: bytes = unpacker.decompress(body, LARGEST_BODY + 1)
    except (zlib.error, OSError, ValueError, lzma.LZMAError, MemoryError) as exc:
        raise Undecodable(f"the body cannot be unpacked: {exc}") from exc
    if len(unpacked) > LARGEST_BODY:
        raise Undecodable(f"the body is too large: it unpacks to more than {LARGEST_BODY} bytes")
    if not unpacker.eof:
        raise Undecodable("the body cannot be unpacked: it breaks off")
    return unpacked


def raw_body(message: Message) -> bytes:
    """The body as it came, for publishing it again unchanged."""
    return bytes(message.body)
