"""Messages that cannot be read are deliveries all the same, so that they can be parked.

py-amqp decodes properties and routing key while it reads from the socket, and what it raises there
ends the reader: a service stops, and stops again after each start, because the message is on its
queue still. AMQP asks for no UTF-8 in a short string (AMQP 0-9-1, 4.2.5.3), and the broker looks at
none, so anybody may send one.

It also keeps the whole body of any size in memory, for each message that was prefetched. A
body above ``LARGEST_BODY`` is read past: its size and its SHA-256 take its place.
"""

from __future__ import annotations

import hashlib
from typing import Any

from amqp import abstract_channel, basic_message, method_framing, serialization, spec

from services.common.messaging import topology as names

#: Bytes that a body may have, as it comes and unpacked. No document of the database is larger, and
#: a broker of version 4 takes no larger message.
LARGEST_BODY = 16 * 1024 * 1024


class _Lenient(bytes):
    """Bytes whose text can always be read; what is no UTF-8 is shown as ``\\xff``."""

    def __getitem__(self, key: Any) -> Any:
        found = super().__getitem__(key)
        return _Lenient(found) if isinstance(found, bytes) else found

    def decode(self, encoding: str = "utf-8", _errors: str = "strict") -> str:
        return super().decode(encoding, "backslashreplace")


def _properties(buffer: bytes, offset: int) -> tuple[dict[str, Any], int]:
    """The properties; where they cannot be read, headers that say so and hold their bytes."""
    try:
        found: tuple[dict[str, Any], int] = serialization.decode_properties_basic(buffer, offset)
        for value in found[0].values():
            if isinstance(value, str):
                value.encode()  # py-amqp passes lone surrogates, which no other step can write.
    except Exception as error:  # noqa: BLE001 - a stranger's bytes may raise anything
        headers = {names.UNREADABLE: str(error), names.PROPERTIES: bytes(buffer[offset:])}
        return {"application_headers": headers}, len(buffer)
    return found


def _arguments(form: str, buffer: bytes, offset: int) -> tuple[list[Any], int]:
    """The arguments of a method, a delivery's routing key among them."""
    try:
        found: tuple[list[Any], int] = serialization.loads(form, buffer, offset)
        for value in found[0]:
            if isinstance(value, str) and not value.isascii():
                value.encode()
    except UnicodeError:
        found = serialization.loads(form, _Lenient(buffer), offset)
    return found


class _Bounded(basic_message.Message):  # type: ignore[misc]
    """A message whose body is kept only if it is not too large."""

    def inbound_header(self, buf: bytes, offset: int = 0) -> int:
        end: int = super().inbound_header(buf, offset)
        self._digest = hashlib.sha256() if self.body_size > LARGEST_BODY else None
        return end

    def inbound_body(self, buf: bytes) -> None:
        if self._digest is None:
            super().inbound_body(buf)
            return
        self._digest.update(buf)
        self.body_received += len(buf)
        if self.body_received >= self.body_size:
            self.properties["application_headers"] = {
                **(self.headers or {}),
                names.BODY_SIZE: self.body_size,
                names.BODY_SHA256: self._digest.hexdigest(),
            }
            self.ready = True


def deliver_them() -> None:
    """Have py-amqp read like this, on every connection of the process."""
    serialization.PROPERTY_CLASSES[spec.Basic.CLASS_ID] = _properties
    abstract_channel.loads = _arguments
    method_framing.Message = _Bounded
