"""Refusals that several methods of bookings have in common, for the endpoints that name them."""

from __future__ import annotations

from services.common.contracts.bookings import errors

#: Of the time as it is written, before anything is looked up.
OF_TIME = (errors.END_BEFORE_START, errors.OFF_RASTER, errors.TOO_LONG)

#: Of a time in a space that is not to be had; other times and spaces may help.
OF_PLACE = (
    errors.SPACE_TAKEN,
    errors.SPACE_CLOSED,
    errors.SPACE_RETIRED,
    errors.OUTSIDE_HOURS,
    errors.TOO_MANY_PEOPLE,
    errors.EQUIPMENT_TAKEN,
)

#: Of a time that was asked for before and is taken now.
OF_TAKING = (
    *OF_PLACE,
    errors.IN_THE_PAST,
    errors.TOO_FAR_AHEAD,
    errors.BUDGET_EXCEEDED,
    errors.ORGANISATION_NOT_APPROVED,
    errors.UNKNOWN_ORGANISATION,
)

#: Of a booking.
OF_BOOKING = (
    *OF_TIME,
    *OF_TAKING,
    errors.NOT_OF_ORGANISATION,
    errors.NOT_OF_CENTRE,
    errors.UNKNOWN_SPACE,
    errors.UNKNOWN_EQUIPMENT,
)

#: Of a booking that changes.
OF_CHANGE = (
    *OF_BOOKING,
    errors.OF_REQUEST,
    errors.NOT_ALLOWED_NOW,
    errors.TOO_MANY_CHANGES,
    errors.GUESTS_DO_NOT_FIT,
    errors.GUEST_MAIL_LIMITED,
)

#: Of a closure's time.
OF_CLOSURE = (
    errors.END_BEFORE_START,
    errors.OFF_RASTER,
    errors.IN_THE_PAST,
    errors.CLOSURE_TOO_LONG,
    errors.CLOSURE_TOO_FAR_AHEAD,
    errors.CLOSURE_TOO_LARGE,
    errors.CLOSED_ALREADY,
)

#: Of an invitation that cannot be answered any more.
OF_INVITATION = (
    errors.INVITATION_REVOKED,
    errors.INVITATION_OVER,
    errors.MEETING_CALLED_OFF,
)
