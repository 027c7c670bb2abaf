"""CloudEvents 1.0 in structured JSON: the one form an event has on the wire and in the log.

https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import orjson

from services.common import clock

CONTENT_TYPE = "application/cloudevents+json"


_SHORT_BYTES = 255


class NotACloudEvent(ValueError):
    """The bytes are no CloudEvent that we can read; no retry will change that."""


@dataclass(frozen=True, slots=True)
class CloudEvent:
    """One fact.

    Attributes:
        id: UUIDv7; the same event has the same id however often it arrives.
        source: ``/masaha/<publisher>``.
        type: the contract's name and the routing key.
        subject: the aggregate's id.
        time: when the fact was committed (the operation's clock, UTC).
        dataschema: path of the JSON Schema of ``data``, with the version.
        data: the fact, in wire form.
        aggregate_version: the aggregate's version that this event made (CloudEvents extension
            ``aggregateversion``); rises with each event of an aggregate, by more than one where a
            change was no news.
        actor_kind: kind of who caused it: ``person``, ``service`` or ``system``.
        traceparent: of the request that caused it.
        sequence: place in the publisher's log, from 1, without gaps; the relay gives it.
    """

    id: str
    source: str
    type: str
    subject: str
    time: datetime
    dataschema: str
    data: Mapping[str, Any]
    aggregate_version: int
    actor_kind: str
    traceparent: str | None = None
    sequence: int | None = None

    @property
    def aggregate(self) -> str:
        """Publisher, kind and id of the aggregate: the unit within which order is kept."""
        publisher, kind, _ = self.type.split(".", 2)
        return f"{publisher}.{kind}/{self.subject}"

    def numbered(self, sequence: int) -> CloudEvent:
        """The same event with its place in the log."""
        return replace(self, sequence=sequence)

    def to_wire(self) -> dict[str, Any]:
        """The envelope as plain JSON values."""
        wire: dict[str, Any] = {
            "specversion": "1.0",
            "id": self.id,
            "source": self.source,
            "type": self.type,
            "subject": self.subject,
            "time": clock.to_wire(self.time),
            "datacontenttype": "application/json",
            "dataschema": self.dataschema,
            "aggregateversion": self.aggregate_version,
            "actorkind": self.actor_kind,
            "data": dict(self.data),
        }
        if self.traceparent:
            wire["traceparent"] = self.traceparent
        if self.sequence is not None:
            wire["sequence"] = str(self.sequence)
        return wire

    def encode(self) -> bytes:
        """The envelope as canonical bytes: members sorted, no white space."""
        return orjson.dumps(self.to_wire(), option=orjson.OPT_SORT_KEYS)

    @classmethod
    def from_wire(cls, wire: Any) -> CloudEvent:
        """Read an envelope.

        Raises:
            NotACloudEvent: if a required attribute is missing or has the wrong type.
        """
        try:
            if wire["specversion"] != "1.0":
                raise NotACloudEvent(f"specversion {wire['specversion']!r}")
            sequence = wire.get("sequence")
            return cls(
                id=_short(wire, "id"),
                source=_text(wire, "source"),
                type=_short(wire, "type"),
                subject=_text(wire, "subject"),
                time=clock.from_wire(_text(wire, "time")),
                dataschema=_text(wire, "dataschema"),
                data=dict(wire["data"]),
                aggregate_version=int(wire["aggregateversion"]),
                actor_kind=_text(wire, "actorkind"),
                traceparent=_text(wire, "traceparent") if wire.get("traceparent") else None,
                sequence=None if sequence is None else int(sequence),
            )
        except NotACloudEvent:
            raise
        except (KeyError, TypeError, ValueError, OverflowError, AttributeError) as error:
            raise NotACloudEvent(f"{type(error).__name__}: {error}") from error

    @classmethod
    def decode(cls, body: bytes | str) -> CloudEvent:
        """Read an envelope from bytes.

        Raises:
            NotACloudEvent: as :meth:`from_wire`, or if the bytes are no JSON.
        """
        try:
            wire = orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise NotACloudEvent(str(error)) from error
        return cls.from_wire(wire)


def _text(wire: Mapping[str, Any], name: str) -> str:
    value = wire[name]
    if not isinstance(value, str) or not value:
        raise NotACloudEvent(f"{name} is not a text")
    return value


def _short(wire: Mapping[str, Any], name: str) -> str:
    """A text that a property of a message can hold, 255 bytes (AMQP 0-9-1, 4.2.5.3)."""
    value = _text(wire, name)
    if len(value.encode()) > _SHORT_BYTES:
        raise NotACloudEvent(f"{name} has more than {_SHORT_BYTES} bytes")
    return value
