"""The spans of an event on its way: published by the relay, taken by a subscriber."""

from __future__ import annotations

from collections.abc import Iterable

from services.common import spans
from services.common.events.audience import OPEN
from services.common.events.envelope import CloudEvent


def record_published(events: Iterable[CloudEvent], began: float) -> None:
    """A span for each event that the broker has confirmed.

    Args:
        began: when they were published; Unix time in seconds.
    """
    if spans.is_on():
        for event in events:
            described = _described(event, OPEN.exchange, "publish")
            spans.record(
                f"publish {event.type}", spans.PRODUCER, event.traceparent, described, began=began
            )


def begin_taking(event: CloudEvent, queue: str, traceparent: str | None) -> spans.Recorded | None:
    """The span of a handler that works on an event, or on several of one trace.

    Args:
        event: the first of them.
        traceparent: what they have in common; None if nothing.
    """
    return spans.begin(
        f"take {event.type}", spans.CONSUMER, traceparent, _described(event, queue, "take")
    )


def record_taken(event: CloudEvent, queue: str, began: float | None) -> None:
    """The span of an event out of a batch of several traces.

    Args:
        began: when the batch was begun; None where it has no span of its own.
    """
    if began is not None:
        described = _described(event, queue, "take")
        spans.record(
            f"take {event.type}", spans.CONSUMER, event.traceparent, described, began=began
        )


def _described(event: CloudEvent, destination: str, operation: str) -> dict[str, str | int]:
    return {
        "messaging.system": "rabbitmq",
        "messaging.destination.name": destination,
        "messaging.operation.name": operation,
        "masaha.event.type": event.type,
    }
