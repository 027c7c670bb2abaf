"""The day sheet of a centre."""

from __future__ import annotations

from services.bookings.app import App
from services.bookings.domain import permissions
from services.bookings.domain.day_sheet import DaySheet, day_of, drawn_up
from services.bookings.schemas.day_sheet import GetDaySheet
from services.common.context import Call

# More than a centre's rooms can hold in a day; a bound for the answer all the same.
MOST_BOOKINGS = 2_000


def get(app: App, call: Call, query: GetDaySheet) -> DaySheet:
    """A centre's day: its spaces, when they are open, who comes when, and what is closed.

    Four queries, whatever the number of spaces and bookings.

    Raises:
        errors.NotFound: there is no such centre.
        errors.Unauthenticated, errors.Forbidden: for anybody but staff of the centre.
    """
    centre = app.centres.centre(query.centre_id)
    permissions.check_works_at(call.caller, centre.id)
    whole = day_of(query.day, centre.time_zone)
    bookings = app.bookings.find(
        visible=None,
        filters={
            "centre_id": centre.id,
            "ends_after": whole.starts_at,
            "starts_before": whole.ends_at,
        },
        after=None,
        limit=MOST_BOOKINGS,
    )
    spaces = app.centres.spaces(centre_id=centre.id, retired=True)
    booked = {booking.space_id for booking in bookings}
    return drawn_up(
        centre,
        [space for space in spaces if not space.retired or space.id in booked],
        query.day,
        bookings,
        app.closures.standing(centre.id, whole),
    )
