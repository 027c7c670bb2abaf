"""Requests and answers as they are in events."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.common.clock import from_wire, to_wire
from services.common.events.envelope import CloudEvent
from services.common.rooms.requests import Answer, Outcome, Place, RoomRequest


def requested_data(request: RoomRequest) -> dict[str, Any]:
    """What ``<requester>.room.requested`` says."""
    return {
        "request_id": request.id,
        "request_version": request.request_version,
        "seen": request.seen,
        "label": dict(request.label),
        "items": [
            {
                "item_id": item.item_id,
                "centre_id": item.centre_id,
                "starts_at": to_wire(item.starts_at),
                "ends_at": to_wire(item.ends_at),
                "space_id": item.space_id,
                "people": item.people,
                "features": list(item.features),
                "equipment": [
                    {"equipment_id": name, "quantity": quantity}
                    for name, quantity in item.equipment.items()
                ],
            }
            for item in request.items
        ],
    }


def released_data(request: RoomRequest) -> dict[str, Any]:
    """What ``<requester>.room.released`` says."""
    return {"request_id": request.id, "request_version": request.request_version}


def answer_of(event: CloudEvent) -> Answer:
    """The answer that an event of bookings is."""
    data = event.data
    return Answer(
        request_version=data["request_version"],
        version=event.aggregate_version,
        outcome=Outcome(event.type.rpartition(".")[2]),
        places=tuple(map(_place_of, data["places"])),
        code=data["code"],
        problems=tuple(data["problems"]),
        reason=data["reason"],
    )


def _place_of(data: Mapping[str, Any]) -> Place:
    return Place(
        item_id=data["item_id"],
        booking_id=data["booking_id"],
        space_id=data["space_id"],
        space_name=data["space_name"],
        starts_at=from_wire(data["starts_at"]),
        ends_at=from_wire(data["ends_at"]),
    )
