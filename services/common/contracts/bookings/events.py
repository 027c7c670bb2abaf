"""Facts that bookings publishes. Payloads are thin: what a subscriber needs to act, no more."""

from __future__ import annotations

from marshmallow import fields

from services.common.contracts.bookings import (
    catalogue_facts,
    closure_facts,
    invitation_facts,
    series_facts,
    waitlist_facts,
)
from services.common.contracts.bookings.limits import LONGEST_REASON
from services.common.contracts.fields import EventData, Id, Instant, LocalisedFact
from services.common.contracts.registry import EventType, StateType
from services.common.contracts.rooms import RoomStanding

_REASONS = "The reason in each language, where it was given so."


class Booking(EventData):
    """The booking as it stands after the fact."""

    booking_id = Id(required=True)
    organisation_id = Id(required=True)
    centre_id = Id(required=True)
    space_id = Id(required=True)
    centre_name = LocalisedFact(required=True)
    space_name = LocalisedFact(required=True)
    time_zone = fields.String(required=True, metadata={"description": "IANA zone of the centre."})
    starts_at = Instant(required=True)
    ends_at = Instant(required=True)
    title = fields.String(required=True)
    purpose = fields.String(required=True)
    status = fields.String(required=True)
    version = fields.Integer(required=True)
    booked_by = Id(required=True, metadata={"description": "The person who made the booking."})
    changed_by = Id(required=True, metadata={"description": "The person who caused this fact."})
    series_id = Id(metadata={"description": "The series it is an occurrence of, if it is."})
    part_of = Id(
        metadata={
            "description": "Id of the series changed as a whole, or of the waitlist entry: its "
            "own event informs people, so a sender of messages leaves this one out."
        }
    )


class Rescheduled(Booking):
    previous_space_id = Id(required=True)
    previous_space_name = LocalisedFact(required=True)
    previous_starts_at = Instant(required=True)
    previous_ends_at = Instant(required=True)
    reason = fields.String(metadata={"description": "The reason, where a person gave one."})
    reasons = LocalisedFact(metadata={"description": _REASONS}, limit=LONGEST_REASON)


class Cancelled(Booking):
    reason = fields.String(required=True, allow_none=True)
    reasons = LocalisedFact(metadata={"description": _REASONS}, limit=LONGEST_REASON)


class LeftOutside(Booking):
    reason = fields.String(metadata={"description": "The reason, where a person gave one."})
    reasons = LocalisedFact(metadata={"description": _REASONS}, limit=LONGEST_REASON)


_SEASONS = "Parts of the year with a week of their own; first and last day are both in it."
_EXCEPTIONS = "Dates that are unlike the others; without hours such a day is closed."


class Season(EventData):
    name = LocalisedFact(required=True)
    starts_on = fields.Date(required=True)
    ends_on = fields.Date(required=True)
    weekly_hours = fields.Dict(
        keys=fields.String(), values=fields.List(fields.List(fields.String())), required=True
    )


class ExceptionalDay(EventData):
    date = fields.Date(required=True)
    name = LocalisedFact(required=True)
    hours = fields.List(fields.List(fields.String()), required=True)


class Rejected(Booking):
    reason = fields.String(required=True)


class NoShow(Booking):
    free_from = Instant(
        required=True, metadata={"description": "From then on the space can be booked again."}
    )
    counted = fields.Boolean(
        metadata={
            "description": "Whether it counts in the organisation's manners; not where nobody "
            "looked in time."
        }
    )


class NoShowCorrected(Booking):
    reason = fields.String(required=True)


class Ended(Rescheduled):
    free_from = Instant(
        required=True, metadata={"description": "From then on the space can be booked again."}
    )


class CheckInUndone(Booking):
    reason = fields.String(metadata={"description": "The reason, where a person gave one."})


class Counted(Booking):
    women = fields.Integer(required=True)
    men = fields.Integer(required=True)


class BudgetChanged(EventData):
    """The limits of an organisation's week; null where it takes the operator's."""

    organisation_id = Id(required=True)
    version = fields.Integer(required=True)
    hours = fields.Integer(required=True, allow_none=True)
    bookings = fields.Integer(required=True, allow_none=True)
    changed_by = Id(required=True)


class BudgetGranted(EventData):
    """More for one week."""

    grant_id = Id(required=True)
    organisation_id = Id(required=True)
    version = fields.Integer(
        required=True, metadata={"description": "Of the organisation's budget."}
    )
    week = fields.String(
        required=True, metadata={"description": "Sunday to Saturday, such as 2026-W48."}
    )
    hours = fields.Integer(required=True)
    bookings = fields.Integer(required=True)
    reason = fields.String(required=True)
    changed_by = Id(required=True)


class SpaceApprovalChanged(EventData):
    """Whether the front desk decides on each booking of a space. Earlier bookings stay."""

    space_id = Id(required=True)
    centre_id = Id(required=True)
    version = fields.Integer(required=True)
    needs_approval = fields.Boolean(required=True)


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
    seasons = fields.List(fields.Nested(Season), metadata={"description": _SEASONS})
    exceptions = fields.List(fields.Nested(ExceptionalDay), metadata={"description": _EXCEPTIONS})


class SpaceHoursChanged(EventData):
    """The hours of a space, in its centre's zone. It is open when its centre is open too."""

    space_id = Id(required=True)
    centre_id = Id(required=True)
    version = fields.Integer(required=True)
    time_zone = fields.String(required=True)
    weekly_hours = fields.Dict(
        keys=fields.String(),
        values=fields.List(fields.List(fields.String())),
        required=True,
        allow_none=True,
        metadata={"description": "Null where the space has no hours of its own any more."},
    )
    seasons = fields.List(fields.Nested(Season), required=True, metadata={"description": _SEASONS})
    exceptions = fields.List(
        fields.Nested(ExceptionalDay), required=True, metadata={"description": _EXCEPTIONS}
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
BOOKING_HELD = EventType(
    "bookings.booking.held", 1, Booking, "A time is kept for an organisation, for a while."
)
BOOKING_REJECTED = EventType(
    "bookings.booking.rejected",
    1,
    Rejected,
    "The front desk has turned the request down; its time is free.",
)
BOOKING_EXPIRED = EventType(
    "bookings.booking.expired",
    1,
    Booking,
    "Nobody acted in time upon a hold or a request; its time is free.",
)
BOOKING_CHECKED_IN = EventType(
    "bookings.booking.checked_in", 1, Booking, "The people of the booking are there."
)
BOOKING_NO_SHOW = EventType(
    "bookings.booking.no_show", 1, NoShow, "Nobody came; the rest of the time is free."
)
BOOKING_NO_SHOW_CORRECTED = EventType(
    "bookings.booking.no_show_corrected",
    1,
    NoShowCorrected,
    "The people were there all the same; nothing counts against them.",
)
BOOKING_CHECK_IN_UNDONE = EventType(
    "bookings.booking.check_in_undone",
    1,
    CheckInUndone,
    "The check-in was a mistake; the people are waited for again.",
)
BOOKING_END_CHANGED = EventType(
    "bookings.booking.end_changed",
    1,
    Rescheduled,
    "A meeting that is going on ends earlier or later than booked.",
)
BOOKING_ENDED = EventType(
    "bookings.booking.ended",
    1,
    Ended,
    "The people have left before the booked end; comes instead of `completed`.",
)
BOOKING_COMPLETED = EventType(
    "bookings.booking.completed", 1, Booking, "The people were there, and the time is over."
)
BOOKING_COUNTED = EventType(
    "bookings.booking.counted", 1, Counted, "It was noted how many women and men were there."
)
INVITATION_ISSUED = EventType(
    "bookings.invitation.issued",
    1,
    invitation_facts.Issued,
    "An organisation or an outside guest is asked to a joint meeting.",
)
GUEST_DETAILS = StateType(
    "bookings.guest.details",
    1,
    invitation_facts.GuestState,
    "How a guest without an account is called and reached, by the invitation.",
)
INVITATION_CHANGED = EventType(
    "bookings.invitation.changed",
    1,
    invitation_facts.Changed,
    "The meeting has another time, space or title.",
)
INVITATION_CALLED_OFF = EventType(
    "bookings.invitation.called_off",
    1,
    invitation_facts.CalledOff,
    "The meeting does not take place.",
)
INVITATION_REVOKED = EventType(
    "bookings.invitation.revoked",
    1,
    invitation_facts.Invitation,
    "The host has taken the invitation back.",
)
INVITATION_REPLIED = EventType(
    "bookings.invitation.replied",
    1,
    invitation_facts.Replied,
    "Who was invited has said whether they come, and how many.",
)
SPACE_APPROVAL_CHANGED = EventType(
    "bookings.space.approval_changed",
    1,
    SpaceApprovalChanged,
    "Bookings of a space need the front desk's approval from now on, or do so no more.",
)
BUDGET_CHANGED = EventType(
    "bookings.budget.changed", 1, BudgetChanged, "An organisation has other limits a week."
)
BUDGET_GRANTED = EventType(
    "bookings.budget.granted", 1, BudgetGranted, "An organisation may book more in one week."
)
EQUIPMENT_ADDED = EventType(
    "bookings.equipment.added",
    1,
    catalogue_facts.Equipment,
    "A centre has equipment to lend that it had not.",
)
EQUIPMENT_CHANGED = EventType(
    "bookings.equipment.changed",
    1,
    catalogue_facts.Equipment,
    "Equipment has another name, there is more or less of it, or it is lent no more.",
)
SPACE_ADDED = EventType(
    "bookings.space.added",
    1,
    catalogue_facts.Space,
    "A centre has a space to book that it had not.",
)
SPACE_CHANGED = EventType(
    "bookings.space.changed",
    1,
    catalogue_facts.Space,
    "A space has another name, capacity, features or buffers, or can be booked no more. Bookings "
    "made before stay.",
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
BOOKING_LEFT_OUTSIDE = EventType(
    "bookings.booking.left_outside_hours",
    1,
    LeftOutside,
    "The hours have changed and the booking lies outside; staff have decided that it stays.",
)
CLOSURE_DECLARED = EventType(
    "bookings.closure.declared",
    1,
    closure_facts.Closure,
    "Spaces are closed for a time; bookings in it have their own events, as they move or end.",
)
CLOSURE_CHANGED = EventType(
    "bookings.closure.changed",
    1,
    closure_facts.ClosureChanged,
    "A closure has another time or reason, or covers a space that its centre has got since.",
)
CLOSURE_LIFTED = EventType(
    "bookings.closure.lifted",
    1,
    closure_facts.Closure,
    "A closure ends before its time; what is left is free.",
)
CENTRE_HOURS_CHANGED = EventType(
    "bookings.centre.hours_changed", 1, HoursChanged, "A centre opens at other hours from now on."
)
SPACE_HOURS_CHANGED = EventType(
    "bookings.space.hours_changed",
    1,
    SpaceHoursChanged,
    "A space opens at other hours of its own from now on.",
)
SERIES_CREATED = EventType(
    "bookings.series.created",
    1,
    series_facts.Series,
    "Occurrences are booked by a rule; each has an event of its own beside this.",
)
SERIES_CHANGED = EventType(
    "bookings.series.changed",
    1,
    series_facts.Series,
    "Occurrences of a series have been moved, changed or added.",
)
SERIES_CANCELLED = EventType(
    "bookings.series.cancelled", 1, series_facts.Cancelled, "Occurrences of a series are off."
)
WAITLIST_JOINED = EventType(
    "bookings.waitlist.joined", 1, waitlist_facts.WaitlistEntry, "An organisation waits for a time."
)
WAITLIST_OFFERED = EventType(
    "bookings.waitlist.offered",
    1,
    waitlist_facts.WaitlistOffer,
    "A time has become free and is held for the one who waited longest, until it expires.",
)
WAITLIST_ACCEPTED = EventType(
    "bookings.waitlist.accepted", 1, waitlist_facts.WaitlistOffer, "The offered time is taken."
)
WAITLIST_DECLINED = EventType(
    "bookings.waitlist.declined",
    1,
    waitlist_facts.WaitlistOffer,
    "The offered time is not wanted; it is free.",
)
WAITLIST_WITHDRAWN = EventType(
    "bookings.waitlist.withdrawn",
    1,
    waitlist_facts.WaitlistWithdrawn,
    "The offered time cannot be accepted any more; the entry waits again in its place.",
)
WAITLIST_EXPIRED = EventType(
    "bookings.waitlist.expired",
    1,
    waitlist_facts.WaitlistEntry,
    "Nobody accepted the offer in time, or nothing could be offered within the window.",
)
WAITLIST_LEFT = EventType(
    "bookings.waitlist.left", 1, waitlist_facts.WaitlistEntry, "Nobody waits any more."
)
ROOM_GRANTED = EventType(
    "bookings.room.granted", 1, RoomStanding, "All rooms of a request are held at its times."
)
ROOM_REFUSED = EventType(
    "bookings.room.refused",
    1,
    RoomStanding,
    "A version of a request cannot be had; what was held before stays held.",
)
ROOM_LOST = EventType(
    "bookings.room.lost", 1, RoomStanding, "Staff or a closure took a room of a request away."
)
ROOM_FREED = EventType(
    "bookings.room.freed", 1, RoomStanding, "All rooms of a request are given back, for good."
)
