"""Parked messages: look at them, send them home again, or let them go.

::

    python -m services.common.messaging.parking list    QUEUE
    python -m services.common.messaging.parking show    QUEUE --id ID
    python -m services.common.messaging.parking replay  QUEUE (--id ID | --all)
    python -m services.common.messaging.parking discard QUEUE (--id ID | --all)

``QUEUE`` is the consumer's queue (``notifications.events.v1``) or its parking queue. The broker is
that of ``AMQP_URI``. A replayed message goes to the consumer's queue with its attempts counted anew
and leaves the parking queue only when the broker has confirmed it there.

Exit codes: 0 done, 1 no such message or the broker failed, 2 wrong usage.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import orjson
from amqp.exceptions import NotFound
from kombu.message import Message

from services.common.messaging import topology as names
from services.common.messaging.connecting import BROKEN, connect_once, connection_to
from services.common.messaging.decoding import leave_bodies_alone, raw_body
from services.common.messaging.headers import clean_headers, kept_properties
from services.common.messaging.publisher import ConfirmingPublisher
from services.common.messaging.publisher import Message as Outgoing

_CONNECT_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Parked:
    """A parked message and what is known of its fate.

    Attributes:
        id: the event's id where it has one; else a name that is stable for this message.
        type: the event's type or the call's routing key.
        reason, exception, detail, attempts, time: why it is here, since when.
    """

    id: str
    type: str
    reason: str
    exception: str
    detail: str
    attempts: str
    time: str
    message: Message

    @classmethod
    def of(cls, message: Message) -> Parked:
        headers = message.headers
        body = raw_body(message)
        wire = _object(body)
        identity = headers.get(names.PARKED_ID) or wire.get("id")
        identity = identity or message.properties.get("message_id")
        # What the broker dead-lettered by itself has its own account of it.
        deaths = headers.get("x-death")
        died = deaths[0] if isinstance(deaths, list) and deaths else {}
        return cls(
            id=str(identity or hashlib.sha256(body).hexdigest()[:12]),
            type=str(wire.get("type") or headers.get(names.ROUTING_KEY) or "?"),
            reason=str(headers.get(names.REASON) or died.get("reason") or "?"),
            exception=str(headers.get(names.EXCEPTION) or ""),
            detail=str(headers.get(names.MESSAGE) or ""),
            attempts=str(headers.get(names.ATTEMPT) or died.get("count") or ""),
            time=str(headers.get(names.TIME) or died.get("time") or ""),
            message=message,
        )

    @property
    def has_body(self) -> bool:
        """Whether the body is here; one that was too large is not."""
        return names.BODY_SIZE not in self.message.headers

    def summary(self) -> str:
        """One line for a list."""
        why = f"{self.exception.rpartition('.')[2]}: {self.detail}" if self.exception else ""
        tried = f"after {self.attempts} attempts" if self.attempts else ""
        return "  ".join(
            part for part in (self.id, self.time, self.type, self.reason, tried, why) if part
        )

    def full(self) -> str:
        """Everything, the body included."""
        body = raw_body(self.message)
        wire = _object(body)
        text = (
            orjson.dumps(wire, option=orjson.OPT_INDENT_2).decode()
            if wire
            else repr(body[:4000]).removeprefix("b")
        )
        lines = [
            f"id         {self.id}",
            f"type       {self.type}",
            f"reason     {self.reason}",
            f"exception  {self.exception}",
            f"message    {self.detail}",
            f"attempts   {self.attempts}",
            f"parked     {self.time}",
            f"headers    {clean_headers(self.message)!r}",
            f"content    {self.message.content_type}, {len(body)} bytes",
            text,
        ]
        return "\n".join(lines)


class ParkingQueue:
    """The parking queue of one consumer, held while this object's block lasts.

    Messages are taken without acknowledgement, so that after the block each message that it did not
    settle is back in the queue, in its old order.
    """

    def __init__(self, uri: str, queue: str, channel: Any) -> None:
        self._uri = uri
        self.home = names.home_name(queue)
        self.name = names.parked_name(queue)
        self._channel = channel

    @classmethod
    @contextmanager
    def open(cls, uri: str, queue: str) -> Iterator[ParkingQueue]:
        """Connect.

        Raises:
            amqp.exceptions.NotFound: if there is no such queue.
            OSError: if there is no broker.
        """
        with connection_to(uri, connect_timeout=_CONNECT_SECONDS) as connection:
            connect_once(connection)
            channel = connection.channel()
            leave_bodies_alone(channel)
            parking = cls(uri, queue, channel)
            parking.count()
            yield parking

    def count(self) -> int:
        """How many messages wait in the queue, those taken not counted."""
        declared = self._channel.queue_declare(self.name, passive=True)
        return int(declared.message_count)

    def read_messages(self) -> Iterator[Parked]:
        """Every message that was there when the walk began, the oldest first."""
        for _ in range(self.count()):
            raw = self._channel.basic_get(self.name)
            if raw is None:
                return
            yield Parked.of(self._channel.message_to_python(raw))

    def replay(self, chosen: Callable[[Parked], bool]) -> list[Parked]:
        """Send the chosen messages home, confirmed, and take them off the parking queue.

        Raises:
            ConnectionError: at the first message that the broker does not confirm; it, and those
                after it, stay parked.
        """
        replayed = []
        with ConfirmingPublisher(self._uri) as publisher:
            for parked in self.read_messages():
                if not chosen(parked):
                    continue
                if not publisher.publish(self._outgoing(parked)):
                    raise ConnectionError(f"{parked.id} was not confirmed; it stays parked")
                parked.message.ack()
                replayed.append(parked)
        return replayed

    def _outgoing(self, parked: Parked) -> Outgoing:
        message = parked.message
        headers = clean_headers(message)
        for first in (names.ROUTING_KEY, names.PUBLISHER):
            if message.headers.get(first):
                headers[first] = message.headers[first]
        kept = kept_properties(message)
        return Outgoing(
            key=parked.id,
            body=raw_body(message),
            routing_key=self.home,
            exchange="",
            content_type=str(kept.pop("content_type", "application/octet-stream")),
            content_encoding=str(kept.pop("content_encoding", "utf-8")),
            headers=headers,
            properties=kept,
            mandatory=True,
        )

    def discard(self, chosen: Callable[[Parked], bool]) -> list[Parked]:
        """Take the chosen messages off the queue for good."""
        discarded = []
        for parked in self.read_messages():
            if chosen(parked):
                parked.message.ack()
                discarded.append(parked)
        return discarded


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns its exit code."""
    options = _parser().parse_args(arguments)
    uri = os.environ.get("AMQP_URI")
    if not uri:
        return _complain("AMQP_URI is not set", 2)
    try:
        with ParkingQueue.open(uri, options.queue) as parking:
            return _run(options, parking)
    except NotFound:
        return _complain(f"there is no queue {names.parked_name(options.queue)}", 1)
    except BROKEN as exc:
        return _complain(str(exc), 1)


def _run(options: argparse.Namespace, parking: ParkingQueue) -> int:
    def chosen(parked: Parked) -> bool:
        return bool(options.all) or parked.id == options.id

    if options.command == "list":
        found = [parked.summary() for parked in parking.read_messages()]
        _say(f"{parking.name}: {len(found)} parked", *found)
        return 0
    if options.command == "show":
        shown = [parked.full() for parked in parking.read_messages() if chosen(parked)]
        _say(*shown)
        return 0 if shown else _complain(f"no message {options.id} in {parking.name}", 1)
    bodiless: list[str] = []

    def replayable(parked: Parked) -> bool:
        if chosen(parked) and not parked.has_body:
            bodiless.append(parked.id)
        return chosen(parked) and parked.has_body

    done = parking.replay(replayable) if options.command == "replay" else parking.discard(chosen)
    verb = "replayed to " + parking.home if options.command == "replay" else "discarded"
    _say(*(f"{parked.id} {verb}" for parked in done), f"{len(done)} {options.command}ed")
    if bodiless:
        return _complain(f"{', '.join(bodiless)} cannot be replayed: the body was too large", 1)
    if options.id and not done:
        return _complain(f"no message {options.id} in {parking.name}", 1)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m services.common.messaging.parking",
        description="Look at parked messages, send them home again, or let them go.",
    )
    commands = parser.add_subparsers(dest="command", required=True)
    for name, help_text in (
        ("list", "one line for each parked message"),
        ("show", "one message with its body"),
        ("replay", "back to the consumer's queue, attempts counted anew"),
        ("discard", "gone for good"),
    ):
        command = commands.add_parser(name, help=help_text)
        command.add_argument("queue", metavar="QUEUE")
        command.set_defaults(all=False, id=None)
        if name == "show":
            command.add_argument("--id", required=True)
        elif name != "list":
            which = command.add_mutually_exclusive_group(required=True)
            which.add_argument("--id")
            which.add_argument("--all", action="store_true")
    return parser


def _object(body: bytes) -> dict[str, Any]:
    try:
        wire = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return wire if isinstance(wire, dict) else {}


def _say(*lines: str) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))


def _complain(sentence: str, code: int) -> int:
    sys.stderr.write(f"parking: {sentence}\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
