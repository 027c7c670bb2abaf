"""A week of opening hours, on every kind of clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common import errors
from services.common.contracts.hours import WEEKDAYS
from services.common.time.period import Period
from services.common.time.slots import SLOT
from services.common.time.weekly_hours import WeeklyHours

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
slots = st.integers(0, 4 * 24 * 14)
minutes = st.integers(0, 95).map(lambda quarter: quarter * 15)


@st.composite
def weeks(draw: st.DrawFn) -> WeeklyHours:
    days = {}
    for day in WEEKDAYS:
        cuts = sorted(draw(st.sets(minutes, max_size=6)))
        days[day] = tuple((a, b) for a, b in pairwise(cuts))[::2]
    return WeeklyHours({day: intervals for day, intervals in days.items() if intervals})


class TestHours:
    @given(weeks())
    def test_the_wire_form_is_read_back(self, hours: WeeklyHours) -> None:
        assert WeeklyHours.parse(hours.to_wire()) == hours

    @given(weeks(), slots, st.sampled_from(["Asia/Damascus", "Europe/Berlin", "America/St_Johns"]))
    def test_an_instant_is_open_exactly_when_the_wall_clock_says_so(
        self, hours: WeeklyHours, slot: int, zone: str
    ) -> None:
        period = Period(EPOCH + SLOT * slot, EPOCH + SLOT * (slot + 1))
        wall = period.starts_at.astimezone(ZoneInfo(zone))
        minute = wall.hour * 60 + wall.minute
        said = any(a <= minute < b for a, b in hours.days.get(WEEKDAYS[wall.weekday()], ()))
        assert hours.contains(zone, period) == said

    def test_hours_follow_the_clock_when_it_changes(self) -> None:
        # Berlin goes back from 03:00 to 02:00 on 25 October 2026: that Sunday has 25 hours.
        hours = WeeklyHours.parse({"sunday": [["00:00", "24:00"]]})
        (day,) = hours.open_periods(
            "Europe/Berlin",
            datetime(2026, 10, 24, tzinfo=UTC),
            datetime(2026, 10, 27, tzinfo=UTC),
        )
        assert day.ends_at - day.starts_at == timedelta(hours=25)

    def test_damascus_kept_its_summer_time_in_2022_for_good(self) -> None:
        hours = WeeklyHours.parse({"monday": [["09:00", "17:00"]]})
        for year, utc_hour in ((2022, 7), (2023, 6)):
            # The second Monday of January: before the change of October 2022 that was UTC+2.
            monday = datetime(year, 1, 10 if year == 2022 else 9, tzinfo=UTC)
            (day,) = hours.open_periods("Asia/Damascus", monday, monday + timedelta(days=1))
            assert day.starts_at.hour == utc_hour

    @pytest.mark.parametrize(
        "day", [[["09:00", "12:00"], ["11:00", "13:00"]], [["12:00", "09:00"]], [["09:00"] * 2]]
    )
    def test_intervals_that_overlap_or_end_early_are_refused(self, day: list[list[str]]) -> None:
        with pytest.raises(errors.Invalid, match=r"hours\.overlap"):
            WeeklyHours.parse({"monday": day})
