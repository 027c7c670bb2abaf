"""Hours on the real database: what a manager sets decides bookings, free times and alternatives."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from services.bookings.app import App
from services.bookings.operations import bookings
from services.bookings.operations.hours import set_hours, set_space_hours
from services.bookings.schemas.hours import SetHours, SetSpaceHours
from services.common import errors
from services.common.context import VISITOR, Caller
from services.common.time.opening_hours import ExceptionalDay, Season
from services.common.time.period import Period
from services.common.time.weekly_hours import WeeklyHours
from tests.support.bookings import (
    MANAGER,
    MEMBER,
    RAQQA_DESK,
    WORKING_WEEK,
    booking_command,
    call,
    free,
    open_centre,
    period,
    tomorrow,
)
from tests.support.stack import Server

NAME = {"ar": "رمضان", "en": "Ramadan"}
WEEK = WeeklyHours.parse(WORKING_WEEK)
SHORT_WEEK = WeeklyHours.parse({day: [["10:00", "13:00"]] for day in WORKING_WEEK})
TOMORROW = tomorrow(12).date()


@pytest.fixture
def app(database: Server) -> Iterator[App]:
    yield from open_centre(database.uri)


def ramadan_from_tomorrow() -> Season:
    return Season(NAME, TOMORROW, TOMORROW + timedelta(days=29), SHORT_WEEK)


class TestCentre:
    def test_a_season_decides_its_days(self, app: App) -> None:
        centre = set_hours(
            app, call(MANAGER), SetHours("raqqa", 1, WEEK, seasons=(ramadan_from_tomorrow(),))
        )
        assert centre.version == 2
        assert app.centres.centre("raqqa") == centre
        assert free(app) == [period(10, 13)]
        with pytest.raises(errors.Conflict, match="outside_hours") as refusal:
            bookings.create(app, call(MEMBER), booking_command(period=period(13, 14)))
        offered = refusal.value.extra["alternatives"][0]
        assert offered["starts_at"] == "2026-11-24T09:00:00Z"

    def test_an_exception_outranks_the_season(self, app: App) -> None:
        eid = ExceptionalDay(TOMORROW, {"ar": "العيد"}, ((660, 720),))
        command = SetHours("raqqa", 1, WEEK, seasons=(ramadan_from_tomorrow(),), exceptions=(eid,))
        set_hours(app, call(MANAGER), command)
        assert free(app) == [period(11, 12)]

    def test_a_closed_date_is_closed(self, app: App) -> None:
        command = SetHours("raqqa", 1, WEEK, exceptions=(ExceptionalDay(TOMORROW, NAME, ()),))
        set_hours(app, call(MANAGER), command)
        assert free(app) == []

    def test_what_is_left_out_stays_and_an_empty_list_takes_away(self, app: App) -> None:
        set_hours(
            app, call(MANAGER), SetHours("raqqa", 1, WEEK, seasons=(ramadan_from_tomorrow(),))
        )
        kept = set_hours(app, call(MANAGER), SetHours("raqqa", 2, SHORT_WEEK))
        assert kept.timetable.seasons == (ramadan_from_tomorrow(),)
        gone = set_hours(app, call(MANAGER), SetHours("raqqa", 3, SHORT_WEEK, seasons=()))
        assert gone.timetable.seasons == ()
        assert gone.version == 4

    def test_nothing_new_makes_no_version_and_no_event(self, app: App) -> None:
        assert set_hours(app, call(MANAGER), SetHours("raqqa", 1, WEEK)).version == 1
        assert app.database.collection("outbox").count_documents({}) == 0

    def test_another_zone_moves_the_hours(self, app: App) -> None:
        set_hours(app, call(MANAGER), SetHours("raqqa", 1, WEEK, time_zone="Europe/Berlin"))
        assert free(app) == [Period(tomorrow(11), tomorrow(19))]

    def test_a_centre_stored_before_there_were_seasons_is_read(self, app: App) -> None:
        centres = app.database.collection("centres")
        centres.update_one({"_id": "raqqa"}, {"$unset": {"seasons": "", "exceptions": ""}})
        app.database.collection("spaces").update_many({}, {"$unset": {"hours": ""}})
        assert free(app) == [period(9, 17)]

    def test_the_event_tells_all_hours(self, app: App) -> None:
        set_hours(
            app, call(MANAGER), SetHours("raqqa", 1, WEEK, seasons=(ramadan_from_tomorrow(),))
        )
        row = app.database.collection("outbox").find_one({}) or {}
        assert row["event"]["type"] == "bookings.centre.hours_changed"
        assert row["event"]["data"]["seasons"][0]["starts_on"] == TOMORROW.isoformat()


class TestSpace:
    def test_its_own_hours_restrict_the_centre(self, app: App) -> None:
        own = WeeklyHours.parse({"tuesday": [["08:00", "12:00"]]})
        space = set_space_hours(app, call(MANAGER), SetSpaceHours("raqqa-meeting", 1, own))
        assert app.centres.space("raqqa-meeting") == space
        assert free(app) == [period(9, 12)]
        assert free(app, "raqqa-training") == [period(9, 17)]
        with pytest.raises(errors.Conflict, match="outside_hours") as refusal:
            bookings.create(app, call(MEMBER), booking_command(period=period(13, 14)))
        kinds = [each["kind"] for each in refusal.value.extra["alternatives"]]
        assert "other_space" in kinds

    def test_without_hours_of_its_own_the_centre_decides_again(self, app: App) -> None:
        own = WeeklyHours.parse({})
        set_space_hours(app, call(MANAGER), SetSpaceHours("raqqa-meeting", 1, own))
        assert free(app) == []
        set_space_hours(app, call(MANAGER), SetSpaceHours("raqqa-meeting", 2, None))
        assert free(app) == [period(9, 17)]
        rows = app.database.collection("outbox").find().sort("_id", 1)
        assert [row["event"]["data"]["weekly_hours"] for row in rows] == [{}, None]

    def test_a_stale_version_is_refused(self, app: App) -> None:
        with pytest.raises(errors.Stale):
            set_space_hours(app, call(MANAGER), SetSpaceHours("raqqa-meeting", 7, None))

    def test_an_unknown_space_is_not_found(self, app: App) -> None:
        with pytest.raises(errors.NotFound):
            set_space_hours(app, call(MANAGER), SetSpaceHours("nowhere", 1, None))


@pytest.mark.parametrize(
    ("caller", "refusal"),
    [
        (VISITOR, errors.Unauthenticated),
        (MEMBER, errors.Forbidden),
        (RAQQA_DESK, errors.Forbidden),
    ],
)
def test_only_a_manager_sets_hours(
    app: App, caller: Caller, refusal: type[errors.MasahaError]
) -> None:
    with pytest.raises(refusal):
        set_hours(app, call(caller), SetHours("raqqa", 1, SHORT_WEEK))
    with pytest.raises(refusal):
        set_space_hours(app, call(caller), SetSpaceHours("raqqa-meeting", 1, None))
