"""Stable codes of the refusals of bookings."""

from __future__ import annotations

from services.common.errors import (
    Conflict,
    ErrorCode,
    Forbidden,
    Invalid,
    NotFound,
    TooManyRequests,
)

SPACE_TAKEN = ErrorCode(
    "bookings.space_taken",
    Conflict,
    "The space is taken at that time; alternatives are in `alternatives`.",
    extra=("alternatives",),
)
OUTSIDE_HOURS = ErrorCode(
    "bookings.outside_hours",
    Conflict,
    "The space is not open for the whole of that time; alternatives are in `alternatives`.",
    extra=("alternatives",),
)
IN_THE_PAST = ErrorCode("bookings.in_the_past", Conflict, "The time has already begun.")
TOO_FAR_AHEAD = ErrorCode(
    "bookings.too_far_ahead", Conflict, "Bookings open `days` days ahead.", params=("days",)
)
TOO_MANY_PEOPLE = ErrorCode(
    "bookings.too_many_people",
    Conflict,
    "The space holds `capacity` people; larger ones are in `alternatives`.",
    params=("capacity",),
    extra=("alternatives",),
)
HEADCOUNT_TOO_LARGE = ErrorCode(
    "bookings.headcount_too_large",
    Conflict,
    "More than `most` people, twice what the space holds, cannot have been there.",
    params=("most",),
)
TOO_MANY_CHANGES = ErrorCode(
    "bookings.too_many_changes",
    Conflict,
    "It has been changed `most` times; it can still be cancelled, and staff may change it.",
    params=("most",),
)
NOT_ALLOWED_NOW = ErrorCode(
    "bookings.not_allowed_now",
    Conflict,
    "A booking that is `state` cannot do that.",
    params=("state",),
)
OF_REQUEST = ErrorCode(
    "bookings.of_request",
    Conflict,
    "It is for the centre's own use: staff may cancel it or give it another room, all else is "
    "changed where it was requested.",
)
OVERTAKEN = ErrorCode(
    "bookings.overtaken",
    Conflict,
    "The request for rooms was changed without knowing that a room of it had been lost.",
)
NOT_OF_ORGANISATION = ErrorCode(
    "bookings.not_of_organisation", Forbidden, "The caller does not belong to the organisation."
)
NOT_OF_CENTRE = ErrorCode(
    "bookings.not_of_centre",
    Forbidden,
    "The front desk of one centre books for other organisations at that centre alone.",
)
HOLD_OVER = ErrorCode(
    "bookings.hold_over", Conflict, "The time was held until a moment that has passed."
)
CHECK_IN_CLOSED = ErrorCode(
    "bookings.check_in_closed",
    Conflict,
    "People are checked in from `minutes` minutes before the start until the end; the instants "
    "are in `opens_at` and `closes_at`.",
    params=("minutes",),
    extra=("opens_at", "closes_at"),
)
UNDO_CLOSED = ErrorCode(
    "bookings.undo_closed",
    Conflict,
    "A check-in is undone within `minutes` minutes.",
    params=("minutes",),
)
EXTENSION_NOT_AGREED = ErrorCode(
    "bookings.extension_not_agreed",
    Conflict,
    "The front desk approves bookings of this space: it alone can extend a meeting beyond that.",
)
CORRECTION_CLOSED = ErrorCode(
    "bookings.correction_closed",
    Conflict,
    "A no-show is corrected within `days` days of being marked.",
    params=("days",),
)
DOOR_CODE_NEEDED = ErrorCode(
    "bookings.door_code_needed", Invalid, "Members check in with the booking's door code."
)
WRONG_DOOR_CODE = ErrorCode(
    "bookings.wrong_door_code", Conflict, "The code is not the door code of this booking."
)
TOO_MANY_DOOR_CODES = ErrorCode(
    "bookings.too_many_door_codes",
    TooManyRequests,
    "Too many door codes were tried for this booking; the front desk can still check in.",
    extra=("retry_after",),
)
BUDGET_EXCEEDED = ErrorCode(
    "bookings.budget_exceeded",
    Conflict,
    "The organisation's budget of `week`, which begins on the Sunday `starts_on`, does not cover "
    "this: `hours_left` hours and `bookings_left` bookings are left (null: no limit).",
    params=("starts_on", "hours_left", "bookings_left"),
    extra=("week",),
)
UNKNOWN_ORGANISATION = ErrorCode(
    "bookings.unknown_organisation",
    Invalid,
    "No such organisation is known. One that was registered a moment ago soon is.",
)
ORGANISATION_NOT_APPROVED = ErrorCode(
    "bookings.organisation_not_approved",
    Conflict,
    "The organisation may not use the centre: it waits for approval, or is suspended.",
)
UNKNOWN_SPACE = ErrorCode("bookings.unknown_space", Invalid, "There is no such space.")
END_BEFORE_START = ErrorCode("bookings.end_before_start", Invalid, "The end must follow the start.")
OFF_RASTER = ErrorCode(
    "bookings.off_raster", Invalid, "Times are whole multiples of `minutes` minutes.", ("minutes",)
)
TOO_LONG = ErrorCode(
    "bookings.too_long", Invalid, "A booking lasts at most `hours` hours.", ("hours",)
)
SPACE_CLOSED = ErrorCode(
    "bookings.space_closed",
    Conflict,
    "The space is closed for part of that time; alternatives are in `alternatives`.",
    extra=("alternatives",),
)
SPACE_RETIRED = ErrorCode(
    "bookings.space_retired",
    Conflict,
    "The space can be booked no more; alternatives are in `alternatives`.",
    extra=("alternatives",),
)
SPACE_BOOKED = ErrorCode(
    "bookings.space_booked",
    Conflict,
    "`count` bookings of the space are to come; they, or the first of them, are in `bookings`.",
    params=("count",),
    extra=("bookings",),
)
PART_IN_USE = ErrorCode(
    "bookings.part_in_use",
    Conflict,
    "The space is part of halls that can be booked; they are in `halls`.",
    extra=("halls",),
)
PARTS_RETIRED = ErrorCode(
    "bookings.parts_retired",
    Conflict,
    "Parts of the hall can be booked no more; they are in `parts`.",
    extra=("parts",),
)
NO_SUCH_PARTS = ErrorCode(
    "bookings.no_such_parts",
    Invalid,
    "A hall has two or more parts: spaces of its centre that have none themselves.",
)
CLOSED_ALREADY = ErrorCode(
    "bookings.closed_already",
    Conflict,
    "A closure stands there already; it is named in `closure`.",
    extra=("closure",),
)
CLOSURE_LIFTED = ErrorCode(
    "bookings.closure_lifted", Conflict, "The closure was lifted, or its time is over."
)
CLOSURE_BEGUN = ErrorCode(
    "bookings.closure_begun", Conflict, "The closure has begun, so its start stays as it is."
)
CLOSURE_TOO_LARGE = ErrorCode(
    "bookings.closure_too_large",
    Conflict,
    "One closure covers at most `space_days` spaces × days and `most_bookings` bookings.",
    params=("space_days", "most_bookings"),
)
CLOSURE_TOO_FAR_AHEAD = ErrorCode(
    "bookings.closure_too_far_ahead",
    Conflict,
    "A closure ends at most `days` days from now.",
    params=("days",),
)
CLOSURE_TOO_LONG = ErrorCode(
    "bookings.closure_too_long", Invalid, "A closure lasts at most `days` days.", ("days",)
)
NOT_AFFECTED = ErrorCode(
    "bookings.not_affected", Conflict, "The booking does not wait for a decision of this closure."
)
NOT_OUTSIDE_HOURS = ErrorCode(
    "bookings.not_outside_hours",
    Conflict,
    "The booking is not one to come of this centre that lies outside the hours.",
)
NO_PLACE_FOUND = ErrorCode(
    "bookings.no_place_found", Conflict, "No space that fits is free at the time or near it."
)
PERIOD_TOO_LONG = ErrorCode(
    "bookings.period_too_long",
    Invalid,
    "Availability is answered for `days` days at most.",
    ("days",),
)
SERIES_RULE_INVALID = ErrorCode(
    "bookings.series_rule_invalid",
    Invalid,
    "The rule is no recurrence rule (RFC 5545) by day, week, month or year.",
)
SERIES_WITHOUT_END = ErrorCode(
    "bookings.series_without_end", Invalid, "A series needs an end: COUNT or UNTIL."
)
SERIES_TOO_LONG = ErrorCode(
    "bookings.series_too_long",
    Invalid,
    "A series has at most `occurrences` occurrences, within `days` days.",
    ("occurrences", "days"),
)
SERIES_START_OFF_RULE = ErrorCode(
    "bookings.series_start_off_rule",
    Invalid,
    "The first occurrence must itself be one that the rule names.",
)
NOT_TRIED = ErrorCode(
    "bookings.not_tried",
    Conflict,
    "The series has moved since; whether this occurrence can be had now is found by trying again.",
)
NOT_OF_SERIES = ErrorCode(
    "bookings.not_of_series", Invalid, "The booking is no occurrence of this series."
)
SERIES_REFUSED = ErrorCode(
    "bookings.series_refused",
    Conflict,
    "`count` of the occurrences cannot be had, so nothing has changed; they are in `rejected`.",
    params=("count",),
    extra=("rejected",),
)
SERIES_OVER = ErrorCode(
    "bookings.series_over",
    Conflict,
    "No occurrence that this could change is left: they have begun, ended or been cancelled.",
)
PLACE_NEEDED = ErrorCode(
    "bookings.place_needed", Invalid, "Name a space or a centre: one of the two."
)
UNKNOWN_CENTRE = ErrorCode("bookings.unknown_centre", Invalid, "There is no such centre.")
NO_FITTING_SPACE = ErrorCode(
    "bookings.no_fitting_space",
    Conflict,
    "No space of the centre has that size and those features.",
)
WINDOW_TOO_SHORT = ErrorCode(
    "bookings.window_too_short", Invalid, "The window is shorter than the time that is wanted."
)
WINDOW_TOO_LONG = ErrorCode(
    "bookings.window_too_long", Invalid, "A window is at most `days` days long.", ("days",)
)
WINDOW_OVER = ErrorCode(
    "bookings.window_over", Conflict, "Nothing could be offered within that window any more."
)
NOT_ALLOWED_WHILE_WAITING = ErrorCode(
    "bookings.waitlist_not_allowed_now",
    Conflict,
    "A waitlist entry that is `state` cannot do that.",
    params=("state",),
)
NOT_A_JOINT_MEETING = ErrorCode(
    "bookings.not_a_joint_meeting", Conflict, "Only a booking for a joint meeting has guests."
)
ALREADY_INVITED = ErrorCode(
    "bookings.already_invited", Conflict, "They host the meeting, or are invited already."
)
TOO_MANY_INVITATIONS = ErrorCode(
    "bookings.too_many_invitations",
    Conflict,
    "A meeting has at most `most` open invitations.",
    params=("most",),
)
GUEST_MAIL_LIMITED = ErrorCode(
    "bookings.guest_mail_limited",
    TooManyRequests,
    "The caller, the organisation, the address or the meeting has had so many invitations, or so "
    "much news of a meeting, that more is possible in `minutes`, at `again_at`. Revoking gives "
    "none back.",
    params=("minutes",),
    extra=("retry_after", "again_at"),
)
NO_ROOM_FOR_GUESTS = ErrorCode(
    "bookings.no_room_for_guests",
    Conflict,
    "The space has room for `left` more guests.",
    params=("left",),
)
GUESTS_DO_NOT_FIT = ErrorCode(
    "bookings.guests_do_not_fit",
    Conflict,
    "`coming` guests have accepted; with the host's people they would not fit in.",
    params=("coming",),
)
INVITATION_UNKNOWN = ErrorCode(
    "bookings.invitation_unknown", NotFound, "The link is not one of ours."
)
INVITATION_REVOKED = ErrorCode(
    "bookings.invitation_revoked", Conflict, "The host has taken the invitation back."
)
INVITATION_OVER = ErrorCode(
    "bookings.invitation_over", Conflict, "The meeting has begun or is over."
)
MEETING_CALLED_OFF = ErrorCode(
    "bookings.meeting_called_off", Conflict, "The meeting does not take place."
)
NO_SUCH_CALENDAR = ErrorCode(
    "bookings.no_such_calendar", Invalid, "There is no such space or centre to make a calendar of."
)
TOO_MANY_CALENDARS = ErrorCode(
    "bookings.too_many_calendars",
    Conflict,
    "A person has at most `most` calendar links.",
    params=("most",),
)
REPORT_ENDS_EARLY = ErrorCode(
    "bookings.report_ends_early", Invalid, "The last day of a report is not before its first."
)
REPORT_TOO_LONG = ErrorCode(
    "bookings.report_too_long", Invalid, "A report covers at most `days` days.", ("days",)
)

EQUIPMENT_TAKEN = ErrorCode(
    "bookings.equipment_taken",
    Conflict,
    "Only `free` of the equipment named `equipment` (`equipment_id`) are free then; alternatives "
    "are in `alternatives`.",
    params=("equipment", "free"),
    extra=("equipment_id", "alternatives"),
)
EQUIPMENT_BOOKED = ErrorCode(
    "bookings.equipment_booked",
    Conflict,
    "`count` bookings to come need more of it than the `quantity` there would be; they, or the "
    "first of them, are in `bookings`.",
    params=("quantity", "count"),
    extra=("bookings",),
)
EQUIPMENT_TOO_FEW = ErrorCode(
    "bookings.equipment_too_few",
    Conflict,
    "The centre has `quantity` of the equipment named `equipment` (`equipment_id`): fewer than "
    "were asked for.",
    params=("equipment", "quantity"),
    extra=("equipment_id",),
)
UNKNOWN_EQUIPMENT = ErrorCode(
    "bookings.unknown_equipment", Invalid, "The centre of the space has no such equipment."
)

ALL: tuple[ErrorCode, ...] = tuple(v for v in list(globals().values()) if isinstance(v, ErrorCode))
