"""Requests of other branches for rooms: events in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from marshmallow import ValidationError

from services.common.contracts.rooms import RoomReleased, RoomRequested
from services.common.errors import Permanent
from services.common.events.envelope import CloudEvent
from services.common.rooms.requests import Item

# On a queue of their own, since a request for a hundred rooms takes its time.
ROOM_PATTERNS = ("*.room.requested", "*.room.released")
_requested = RoomRequested()
_released = RoomReleased()


@dataclass(frozen=True, slots=True)
class RoomMessage:
    """What a branch says of its request.

    Attributes:
        release: whether it gives everything back; then it wants nothing.
        seen: the newest answer that it knew when it made this version.
    """

    requester: str
    request_id: str
    request_version: int
    release: bool
    seen: int = 0
    label: Mapping[str, str] | None = None
    items: tuple[Item, ...] = ()

    @property
    def row_id(self) -> str:
        return f"{self.requester}:{self.request_id}"


def room_message(event: CloudEvent) -> RoomMessage:
    """What the event says. Its publisher is the requester; the subscriber has made sure of it.

    Raises:
        Permanent: if the data breaks the contract, which no retry will change.
    """
    requester, _, said = event.type.split(".")
    release = said == "released"
    try:
        data = (_released if release else _requested).load(event.data)
    except ValidationError as error:
        raise Permanent(f"{event.type}: {error.messages}") from error
    if event.subject != data["request_id"]:
        raise Permanent(f"{event.type}: its subject is not its request")
    common = (requester, data["request_id"], data["request_version"], release)
    if release:
        return RoomMessage(*common)
    items = tuple(_item(event, each) for each in data["items"])
    _check_distinct(event, [each.item_id for each in items])
    return RoomMessage(*common, seen=data["seen"], label=data["label"], items=items)


def _item(event: CloudEvent, data: Mapping[str, Any]) -> Item:
    needs = data["equipment"]
    _check_distinct(event, [each["equipment_id"] for each in needs])
    return Item(
        item_id=data["item_id"],
        centre_id=data["centre_id"],
        starts_at=data["starts_at"],
        ends_at=data["ends_at"],
        people=data["people"],
        space_id=data["space_id"],
        features=tuple(data["features"]),
        equipment={each["equipment_id"]: each["quantity"] for each in needs},
    )


def _check_distinct(event: CloudEvent, ids: Sequence[str]) -> None:
    if len(set(ids)) != len(ids):
        raise Permanent(f"{event.type}: the same thing is in it twice")
