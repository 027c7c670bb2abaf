"""Facts that bookings tells. Payloads are thin: what a subscriber needs to act, no more."""

from __future__ import annotations

from marshmallow import fields

from services.common.contracts.fields import EventData, Id, Instant, LocalisedText
from services.common.contracts.registry import EventType


class Booking(EventData):
    """The booking as it stands after the fact."""

    booking_id = Id(required=True)
    organisation_id = Id(required=True)
    centre_id = Id(required=True)
    space_id = Id(required=True)
    centre_name = LocalisedText(required=True)
    space_name = LocalisedText(required=True)
    time_zone = fields.String(required=True, metadata={"description": "IANA zone of the centre."})
    starts_at = Instant(required=True)
    ends_at = Instant(required=True)
    title = fields.String(required=True)
    purpose = fields.String(required=True)
    status = fields.String(required=True)
    version = fields.Integer(required=True)
    booked_by = Id(required=True, metadata={"description": "The person who made the booking."})
    changed_by = Id(required=True, metadata={"description": "The person who caused this fact."})


class Rescheduled(Booking):
    previous_space_id = Id(required=True)
    previous_space_name = LocalisedText(required=True)
    previous_starts_at = Instant(required=True)
    previous_ends_at = Instant(required=True)


class Cancelled(Booking):
    reason = fields.String(required=True, allow_none=True)


class HoursChanged(EventData):
    """The opening hours of a centre, in its own zone."""

    centre_id = Id(required=True)
    version = fields.Integer(required=True)
    time_zone = fields.String(required=True)
    weekly_hours = fields.Dict(
        keys=fields.String(),
        values=fields.List(fields.List(fields.String())),
        required=True,
        metadata={"description": "Weekday → list of [opens, closes], local time."},
    )


BOOKING_CONFIRMED = EventType(
    "bookings.booking.confirmed", 1, Booking, "A space is booked and nothing more is needed."
)
BOOKING_REQUESTED = EventType(
    "bookings.booking.requested",
    1,
    Booking,
    "A booking waits for the front desk's approval; its time is held.",
)
BOOKING_CHANGED = EventType(
    "bookings.booking.changed", 1, Booking, "Title, purpose or number of people has changed."
)
BOOKING_RESCHEDULED = EventType(
    "bookings.booking.rescheduled", 1, Rescheduled, "The booking has another time or space."
)
BOOKING_CANCELLED = EventType(
    "bookings.booking.cancelled", 1, Cancelled, "The booking is off and its time is free."
)
CENTRE_HOURS_CHANGED = EventType(
    "bookings.centre.hours_changed", 1, HoursChanged, "A centre opens at other hours from now on."
)
