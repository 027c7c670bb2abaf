"""What the RPC methods accept, as commands; what they return and events say, in wire form.

The schemas, with their limits, are the contracts'.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from marshmallow import Schema, ValidationError

from services.common import clock
from services.common.contracts.fields import Zone
from services.common.contracts.notifications import rpc
from services.common.contracts.registry import event_types
from services.common.errors import Permanent
from services.common.events.envelope import CloudEvent
from services.common.lists import after_time
from services.notifications.domain.delivery import Delivery
from services.notifications.domain.delivery import State as DeliveryState
from services.notifications.domain.inbox import Inbox, Notification, State
from services.notifications.domain.rules import PUBLISHERS

Request = Mapping[str, Any]

_by_id = rpc.ById()
_list_inbox = rpc.ListInbox()
_change_notification = rpc.ChangeNotification()
_ZONE = Zone()

# Made once: building a schema costs more than using it.
_EVENT_DATA: Mapping[str, Schema] = {
    event_type.name: event_type.schema()
    for publisher in PUBLISHERS
    for event_type in event_types(publisher.contract)
}


@dataclass(frozen=True, slots=True)
class ListInbox:
    """Without ``state``: all messages that are not archived."""

    state: State | None
    limit: int
    after: tuple[datetime, str] | None


@dataclass(frozen=True, slots=True)
class ChangeNotification:
    id: str
    expected_version: int


def id_of(request: Request) -> str:
    identifier: str = _by_id.load(request)["id"]
    return identifier


def list_inbox(request: Request) -> ListInbox:
    data = _list_inbox.load(request)
    state = data["state"]
    return ListInbox(
        state=None if state is None else State(state),
        limit=data["limit"],
        after=after_time(data["after"]),
    )


def change_notification(request: Request) -> ChangeNotification:
    return ChangeNotification(**_change_notification.load(request))


def facts_of(event: CloudEvent) -> dict[str, Any]:
    """The data of an event, checked with its contract; instants are datetimes.

    Raises:
        Permanent: if the data breaks the contract, which no retry will change.
    """
    try:
        facts: dict[str, Any] = _EVENT_DATA[event.type].load(event.data)
        if "time_zone" in facts:
            # The contract takes any text; times can be written in a zone that exists only.
            _ZONE.deserialize(facts["time_zone"])
    except ValidationError as error:
        raise Permanent(f"{event.type}: {error.messages}") from error
    return facts


def notification(found: Notification) -> dict[str, Any]:
    return {
        "id": found.id,
        "category": found.category,
        "event_id": found.event_id,
        "event_type": found.event_type,
        "subject_id": found.subject_id,
        "language": found.language,
        "title": found.title,
        "body": found.body,
        "state": found.state.value,
        "version": found.version,
        "created_at": clock.to_wire(found.created_at),
    }


def inbox(found: Inbox) -> dict[str, Any]:
    return {
        "items": [notification(item) for item in found.page.items],
        "next": found.page.next,
        "unread": found.unread,
    }


def delivery_event(delivery: Delivery, state: DeliveryState) -> dict[str, Any]:
    """The data of the event that reports a delivery's end."""
    return {
        "delivery_id": delivery.id,
        "recipient_id": delivery.recipient_id,
        "channel": delivery.channel,
        "event_id": delivery.event_id,
        "event_type": delivery.event_type,
        "status": state.value,
    }
