"""Messages whose properties cannot be read are deliveries all the same, so that they can be parked.

py-amqp decodes properties and routing key while it reads from the socket, and what it raises there
ends whoever reads: a service stops, and stops again after each start, because the message is on its
queue still. AMQP asks for no UTF-8 in a short string (AMQP 0-9-1, 4.2.5.3), and the broker looks at
none, so anybody may send one.
"""

from __future__ import annotations

from typing import Any

from amqp import abstract_channel, serialization, spec

from services.common.messaging import topology as names


class _Lenient(bytes):
    """Bytes whose text can always be read; what is no UTF-8 is shown as ``\\xff``."""

    def __getitem__(self, key: Any) -> Any:
        found = super().__getitem__(key)
        return _Lenient(found) if isinstance(found, bytes) else found

    def decode(self, encoding: str = "utf-8", _errors: str = "strict") -> str:
        return super().decode(encoding, "backslashreplace")


def _properties(buffer: bytes, offset: int) -> tuple[dict[str, Any], int]:
    """The properties; where they cannot be read, nothing but a header that says so."""
    try:
        found: tuple[dict[str, Any], int] = serialization.decode_properties_basic(buffer, offset)
    except Exception as error:  # noqa: BLE001 - whatever a stranger's bytes may lead to
        return {"application_headers": {names.UNREADABLE: str(error)}}, len(buffer)
    return found


def _arguments(form: str, buffer: bytes, offset: int) -> tuple[list[Any], int]:
    """The arguments of a method, a delivery's routing key among them."""
    try:
        found: tuple[list[Any], int] = serialization.loads(form, buffer, offset)
    except UnicodeDecodeError:
        found = serialization.loads(form, _Lenient(buffer), offset)
    return found


def deliver_them() -> None:
    """Have py-amqp read like this, on every connection of the process."""
    serialization.PROPERTY_CLASSES[spec.Basic.CLASS_ID] = _properties
    abstract_channel.loads = _arguments
