"""The centres' week, from Sunday to Saturday."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.time.weeks import (
    first_day,
    first_day_of_rule,
    is_week,
    last_day,
    surrounding_period,
    week_of,
)

zones = st.sampled_from(["Asia/Damascus", "Europe/Berlin", "America/St_Johns", "UTC"])
instants = st.integers(0, 10 * 365 * 1440).map(
    lambda minute: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)
)


class TestWeeks:
    @given(instants, zones)
    def test_a_week_is_that_of_the_wall_calendar(self, instant: datetime, zone: str) -> None:
        week = week_of(instant, zone)
        day = instant.astimezone(ZoneInfo(zone)).date()
        assert is_week(week)
        assert first_day(week) <= day <= last_day(week)
        assert (first_day(week).strftime("%A"), last_day(week).strftime("%A")) == (
            "Sunday",
            "Saturday",
        )
        assert last_day(week).strftime("%G-W%V") == week
        assert surrounding_period(week).starts_at < instant < surrounding_period(week).ends_at

    def test_the_week_begins_at_midnight_in_the_centre_not_in_utc(self) -> None:
        saturday_evening = datetime(2026, 11, 21, 20, 59, tzinfo=UTC)
        assert week_of(saturday_evening, "Asia/Damascus") == "2026-W47"
        assert week_of(saturday_evening + timedelta(minutes=1), "Asia/Damascus") == "2026-W48"

    def test_a_rule_counts_weeks_as_the_centre_unless_it_says_otherwise(self) -> None:
        assert first_day_of_rule("FREQ=WEEKLY;COUNT=2") == "sunday"
        assert first_day_of_rule("FREQ=WEEKLY;wkst=mo;COUNT=2") == "monday"

    @pytest.mark.parametrize(
        ("text", "there"),
        [
            ("2026-W53", True),
            ("2027-W53", False),
            ("2026-W00", False),
            ("2026-W1", False),
            ("2026W01", False),
            ("", False),
        ],
    )
    def test_some_years_have_a_week_53(self, text: str, there: bool) -> None:
        assert is_week(text) is there

    @pytest.mark.parametrize("text", ["0001-W01", "1969-W52", "3000-W01", "9999-W52"])
    def test_a_week_around_which_nobody_could_count_is_none(self, text: str) -> None:
        assert not is_week(text)
