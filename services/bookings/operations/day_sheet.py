"""The day sheet of a centre."""

from __future__ import annotations

from datetime import date, timedelta

from services.bookings.app import App
from services.bookings.domain.booking import Booking
from services.bookings.domain.centre import Centre, Space
from services.bookings.domain.closures import Closure
from services.bookings.domain.day_sheet import DaySheet, day_of, drawn_up
from services.bookings.schemas.day_sheet import GetDaySheet, GetDaySheets
from services.common import authorisation
from services.common.context import Call
from services.common.contracts.bookings.errors import REPORT_ENDS_EARLY, REPORT_TOO_LONG
from services.common.errors import FieldError
from services.common.time.period import Period

# More than a centre's rooms can hold in a day; a bound for the answer all the same.
MOST_BOOKINGS = 2_000
MOST_DAYS = 7


def get(app: App, call: Call, query: GetDaySheet) -> DaySheet:
    """A centre's day: its spaces, when they are open, who comes when, and what is closed.

    Raises:
        errors.NotFound: there is no such centre.
        errors.Unauthenticated, errors.Forbidden: for anybody but staff of the centre.
    """
    (sheet,) = get_several(app, call, GetDaySheets(query.centre_id, query.day, query.day))
    return sheet


def get_several(app: App, call: Call, query: GetDaySheets) -> list[DaySheet]:
    """The sheets of at most ``MOST_DAYS`` days in a row.

    Four queries for any number of days, spaces and bookings.

    Raises:
        errors.NotFound, errors.Unauthenticated, errors.Forbidden: as :func:`get`.
        errors.Invalid: ``bookings.report_ends_early``, ``bookings.report_too_long``.
    """
    centre = app.centres.centre(query.centre_id)
    authorisation.check_works_at(call.caller, centre.id)
    if query.last_day < query.first_day:
        raise REPORT_ENDS_EARLY(errors=[FieldError("/last_day", REPORT_ENDS_EARLY.code)])
    days = [
        query.first_day + timedelta(days=each)
        for each in range((query.last_day - query.first_day).days + 1)
    ]
    if len(days) > MOST_DAYS:
        fault = FieldError("/last_day", REPORT_TOO_LONG.code)
        raise REPORT_TOO_LONG(days=MOST_DAYS, errors=[fault])
    whole = Period(
        day_of(days[0], centre.time_zone).starts_at, day_of(days[-1], centre.time_zone).ends_at
    )
    bookings = app.bookings.find(
        visible=None,
        filters={
            "centre_id": centre.id,
            "ends_after": whole.starts_at,
            "starts_before": whole.ends_at,
        },
        after=None,
        limit=MOST_BOOKINGS * len(days),
    )
    spaces = app.centres.spaces(centre_id=centre.id, retired=True)
    closures = app.closures.standing(centre.id, whole)
    return [_sheet(centre, spaces, day, bookings, closures) for day in days]


def _sheet(
    centre: Centre,
    spaces: list[Space],
    day: date,
    bookings: list[Booking],
    closures: list[Closure],
) -> DaySheet:
    """The sheet of one day, from what touches any of several."""
    whole = day_of(day, centre.time_zone)
    todays = [each for each in bookings if each.period.overlaps(whole)]
    booked = {booking.space_id for booking in todays}
    return drawn_up(
        centre,
        [space for space in spaces if not space.retired or space.id in booked],
        day,
        todays,
        [each for each in closures if each.period.overlaps(whole)],
    )
