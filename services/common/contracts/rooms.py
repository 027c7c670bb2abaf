"""Rooms by request: how another branch asks bookings for rooms, and what it is answered.

The requester (trainings, consultations) publishes ``<requester>.room.requested`` and
``<requester>.room.released``; bookings answers every one of them with its standing,
``bookings.room.granted``, ``.refused``, ``.lost`` or ``.freed``. docs/rooms.md has the protocol.

Requests are for the centre's own use and name no organisation and no person.
"""

from __future__ import annotations

from marshmallow import fields, validate

from services.common.contracts.fields import EventData, Id, Instant, LocalisedFact, LocalisedText
from services.common.contracts.registry import EventType

MOST_ITEMS = 100
HIGHEST_VERSION = 2**53
VERSION = validate.Range(min=1, max=HIGHEST_VERSION)


class Need(EventData):
    """An equipment of the centre and how many of it."""

    equipment_id = Id(required=True)
    quantity = fields.Integer(required=True, validate=validate.Range(min=1, max=10_000))


class Item(EventData):
    """One room for one time; a session in two rooms has two."""

    item_id = Id(required=True)
    centre_id = Id(required=True)
    starts_at = Instant(required=True, metadata={"description": "On the quarter hour."})
    ends_at = Instant(required=True)
    space_id = Id(
        required=True,
        allow_none=True,
        metadata={"description": "null: any space of the centre that fits."},
    )
    people = fields.Integer(required=True, validate=validate.Range(min=1, max=10_000))
    features = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "Of any space; a space that is named is taken as it is."},
    )
    equipment = fields.List(fields.Nested(Need), required=True)


class RoomRequested(EventData):
    """All rooms that one cohort, appointment or adviser wants: a version says everything."""

    request_id = Id(required=True)
    request_version = fields.Integer(required=True, validate=VERSION)
    seen = fields.Integer(
        required=True,
        validate=validate.Range(min=0, max=HIGHEST_VERSION),
        metadata={
            "description": "aggregateversion of the newest answer known when this version was made."
        },
    )
    label = LocalisedText(required=True, metadata={"description": "Shown to staff of the centre."})
    items = fields.List(
        fields.Nested(Item), required=True, validate=validate.Length(min=1, max=MOST_ITEMS)
    )


class RoomReleased(EventData):
    """Nothing is wanted any more, for good."""

    request_id = Id(required=True)
    request_version = fields.Integer(required=True, validate=VERSION)


class Place(EventData):
    """A room that the request holds, or held until the end."""

    item_id = Id(required=True)
    booking_id = Id(required=True)
    space_id = Id(required=True)
    space_name = LocalisedFact(required=True)
    starts_at = Instant(required=True)
    ends_at = Instant(required=True)


class Problem(EventData):
    """Why an item has no room, or has it no longer, and what could be had in its place."""

    item_id = Id(required=True)
    code = fields.String(required=True)
    alternatives = fields.List(fields.Dict(), required=True)


class RoomStanding(EventData):
    """All that the request holds after this answer: what is not listed is not held."""

    requester = fields.String(required=True)
    request_id = Id(required=True)
    request_version = fields.Integer(
        required=True, metadata={"description": "The version that bookings has decided on last."}
    )
    places = fields.List(fields.Nested(Place), required=True)
    code = fields.String(
        required=True, allow_none=True, metadata={"description": "Why it was refused."}
    )
    problems = fields.List(fields.Nested(Problem), required=True)
    reason = fields.String(
        required=True, allow_none=True, metadata={"description": "Why a room was lost."}
    )


def room_requested(requester: str) -> EventType:
    """The event type by which a branch asks for rooms."""
    return EventType(
        f"{requester}.room.requested",
        1,
        RoomRequested,
        "Rooms are requested from bookings; published again unchanged until it is answered.",
    )


def room_released(requester: str) -> EventType:
    """The event type by which a branch gives all its rooms back."""
    return EventType(
        f"{requester}.room.released", 1, RoomReleased, "All rooms of the request are given back."
    )
