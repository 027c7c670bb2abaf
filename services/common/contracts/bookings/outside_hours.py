"""Bookings that lie outside the hours since these were changed, on the wire.

===================== ============================== ===========================================
method                request                        result
===================== ============================== ===========================================
set_hours             hours.SetHours                 ChangedCentre
set_space_hours       hours.SetSpaceHours            ChangedSpace
list_outside_hours    ListOutside                    OutsideList
resolve_outside_hours ResolveOutside                 Resolution
===================== ============================== ===========================================
"""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from services.common.contracts.bookings.closures import MOST_RESOLVED, Reason, Refused
from services.common.contracts.bookings.rpc import (
    BookingStatus,
    Centre,
    OfOrganisation,
    Period,
    Space,
)
from services.common.contracts.fields import Choice, Id, Instant, Page, StrictSchema, integer


class OutsideDecision(Choice):
    choices = ("waiting", "left")


class OutsideAction(Choice):
    choices = ("cancel", "move", "leave")


class OutsideBooking(Schema):
    """A booking to come whose space is not open for its whole time."""

    booking_id = Id(required=True)
    organisation_id = OfOrganisation(required=True)
    booked_by = Id(required=True)
    title = fields.String(required=True)
    people = fields.Integer(required=True, allow_none=True)
    space_id = Id(required=True)
    starts_at = Instant(required=True)
    ends_at = Instant(required=True)
    open = fields.List(
        fields.Nested(Period),
        required=True,
        metadata={"description": "The parts of its time in which the space is open."},
    )
    decision = OutsideDecision(
        required=True,
        metadata={
            "description": "`waiting` for one, or `left` as it is by staff. One that was left "
            "waits again where the hours leave it even less."
        },
    )
    status = BookingStatus(required=True)
    version = fields.Integer(required=True)


class Outside(Schema):
    outside = fields.List(
        fields.Nested(OutsideBooking),
        required=True,
        metadata={"description": "Bookings to come that lie outside the hours; the first 50."},
    )
    outside_count = fields.Integer(
        required=True, metadata={"description": "How many there are in all."}
    )


class ChangedCentre(Outside, Centre):
    dry_run = fields.Boolean(required=True)


class ChangedSpace(Outside, Space):
    dry_run = fields.Boolean(required=True)


class OutsideFilters(StrictSchema):
    """Named filters, combined with AND."""

    space_id = Id(load_default=None, allow_none=True)
    decision = OutsideDecision(load_default=None, allow_none=True)


class ListOutside(OutsideFilters, Page):
    """Ordered by start, then id."""

    centre_id = Id(required=True)


class OutsideList(Schema):
    items = fields.List(fields.Nested(OutsideBooking), required=True)
    next = fields.List(fields.Raw(), allow_none=True)


class OutsideResolution(StrictSchema):
    """What is to become of bookings that lie outside the hours."""

    action = OutsideAction(required=True)
    booking_ids = fields.List(
        Id(),
        load_default=None,
        allow_none=True,
        validate=validate.Length(min=1, max=MOST_RESOLVED),
        metadata={"description": f"Left out: the next {MOST_RESOLVED} that wait."},
    )
    space_id = Id(
        load_default=None,
        allow_none=True,
        metadata={"description": "Move one booking into this space; left out: where it fits."},
    )
    starts_at = Instant(
        load_default=None,
        allow_none=True,
        metadata={"description": "Move one booking to this time; left out: the nearest."},
    )
    reason = Reason(load_default=None, allow_none=True)

    @validates_schema(skip_on_field_errors=True)
    def _a_place_is_for_one(self, data: dict[str, Any], **_: Any) -> None:
        for name in ("space_id", "starts_at"):
            if data.get(name) is None:
                continue
            if data["action"] != "move" or len(data.get("booking_ids") or ()) != 1:
                raise ValidationError({name: ["only_moving_one"]})


class ResolveOutside(OutsideResolution):
    id = Id(required=True, metadata={"description": "Of the centre."})
    expected_version = integer(1, 2**53, required=True)


class Resolution(Outside, Centre):
    """The centre, and what still waits for a decision or was left outside its hours."""

    refused = fields.List(
        fields.Nested(Refused),
        required=True,
        metadata={"description": "Of this request: bookings that could not be helped so."},
    )
