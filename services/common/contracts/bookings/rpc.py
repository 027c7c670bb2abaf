"""What the RPC methods of bookings accept and return: the wire form, with every limit.

The gateway serves the same schemas over HTTP, so a limit is written once, here.

===================== ============================== ===========================================
method                request                        result
===================== ============================== ===========================================
list_centres          {}                             CentreList
get_centre            ById                           Centre
set_hours             SetHours                       Centre
list_spaces           ListSpaces                     SpaceList
get_space             ById                           Space
find_availability     FindAvailability               Availability
create_booking        CreateBooking (with key)       Booking
get_booking           ById                           Booking
list_bookings         ListBookings                   BookingList
change_booking        ChangeBooking                  Booking
cancel_booking        CancelBooking                  Booking
booking_history       ById                           History
===================== ============================== ===========================================
"""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from services.common.contracts.fields import (
    Id,
    Instant,
    LocalisedText,
    Page,
    StrictSchema,
    integer,
    text,
)

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
PURPOSES = ("meeting", "training", "workshop", "joint_meeting", "other")
STATUSES = (
    "held",
    "pending",
    "confirmed",
    "checked_in",
    "completed",
    "expired",
    "rejected",
    "cancelled",
    "no_show",
)
LONGEST_TITLE = 120
LONGEST_REASON = 500
MOST_PEOPLE = 1_000


class ById(StrictSchema):
    id = Id(required=True)


class LocalTime(fields.String):
    """``HH:MM`` on a 15-minute raster; ``24:00`` is the end of the day."""

    def __init__(self, **kwargs: object) -> None:
        super().__init__(
            validate=validate.Regexp(
                r"\A(([01][0-9]|2[0-3]):(00|15|30|45)|24:00)\Z",
                error="Not a time HH:MM on a quarter of an hour.",
            ),
            **kwargs,  # type: ignore[arg-type]
        )


class WeeklyHours(fields.Dict):
    """Weekday → intervals ``[opens, closes]`` in the centre's own time; a missing day is closed."""

    def __init__(self, **kwargs: object) -> None:
        super().__init__(
            keys=fields.String(validate=validate.OneOf(WEEKDAYS)),
            values=fields.List(
                fields.List(LocalTime(), validate=validate.Length(equal=2)),
                validate=validate.Length(max=4),
            ),
            **kwargs,  # type: ignore[arg-type]
        )


class Centre(Schema):
    id = Id(required=True)
    name = LocalisedText(required=True)
    time_zone = fields.String(required=True)
    weekly_hours = WeeklyHours(required=True)
    version = fields.Integer(required=True)


class CentreList(Schema):
    items = fields.List(fields.Nested(Centre), required=True)
    next = fields.List(fields.Raw(), allow_none=True)


class SetHours(StrictSchema):
    id = Id(required=True)
    expected_version = integer(1, 2**53, required=True)
    weekly_hours = WeeklyHours(required=True)


class Space(Schema):
    id = Id(required=True)
    centre_id = Id(required=True)
    name = LocalisedText(required=True)
    capacity = fields.Integer(required=True)
    features = fields.List(fields.String(), required=True)
    buffer_before_minutes = fields.Integer(required=True)
    buffer_after_minutes = fields.Integer(required=True)
    version = fields.Integer(required=True)


class SpaceList(Schema):
    items = fields.List(fields.Nested(Space), required=True)
    next = fields.List(fields.Raw(), allow_none=True)


class ListSpaces(Page):
    centre_id = Id(load_default=None, allow_none=True)
    minimum_capacity = integer(1, MOST_PEOPLE, load_default=None, allow_none=True)


class FindAvailability(StrictSchema):
    centre_id = Id(load_default=None, allow_none=True)
    space_id = Id(load_default=None, allow_none=True)
    starts_at = Instant(required=True, metadata={"description": "Start of the period."})
    ends_at = Instant(required=True, metadata={"description": "End of the period."})
    duration_minutes = integer(15, 24 * 60, load_default=15)
    minimum_capacity = integer(1, MOST_PEOPLE, load_default=None, allow_none=True)


class Period(Schema):
    starts_at = Instant(required=True)
    ends_at = Instant(required=True)


class SpaceAvailability(Schema):
    space_id = Id(required=True)
    centre_id = Id(required=True)
    free = fields.List(fields.Nested(Period), required=True)


class Availability(Schema):
    items = fields.List(fields.Nested(SpaceAvailability), required=True)


class BookingDetails(StrictSchema):
    """What a person says of a booking."""

    space_id = Id(required=True)
    starts_at = Instant(required=True)
    ends_at = Instant(required=True)
    title = text(LONGEST_TITLE, required=True)
    purpose = fields.String(required=True, validate=validate.OneOf(PURPOSES))
    people = integer(1, MOST_PEOPLE, load_default=None, allow_none=True)


class CreateBooking(BookingDetails):
    organisation_id = Id(required=True)


class BookingChanges(StrictSchema):
    """Any of these may be changed; what is left out stays."""

    space_id = Id()
    starts_at = Instant()
    ends_at = Instant()
    title = text(LONGEST_TITLE)
    purpose = fields.String(validate=validate.OneOf(PURPOSES))
    people = integer(1, MOST_PEOPLE, allow_none=True)


class ChangeBooking(BookingChanges):
    id = Id(required=True)
    expected_version = integer(1, 2**53, required=True)


class Cancellation(StrictSchema):
    reason = text(LONGEST_REASON, load_default=None, allow_none=True)


class CancelBooking(Cancellation):
    id = Id(required=True)
    expected_version = integer(1, 2**53, required=True)


class BookingFilters(StrictSchema):
    """Named filters, combined with AND."""

    organisation_id = Id(load_default=None, allow_none=True)
    centre_id = Id(load_default=None, allow_none=True)
    space_id = Id(load_default=None, allow_none=True)
    status = fields.String(validate=validate.OneOf(STATUSES), load_default=None, allow_none=True)
    ends_after = Instant(load_default=None, allow_none=True)
    starts_before = Instant(load_default=None, allow_none=True)


class ListBookings(BookingFilters, Page):
    """Ordered by start, then id."""


class Booking(Schema):
    id = Id(required=True)
    space_id = Id(required=True)
    centre_id = Id(required=True)
    organisation_id = Id(required=True)
    booked_by = Id(required=True)
    starts_at = Instant(required=True)
    ends_at = Instant(required=True)
    time_zone = fields.String(required=True)
    title = fields.String(required=True)
    purpose = fields.String(required=True)
    people = fields.Integer(allow_none=True, required=True)
    status = fields.String(required=True, validate=validate.OneOf(STATUSES))
    cancellation_reason = fields.String(allow_none=True, required=True)
    version = fields.Integer(required=True)
    created_at = Instant(required=True)
    updated_at = Instant(required=True)


class BookingList(Schema):
    items = fields.List(fields.Nested(Booking), required=True)
    next = fields.List(fields.Raw(), allow_none=True)


class HistoryEntry(Schema):
    """Who changed what, when and why, from what to what."""

    at = Instant(required=True)
    by = Id(required=True)
    action = fields.String(required=True)
    reason = fields.String(allow_none=True, required=True)
    changes = fields.Dict(
        keys=fields.String(),
        values=fields.Dict(keys=fields.String(), values=fields.Raw(allow_none=True)),
        required=True,
        metadata={"description": 'Field → {"from": …, "to": …}.'},
    )
    version = fields.Integer(required=True)


class History(Schema):
    items = fields.List(fields.Nested(HistoryEntry), required=True)
