"""The day sheet on the real database: all that the front desk needs of a day, and no more."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from services.bookings.app import App
from services.bookings.domain.closures import Kind
from services.bookings.operations import bookings, centres, closures, day_sheet
from services.bookings.operations.hours import set_hours
from services.bookings.schemas import bookings as booking_schemas
from services.bookings.schemas import day_sheet as schemas
from services.bookings.schemas.bookings import CancelBooking
from services.bookings.schemas.closures import PlanClosure
from services.bookings.schemas.hours import SetHours
from services.common import errors
from services.common.context import VISITOR, Caller
from services.common.contracts.bookings.day_sheet import DaySheet, GetDaySheet
from services.common.time.opening_hours import ExceptionalDay
from services.common.time.period import Period
from services.common.time.weekly_hours import WeeklyHours
from tests.support.bookings import (
    MANAGER,
    MEMBER,
    RAQQA_DESK,
    TABQA_DESK,
    WORKING_WEEK,
    a_day_later,
    booking_command,
    call,
    open_centre,
    period,
    tomorrow,
)
from tests.support.stack import Server

TOMORROW = tomorrow(12).date()


@pytest.fixture
def app(database: Server) -> Iterator[App]:
    yield from open_centre(database.uri)


def sheet(app: App, caller: Caller = RAQQA_DESK, **values: Any) -> dict[str, Any]:
    query = schemas.get_day_sheet({"centre_id": "raqqa", "date": TOMORROW.isoformat(), **values})
    made = schemas.day_sheet(day_sheet.get(app, call(caller), query))
    assert DaySheet().validate(made) == {}
    return made


def line(made: dict[str, Any], space_id: str = "raqqa-meeting") -> dict[str, Any]:
    (found,) = [each for each in made["spaces"] if each["space_id"] == space_id]
    return found


def test_it_shows_who_comes_when_by_the_clock_on_the_wall(app: App) -> None:
    late = bookings.create(app, call(MEMBER), booking_command(period=period(13, 15), people=8))
    early = bookings.create(app, call(RAQQA_DESK), booking_command(period=period(9, 10)))
    bookings.create(app, call(MEMBER), booking_command(space_id="tabqa-meeting"))
    made = sheet(app)
    assert [each["space_id"] for each in made["spaces"]] == [
        "raqqa-hall",
        "raqqa-hall-a",
        "raqqa-meeting",
        "raqqa-training",
    ]
    first, second = line(made)["bookings"]
    assert (first["booking_id"], first["booked_by"]) == (early.id, RAQQA_DESK.id)
    assert (second["booking_id"], second["people"], second["organisation_id"]) == (
        late.id,
        8,
        "amal",
    )
    assert (second["local_start"], second["local_end"]) == ("2026-11-24T13:00", "2026-11-24T15:00")
    assert second["starts_at"] == "2026-11-24T10:00:00Z"
    assert [(p["local_start"], p["local_end"]) for p in made["open"]] == [
        ("2026-11-24T09:00", "2026-11-24T17:00")
    ]


def test_what_is_off_is_not_on_it(app: App) -> None:
    booking = bookings.create(app, call(MEMBER), booking_command())
    bookings.cancel(app, call(MEMBER), CancelBooking(booking.id, 1, None))
    assert line(sheet(app))["bookings"] == []


def test_other_days_are_not_on_it(app: App) -> None:
    bookings.create(app, call(MEMBER), booking_command())
    day_after = (TOMORROW + timedelta(days=1)).isoformat()
    assert line(sheet(app, date=day_after))["bookings"] == []


def test_it_shows_closures_and_the_occasion(app: App) -> None:
    eid = ExceptionalDay(TOMORROW, {"ar": "العيد", "en": "Eid"}, ((600, 720),))
    week = WeeklyHours.parse(WORKING_WEEK)
    set_hours(app, call(MANAGER), SetHours("raqqa", 1, week, exceptions=(eid,)))
    plan = PlanClosure(
        "raqqa",
        ("raqqa-hall-a",),
        Period(tomorrow(9), tomorrow(9) + timedelta(days=3)),
        Kind.MAINTENANCE,
        "Painters",
    )
    closure = closures.close(app, call(RAQQA_DESK), plan)
    made = sheet(app)
    assert made["occasion"] == {"ar": "العيد", "en": "Eid"}
    assert line(made)["open"][0]["local_start"] == "2026-11-24T10:00"
    assert line(made)["closures"] == []
    for space_id in ("raqqa-hall", "raqqa-hall-a"):
        (shown,) = line(made, space_id)["closures"]
        assert (shown["closure_id"], shown["reason"]) == (closure["id"], "Painters")


def test_a_day_has_the_hours_that_the_clock_gives_it(app: App) -> None:
    open_all_day = WeeklyHours.parse({"sunday": [["00:00", "24:00"]]})
    set_hours(app, call(MANAGER), SetHours("raqqa", 1, open_all_day, time_zone="Europe/Berlin"))
    (opened,) = sheet(app, date="2027-03-28")["open"]
    assert (opened["starts_at"], opened["ends_at"]) == (
        "2027-03-27T23:00:00Z",
        "2027-03-28T22:00:00Z",
    )


@pytest.mark.parametrize(
    ("caller", "refusal"),
    [
        (VISITOR, errors.Unauthenticated),
        (MEMBER, errors.Forbidden),
        (TABQA_DESK, errors.Forbidden),
    ],
)
def test_only_staff_of_the_centre_see_it(
    app: App, caller: Caller, refusal: type[errors.MasahaError]
) -> None:
    with pytest.raises(refusal):
        sheet(app, caller)
    assert sheet(app, MANAGER)


def test_an_unknown_centre_is_not_found(app: App) -> None:
    with pytest.raises(errors.NotFound):
        sheet(app, centre_id="nowhere")


@pytest.mark.parametrize(
    "date", ["24-11-2026", "2026-11-31", "2026-330", "tomorrow", 20261124, None]
)
def test_a_date_is_a_date(date: object) -> None:
    assert "date" in GetDaySheet().validate({"centre_id": "raqqa", "date": date})


# -- several days ---------------------------------------------------------------------------------


def sheets(app: App, first: int, last: int, caller: Caller = RAQQA_DESK) -> list[dict[str, Any]]:
    days = {
        name: (TOMORROW + timedelta(days=each)).isoformat()
        for name, each in (("first_day", first), ("last_day", last))
    }
    query = schemas.get_day_sheets({"centre_id": "raqqa", **days})
    return [schemas.day_sheet(each) for each in day_sheet.get_several(app, call(caller), query)]


def test_a_week_has_the_sheets_of_its_days(app: App) -> None:
    bookings.create(app, call(MEMBER), booking_command(period=period(13, 15)))
    later = a_day_later(period(9, 10))
    bookings.create(app, call(MEMBER), booking_command(period=later))
    week = sheets(app, 0, 6)
    assert len(week) == 7
    assert week[0] == sheet(app)
    assert week[1] == sheet(app, date=(TOMORROW + timedelta(days=1)).isoformat())
    assert [len(line(each)["bookings"]) for each in week] == [1, 1, 0, 0, 0, 0, 0]


def test_a_week_is_seven_days_at_most_and_does_not_end_before_it_begins(app: App) -> None:
    for first, last, code in ((0, 7, "report_too_long"), (1, 0, "report_ends_early")):
        with pytest.raises(errors.Invalid, match=code):
            sheets(app, first, last)


def test_only_staff_of_the_centre_see_a_week(app: App) -> None:
    for caller in (TABQA_DESK, MEMBER):
        with pytest.raises(errors.Forbidden):
            sheets(app, 0, 1, caller)


def test_names_of_places_are_shown_with_bookings(app: App) -> None:
    booked = bookings.create(app, call(MEMBER), booking_command())
    names = centres.read_place_names(app)
    shown = booking_schemas.booking(booked, MEMBER, names)
    assert shown["centre_name"] == {"ar": "مركز الرقة", "en": "Raqqa centre"}
    assert shown["space_name"] == dict(app.centres.space("raqqa-meeting").name)
    assert "space_name" not in booking_schemas.booking(booked, MEMBER)
