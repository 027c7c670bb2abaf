"""Opening hours: which rule decides a date, and what the wall clock makes of it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError

from services.bookings.schemas import hours as schemas
from services.common import errors
from services.common.contracts.bookings.hours import SetHours, SetSpaceHours
from services.common.contracts.hours import WEEKDAYS
from services.common.time.opening_hours import (
    ExceptionalDay,
    OpeningHours,
    Season,
    Timetable,
    shared_intervals,
)
from services.common.time.period import Period
from services.common.time.slots import SLOT
from services.common.time.weekly_hours import Intervals, WeeklyHours

NAME = {"ar": "اسم", "en": "Name"}
YEAR = date(2026, 1, 1)
# With clocks that change, once by half an hour, once at midnight, and one that stopped changing.
ZONES = (
    "Asia/Damascus",
    "Europe/Berlin",
    "America/St_Johns",
    "America/Havana",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
)

quarters = st.integers(0, 96).map(lambda quarter: quarter * 15)
days = st.integers(0, 364).map(lambda number: YEAR + timedelta(days=number))


@st.composite
def intervals(draw: st.DrawFn) -> Intervals:
    cuts = sorted(draw(st.sets(quarters, max_size=6)))
    return tuple(pairwise(cuts))[::2]


@st.composite
def weeks(draw: st.DrawFn) -> WeeklyHours:
    made = {day: draw(intervals()) for day in WEEKDAYS}
    return WeeklyHours({day: each for day, each in made.items() if each})


@st.composite
def timetables(draw: st.DrawFn) -> Timetable:
    cuts = sorted(draw(st.sets(days, max_size=6)))
    seasons = [
        Season(NAME, first, after - timedelta(days=1), draw(weeks()))
        for first, after in list(pairwise(cuts))[::2]
    ]
    exceptions = [
        ExceptionalDay(day, NAME, draw(intervals())) for day in draw(st.sets(days, max_size=4))
    ]
    return Timetable.of(draw(weeks()), seasons, exceptions)


def said_by_hand(timetable: Timetable, wall: datetime) -> bool:
    """The rule, written down once more in its plainest words."""
    day, minute = wall.date(), wall.hour * 60 + wall.minute
    if day in timetable.exceptions:
        today = timetable.exceptions[day].intervals
    else:
        season = [s for s in timetable.seasons if s.starts_on <= day <= s.ends_on]
        week = season[0].weekly_hours if season else timetable.weekly_hours
        today = week.days.get(WEEKDAYS[day.weekday()], ())
    return any(opens <= minute < closes for opens, closes in today)


class TestOpeningHours:
    @given(timetables(), st.none() | timetables(), days, st.sampled_from(ZONES))
    def test_an_instant_is_open_exactly_when_the_wall_clock_says_so(
        self, centre: Timetable, own: Timetable | None, day: date, zone: str
    ) -> None:
        every = (centre,) if own is None else (centre, own)
        hours = OpeningHours(zone, every)
        begin = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=14)
        end = begin + timedelta(days=3)
        found = hours.open_periods(begin, end)
        assert all(a.ends_at < b.starts_at for a, b in pairwise(found))
        instant = begin
        while instant < end:
            wall = instant.astimezone(ZoneInfo(zone))
            slot = Period(instant, instant + SLOT)
            said = all(said_by_hand(each, wall) for each in every)
            assert any(each.contains(slot) for each in found) == said
            assert hours.contains(slot) == said
            instant += SLOT

    @pytest.mark.parametrize(
        ("zone", "change"),
        [
            ("Europe/Berlin", datetime(2026, 3, 29, 1, tzinfo=UTC)),
            ("Europe/Berlin", datetime(2026, 10, 25, 1, tzinfo=UTC)),
            ("America/Havana", datetime(2026, 11, 1, 5, tzinfo=UTC)),
            ("Australia/Lord_Howe", datetime(2026, 4, 4, 15, tzinfo=UTC)),
            ("Asia/Damascus", datetime(2022, 3, 24, 22, tzinfo=UTC)),
        ],
    )
    @given(week=weeks())
    def test_so_it_is_around_a_change_of_the_clock(
        self, zone: str, change: datetime, week: WeeklyHours
    ) -> None:
        tz = ZoneInfo(zone)
        assert (change - SLOT).astimezone(tz).utcoffset() != change.astimezone(tz).utcoffset()
        hours = OpeningHours(zone, (Timetable(week),))
        instant = change - timedelta(hours=6)
        while instant < change + timedelta(hours=6):
            wall = instant.astimezone(tz)
            assert hours.contains(Period(instant, instant + SLOT)) == said_by_hand(
                Timetable(week), wall
            )
            instant += SLOT

    @given(timetables(), days, st.integers(0, 200), st.integers(0, 200), st.sampled_from(ZONES))
    def test_what_is_asked_in_two_parts_is_the_same(
        self, timetable: Timetable, day: date, first: int, second: int, zone: str
    ) -> None:
        hours = OpeningHours(zone, (timetable,))
        begin = datetime(day.year, day.month, day.day, tzinfo=UTC)
        middle, end = begin + SLOT * first, begin + SLOT * (first + second)
        parts = [*hours.open_periods(begin, middle), *hours.open_periods(middle, end)]
        for at in range(len(parts) - 1, 0, -1):
            if parts[at - 1].ends_at == parts[at].starts_at:
                parts[at - 1 : at + 1] = [Period(parts[at - 1].starts_at, parts[at].ends_at)]
        assert parts == hours.open_periods(begin, end)

    @given(timetables(), timetables(), days)
    def test_a_space_is_never_open_when_its_centre_is_closed(
        self, centre: Timetable, own: Timetable, day: date
    ) -> None:
        begin = datetime(day.year, day.month, day.day, tzinfo=UTC)
        alone = OpeningHours("Asia/Damascus", (centre,))
        for period in OpeningHours("Asia/Damascus", (centre, own)).open_periods(
            begin, begin + timedelta(days=2)
        ):
            assert alone.contains(period)

    def test_a_season_begins_in_the_middle_of_a_week(self) -> None:
        week = WeeklyHours(dict.fromkeys(WEEKDAYS, ((540, 1020),)))
        ramadan = WeeklyHours(dict.fromkeys(WEEKDAYS, ((600, 900),)))
        # 2027-02-10 is a Wednesday.
        table = Timetable.of(week, [Season(NAME, date(2027, 2, 10), date(2027, 3, 9), ramadan)])
        hours = OpeningHours("Asia/Damascus", (table,))
        found = hours.open_periods(
            datetime(2027, 2, 8, 21, tzinfo=UTC), datetime(2027, 2, 10, 21, tzinfo=UTC)
        )
        assert [(p.starts_at.day, p.starts_at.hour, p.ends_at.hour) for p in found] == [
            (9, 6, 14),
            (10, 7, 12),
        ]

    def test_an_hour_that_is_skipped_is_not_open_and_one_that_comes_twice_is_open_twice(
        self,
    ) -> None:
        week = WeeklyHours({"sunday": ((120, 180),)})
        hours = OpeningHours("Europe/Berlin", (Timetable(week),))
        spring = datetime(2026, 3, 29, tzinfo=UTC)
        assert hours.open_periods(spring, spring + timedelta(days=1)) == []
        autumn = datetime(2026, 10, 25, tzinfo=UTC)
        (twice,) = hours.open_periods(autumn, autumn + timedelta(days=1))
        assert twice.ends_at - twice.starts_at == timedelta(hours=2)

    @pytest.mark.parametrize("zone", ["Asia/Damascus", "America/Havana"])
    def test_the_ends_of_the_calendar_are_no_defect(self, zone: str) -> None:
        hours = OpeningHours(zone, (Timetable(WeeklyHours({"monday": ((0, 1440),)})),))
        first, last = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
        assert hours.open_periods(first, first + timedelta(days=1)) == []
        assert hours.open_periods(last - timedelta(days=1), last) == []
        assert len(hours.open_periods(last - timedelta(days=31), last)) == 4

    @given(intervals(), intervals())
    def test_common_minutes_are_in_both(self, ones: Intervals, others: Intervals) -> None:
        def minutes(each: Intervals) -> set[int]:
            return {minute for opens, closes in each for minute in range(opens, closes)}

        assert minutes(shared_intervals(ones, others)) == minutes(ones) & minutes(others)


class TestTimetable:
    week = WeeklyHours({"monday": ((540, 1020),)})

    def season(self, first: date, last: date) -> Season:
        return Season(NAME, first, last, self.week)

    def test_seasons_may_touch_but_not_share_a_day(self) -> None:
        one = self.season(date(2026, 2, 1), date(2026, 2, 28))
        next_to_it = self.season(date(2026, 3, 1), date(2026, 3, 1))
        assert Timetable.of(self.week, [next_to_it, one]).seasons == (one, next_to_it)
        shares = self.season(date(2026, 2, 28), date(2026, 4, 1))
        with pytest.raises(errors.Invalid, match="seasons_overlap") as refusal:
            Timetable.of(self.week, [shares, one])
        assert refusal.value.errors[0].pointer == "/seasons/0/starts_on"

    def test_a_season_that_ends_before_it_begins_is_refused(self) -> None:
        with pytest.raises(errors.Invalid, match="season_ends_early") as refusal:
            Timetable.of(self.week, [self.season(date(2026, 3, 2), date(2026, 3, 1))])
        assert refusal.value.errors[0].pointer == "/seasons/0/ends_on"

    def test_two_exceptions_for_a_date_are_refused(self) -> None:
        eid = ExceptionalDay(date(2026, 3, 20), NAME, ())
        with pytest.raises(errors.Invalid, match="exception_repeated") as refusal:
            Timetable.of(self.week, (), [eid, eid])
        assert refusal.value.errors[0].pointer == "/exceptions/1/date"

    def test_what_is_not_said_of_its_dates_stays(self) -> None:
        season, holiday = self.season(YEAR, YEAR), ExceptionalDay(YEAR, NAME, ())
        before = Timetable.of(WeeklyHours({}), (season,), (holiday,))
        week = WeeklyHours.parse({"sunday": [["09:00", "12:00"]]})
        assert before.changed(week) == Timetable.of(week, (season,), (holiday,))
        assert before.changed(week, seasons=()) == Timetable.of(week, (), (holiday,))
        assert before.changed(week, exceptions=()) == Timetable.of(week, (season,))


class TestWire:
    @given(timetables())
    def test_what_goes_out_is_read_back(self, timetable: Timetable) -> None:
        wire = timetable.to_wire()
        command = schemas.set_hours({"id": "raqqa", "expected_version": 1, **wire})
        assert command.seasons is not None
        assert command.exceptions is not None
        read = Timetable.of(command.weekly_hours, command.seasons, command.exceptions)
        assert read == timetable

    def test_the_old_body_still_says_enough(self) -> None:
        command = schemas.set_hours({"id": "raqqa", "expected_version": 1, "weekly_hours": {}})
        assert (command.seasons, command.exceptions, command.time_zone) == (None, None, None)

    def test_overlapping_intervals_are_named_where_they_stand(self) -> None:
        bad = {"name": NAME, "date": "2026-11-24", "hours": [["09:00", "12:00"]] * 2}
        request = {"id": "r", "expected_version": 1, "weekly_hours": {}, "exceptions": [bad]}
        with pytest.raises(errors.Invalid, match=r"hours\.overlap") as refusal:
            schemas.set_hours(request)
        assert refusal.value.errors[0].pointer == "/exceptions/0/hours"

    @pytest.mark.parametrize(
        ("member", "value"),
        [
            ("time_zone", "Asia/Raqqa"),
            ("time_zone", "../../etc/passwd"),
            ("time_zone", ""),
            ("exceptions", [{"date": "2026-02-30", "name": NAME, "hours": []}]),
            ("exceptions", [{"date": "2026-W10-1", "name": NAME, "hours": []}]),
            ("exceptions", [{"date": "0001-01-01", "name": NAME, "hours": []}]),
            ("exceptions", [{"date": 20261124, "name": NAME, "hours": []}]),
            ("exceptions", [{"date": "2026-11-24", "name": {"en": "Only"}, "hours": []}]),
            ("exceptions", [{"date": "2026-11-24", "name": NAME, "hours": [["09:10", "12:00"]]}]),
            ("exceptions", [{"date": "2026-11-24", "name": NAME, "hours": []}] * 201),
            ("seasons", [{"name": NAME, "starts_on": "2026-01-01", "ends_on": "2026-01-02"}]),
            ("seasons", {"ramadan": {}}),
        ],
    )
    def test_bad_input_is_refused(self, member: str, value: object) -> None:
        request = {"id": "raqqa", "expected_version": 1, "weekly_hours": {}, member: value}
        assert member in SetHours().validate(request)

    def test_a_space_has_no_zone_of_its_own(self) -> None:
        with pytest.raises(ValidationError, match="Unknown field"):
            SetSpaceHours().load(
                {
                    "id": "hall",
                    "expected_version": 1,
                    "weekly_hours": None,
                    "time_zone": "Europe/Berlin",
                }
            )
