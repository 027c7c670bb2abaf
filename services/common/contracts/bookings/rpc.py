"""What the RPC methods of bookings accept and return: the wire form, with every limit.

The gateway serves the same schemas over HTTP, so a limit is written once, here.

===================== ============================== ===========================================
method                request                        result
===================== ============================== ===========================================
list_centres          {}                             CentreList
get_centre            ById                           Centre
set_hours             hours.SetHours                 outside_hours.ChangedCentre
set_space_hours       hours.SetSpaceHours            outside_hours.ChangedSpace
list_outside_hours    outside_hours.ListOutside      outside_hours.OutsideList
resolve_outside_hours outside_hours.ResolveOutside   outside_hours.Resolution
list_spaces           ListSpaces                     SpaceList
get_space             ById                           Space
add_space             spaces.AddSpace (with key)     Space
change_space          spaces.ChangeSpace             spaces.ChangedSpace
space_history         history.ListHistory            history.HistoryList
list_equipment        equipment.ListEquipment        equipment.EquipmentList
get_equipment         ById                           equipment.Equipment
add_equipment         equipment.AddEquipment (key)   equipment.Equipment
change_equipment      equipment.ChangeEquipment      equipment.Equipment
equipment_history     history.ListHistory            history.HistoryList
find_availability     FindAvailability               Availability
create_booking        CreateBooking (with key)       Booking
get_booking           GetBooking                     Booking
list_bookings         ListBookings                   BookingList
change_booking        ChangeBooking                  Booking
cancel_booking        CancelBooking                  Booking
booking_history       ById                           history.History
approve_booking       approval.ApproveBooking        Booking
reject_booking        approval.RejectBooking         Booking
set_space_approval    approval.SetSpaceApproval      Space
check_in              check_in.CheckIn               Booking
end_booking           check_in.EndBooking            Booking
undo_check_in         check_in.UndoCheckIn           Booking
correct_no_show       check_in.CorrectNoShow         Booking
get_budget            ById (the organisation's)      budgets.Budget
get_budget_week       budgets.BudgetOfWeek           budgets.BudgetWeek
set_budget            budgets.SetBudget              budgets.Budget
grant_budget          budgets.GrantBudget (with key) budgets.Grant
===================== ============================== ===========================================
"""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from services.common.contracts.bookings.equipment import Need, needs
from services.common.contracts.bookings.limits import LONGEST_REASON
from services.common.contracts.fields import (
    Choice,
    Id,
    Instant,
    LocalisedText,
    Page,
    StrictSchema,
    Truth,
    integer,
    name_text,
    text,
)
from services.common.contracts.hours import ExceptionalDay, Hours, Season, Weekday, WeeklyHours

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
MOST_PEOPLE = 1_000
MOST_FEATURES = 10
LONGEST_FEATURE = 40


class Purpose(Choice):
    choices = PURPOSES


class OfOrganisation(Id):
    """The organisation that a booking is for; none where it is for the centre's own use."""

    def __init__(self, **kwargs: Any) -> None:
        description = "null: for the centre's own use, requested by another branch."
        super().__init__(allow_none=True, metadata={"description": description}, **kwargs)


class OwnUse(Schema):
    """What staff are shown of the request that a booking is for."""

    requester = fields.String(required=True, metadata={"description": "The branch that asked."})
    request_id = Id(required=True)
    item_id = Id(required=True)
    label = LocalisedText(required=True)


class BookingStatus(Choice):
    choices = STATUSES


class ById(StrictSchema):
    id = Id(required=True)


class Centre(Schema):
    id = Id(required=True)
    name = LocalisedText(required=True)
    time_zone = fields.String(required=True)
    week_starts_on = Weekday(
        required=True,
        metadata={"description": "Of weekly budgets, and of recurrence rules without WKST."},
    )
    weekly_hours = WeeklyHours(required=True)
    seasons = fields.List(fields.Nested(Season), required=True)
    exceptions = fields.List(fields.Nested(ExceptionalDay), required=True)
    version = fields.Integer(required=True)


class CentreList(Schema):
    items = fields.List(fields.Nested(Centre), required=True)
    next = fields.List(fields.Raw(), allow_none=True)


class Space(Schema):
    id = Id(required=True)
    centre_id = Id(required=True)
    name = LocalisedText(required=True)
    capacity = fields.Integer(required=True)
    features = fields.List(fields.String(), required=True)
    buffer_before_minutes = fields.Integer(required=True)
    buffer_after_minutes = fields.Integer(required=True)
    needs_approval = fields.Boolean(
        required=True, metadata={"description": "Whether the front desk decides on each booking."}
    )
    hours = fields.Nested(
        Hours,
        required=True,
        allow_none=True,
        metadata={"description": "Hours of its own, which restrict the centre's; else null."},
    )
    parts = fields.List(
        Id(),
        required=True,
        metadata={"description": "The spaces that a divisible hall is made of; else empty."},
    )
    retired = fields.Boolean(
        required=True,
        metadata={"description": "Whether it can be booked no more, and is in no list."},
    )
    version = fields.Integer(required=True)


class SpaceList(Schema):
    items = fields.List(fields.Nested(Space), required=True)
    next = fields.List(fields.Raw(), allow_none=True)


class ListSpaces(Page):
    centre_id = Id(load_default=None, allow_none=True)
    minimum_capacity = integer(1, MOST_PEOPLE, load_default=None, allow_none=True)


def features(**kwargs: Any) -> fields.List[Any]:
    """What a space must have, all of it."""
    return fields.List(
        text(LONGEST_FEATURE),
        validate=validate.Length(max=MOST_FEATURES),
        metadata={"description": "What a space must have, all of it, such as `projector`."},
        **kwargs,
    )


class FindAvailability(StrictSchema):
    centre_id = Id(load_default=None, allow_none=True)
    space_id = Id(load_default=None, allow_none=True)
    starts_at = Instant(required=True, metadata={"description": "Start of the period."})
    ends_at = Instant(required=True, metadata={"description": "End of the period."})
    duration_minutes = integer(15, 24 * 60, load_default=15)
    minimum_capacity = integer(1, MOST_PEOPLE, load_default=None, allow_none=True)
    features = features(load_default=list)
    equipment = needs(load_default=list)


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
    title = name_text(LONGEST_TITLE, required=True)
    purpose = Purpose(required=True)
    people = integer(1, MOST_PEOPLE, load_default=None, allow_none=True)


class CreateBooking(BookingDetails):
    organisation_id = Id(required=True)
    equipment = needs(load_default=list)
    beyond_budget = Truth(
        load_default=False,
        metadata={"description": "Not limited by the organisation's budget; managers only."},
    )


class BookingChanges(StrictSchema):
    """Any of these may be changed; what is left out stays."""

    space_id = Id()
    starts_at = Instant()
    ends_at = Instant()
    title = name_text(LONGEST_TITLE)
    purpose = Purpose()
    people = integer(1, MOST_PEOPLE, allow_none=True)
    equipment = needs()


class ChangeBooking(BookingChanges):
    id = Id(required=True)
    expected_version = integer(1, 2**53, required=True)


class Cancellation(StrictSchema):
    reason = text(LONGEST_REASON, lines=True, load_default=None, allow_none=True)


class CancelBooking(Cancellation):
    id = Id(required=True)
    expected_version = integer(1, 2**53, required=True)


class BookingFilters(StrictSchema):
    """Named filters, combined with AND."""

    organisation_id = Id(load_default=None, allow_none=True)
    centre_id = Id(load_default=None, allow_none=True)
    space_id = Id(load_default=None, allow_none=True)
    status = BookingStatus(load_default=None, allow_none=True)
    ends_after = Instant(load_default=None, allow_none=True)
    starts_before = Instant(load_default=None, allow_none=True)


class WithNames(StrictSchema):
    """Whether the names of space and centre are wanted, too."""

    names = Truth(load_default=False)


class ListBookings(BookingFilters, WithNames, Page):
    """Ordered by start, then id."""

    statuses = fields.List(BookingStatus(), load_default=None, allow_none=True)


class GetBooking(ById, WithNames):
    pass


class Headcount(StrictSchema):
    """Who was there."""

    women = integer(0, MOST_PEOPLE, required=True)
    men = integer(0, MOST_PEOPLE, required=True)


class Booking(Schema):
    id = Id(required=True)
    space_id = Id(required=True)
    centre_id = Id(required=True)
    organisation_id = OfOrganisation(required=True)
    booked_by = Id(required=True)
    starts_at = Instant(required=True)
    ends_at = Instant(required=True)
    time_zone = fields.String(required=True)
    title = fields.String(required=True)
    purpose = Purpose(required=True)
    people = fields.Integer(allow_none=True, required=True)
    equipment = fields.List(fields.Nested(Need), required=True)
    status = BookingStatus(required=True)
    cancellation_reason = fields.String(allow_none=True, required=True)
    series_id = Id(
        allow_none=True,
        required=True,
        metadata={"description": "The series it is an occurrence of, if it is."},
    )
    cancelled_late = fields.Boolean(
        required=True, metadata={"description": "Too late for others to use the time."}
    )
    rejection_reason = fields.String(allow_none=True, required=True)
    expires_at = Instant(
        allow_none=True,
        required=True,
        metadata={"description": "Until when a held or pending booking waits."},
    )
    headcount = fields.Nested(
        Headcount, allow_none=True, required=True, metadata={"description": "Who was there."}
    )
    checked_in_at = Instant(allow_none=True, required=True)
    door_code = fields.String(
        allow_none=True,
        required=True,
        metadata={"description": "Only for members of the organisation, while it is of use."},
    )
    own_use = fields.Nested(OwnUse, allow_none=True, required=True)
    version = fields.Integer(required=True)
    created_at = Instant(required=True)
    updated_at = Instant(required=True)
    space_name = LocalisedText(metadata={"description": "Only where names are asked for."})
    centre_name = LocalisedText(metadata={"description": "Only where names are asked for."})
    organisation_name = LocalisedText(
        allow_none=True,
        metadata={"description": "Only where names are asked for; the gateway adds it."},
    )


class BookingList(Schema):
    items = fields.List(fields.Nested(Booking), required=True)
    next = fields.List(fields.Raw(), allow_none=True)
