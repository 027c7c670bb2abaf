"""Adding and changing spaces on the wire.

===================== ============================== ===========================================
method                request                        result
===================== ============================== ===========================================
add_space             AddSpace (with key)            rpc.Space
change_space          ChangeSpace                    ChangedSpace
space_history         history.ListHistory            history.HistoryList
===================== ============================== ===========================================
"""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from services.common.contracts.bookings.limits import LONGEST_NAME, LONGEST_REASON
from services.common.contracts.bookings.rpc import (
    LONGEST_FEATURE,
    MOST_FEATURES,
    MOST_PEOPLE,
    BookingStatus,
    OfOrganisation,
    Space,
)
from services.common.contracts.fields import (
    Id,
    Instant,
    LocalisedText,
    StrictSchema,
    Truth,
    integer,
    text,
)

# With the longest booking it stays within what a look for overlaps reaches.
LONGEST_BUFFER_MINUTES = 4 * 60
MOST_PARTS = 10


def _features(**kwargs: Any) -> fields.List[Any]:
    name = validate.Regexp(
        rf"\A[a-z][a-z0-9_]{{0,{LONGEST_FEATURE - 1}}}\Z",
        error="feature",
    )
    return fields.List(
        fields.String(validate=name),
        validate=validate.Length(max=MOST_FEATURES),
        metadata={"description": "All that it has, such as `projector` or `wheelchair_access`."},
        **kwargs,
    )


def _buffer(when: str, **kwargs: Any) -> Any:
    return integer(
        0,
        LONGEST_BUFFER_MINUTES,
        metadata={"description": f"Minutes {when} a booking in which nobody else can have it."},
        **kwargs,
    )


def _each_once(value: list[str]) -> None:
    if len(set(value)) != len(value):
        raise ValidationError("each_once")


class AddSpace(StrictSchema):
    centre_id = Id(required=True, metadata={"description": "It stays there for good."})
    name = LocalisedText(limit=LONGEST_NAME, required=True)
    capacity = integer(1, MOST_PEOPLE, required=True)
    features = _features(load_default=list)
    buffer_before_minutes = _buffer("before", load_default=0)
    buffer_after_minutes = _buffer("after", load_default=0)
    needs_approval = Truth(load_default=False)
    parts = fields.List(
        Id(),
        load_default=list,
        validate=[
            validate.Length(max=MOST_PARTS),
            _each_once,
        ],
        metadata={
            "description": "Of a divisible hall: the spaces of the centre that it is made of. They "
            "stay the same for good, because bookings of the hall are bookings of its parts.",
            "uniqueItems": True,
        },
    )


class SpaceChanges(StrictSchema):
    """What is left out stays as it is."""

    name = LocalisedText(limit=LONGEST_NAME)
    capacity = integer(1, MOST_PEOPLE)
    features = _features()
    buffer_before_minutes = _buffer("before")
    buffer_after_minutes = _buffer("after")
    retired = Truth(
        metadata={"description": "Can be booked no more; false takes that back."},
    )
    reason = text(LONGEST_REASON, lines=True, load_default=None, allow_none=True)


class ChangeSpace(SpaceChanges):
    id = Id(required=True)
    expected_version = integer(1, 2**53, required=True)


class Booked(Schema):
    """A booking to come that prevents a change."""

    booking_id = Id(required=True)
    organisation_id = OfOrganisation(required=True)
    booked_by = Id(required=True)
    title = fields.String(required=True)
    space_id = Id(required=True)
    starts_at = Instant(required=True)
    ends_at = Instant(required=True)
    status = BookingStatus(required=True)
    people = fields.Integer(required=True, allow_none=True)
    quantity = fields.Integer(
        metadata={"description": "Units it has of the equipment that is to change; else missing."}
    )
    version = fields.Integer(required=True)


class ChangedSpace(Space):
    too_large = fields.List(
        fields.Nested(Booked),
        required=True,
        metadata={
            "description": "After a lower capacity: bookings to come of more people, guests "
            "included, by start; the first 50. They stay as they are."
        },
    )
