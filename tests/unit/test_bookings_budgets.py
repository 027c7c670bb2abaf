"""Weeks, charges and limits: rules that have a space of inputs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError

from services.bookings.app import weekly_limits
from services.bookings.domain.budgets import (
    NO_LIMITS,
    UNLIMITED,
    Amount,
    Budget,
    Charge,
    Limits,
    WeekUse,
    differences,
)
from services.bookings.domain.hours import Period
from services.bookings.domain.weeks import (
    around,
    first_day,
    first_day_of_rule,
    is_week,
    last_day,
    week_of,
)
from services.common.config import WrongSetting
from services.common.contracts.bookings import budgets as contract

zones = st.sampled_from(["Asia/Damascus", "Europe/Berlin", "America/St_Johns", "UTC"])
instants = st.integers(0, 10 * 365 * 1440).map(
    lambda minute: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)
)
lengths = st.integers(1, 48).map(lambda quarters: timedelta(minutes=15 * quarters))
amounts = st.builds(Amount, st.integers(0, 10_000), st.integers(0, 200))


@st.composite
def charges(draw: st.DrawFn) -> Charge:
    start = draw(instants)
    return Charge.of(Period(start, start + draw(lengths)), draw(zones), beyond=draw(st.booleans()))


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
        assert around(week).starts_at < instant < around(week).ends_at

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


class TestCharges:
    @given(charges())
    def test_what_is_taken_is_what_is_given_back(self, charge: Charge) -> None:
        taken, given_back = differences(None, charge), differences(charge, None)
        assert taken == {charge.week: Amount(charge.minutes, 1)}
        assert {week: -amount for week, amount in given_back.items()} == taken

    @given(charges(), charges())
    def test_a_move_is_giving_back_and_taking(self, before: Charge, after: Charge) -> None:
        sums: dict[str, Amount] = {}
        for part in (differences(before, None), differences(None, after)):
            for week, amount in part.items():
                sums[week] = sums.get(week, Amount()) + amount
        expected = {week: amount for week, amount in sums.items() if amount != Amount()}
        assert differences(before, after) == expected

    @given(charges())
    def test_what_does_not_change_counts_nothing(self, charge: Charge) -> None:
        assert differences(charge, charge) == {}
        assert differences(None, None) == {}


class TestLimits:
    @given(amounts, amounts, st.integers(0, 200), st.integers(0, 200))
    def test_what_is_left_is_never_negative_and_fits(
        self, used: Amount, granted: Amount, hours: int, bookings: int
    ) -> None:
        limits = Limits(hours, bookings)
        left = WeekUse(used, granted).left(limits)
        assert left.minutes >= 0
        assert left.bookings >= 0
        if left.minutes:
            assert used.minutes + left.minutes == hours * 60 + granted.minutes
        if left.bookings:
            assert used.bookings + left.bookings == bookings + granted.bookings

    @given(amounts, amounts)
    def test_where_there_is_no_limit_nothing_is_used_up(
        self, used: Amount, granted: Amount
    ) -> None:
        left = WeekUse(used, granted).left(Limits(UNLIMITED, 0))
        assert left.minutes == UNLIMITED * 60
        assert left.bookings == max(0, granted.bookings - used.bookings)
        assert WeekUse(used, granted).left(NO_LIMITS) == NO_LIMITS.amount

    def test_an_organisations_own_limit_goes_before_the_centres(self) -> None:
        budget = Budget("amal", hours=0)
        assert budget.limits(Limits(40, 20)) == Limits(0, 20)
        assert Budget("amal").limits(Limits(40, 20)) == Limits(40, 20)

    def test_only_without_both_limits_there_is_none(self) -> None:
        assert NO_LIMITS.none
        assert not Limits(NO_LIMITS.hours, 20).none
        assert not Limits(40, NO_LIMITS.bookings).none


class TestSettings:
    def test_the_environment_says_what_a_week_is(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("BUDGET_WEEKLY_HOURS", raising=False)
        monkeypatch.delenv("BUDGET_WEEKLY_BOOKINGS", raising=False)
        assert weekly_limits() == NO_LIMITS
        monkeypatch.setenv("BUDGET_WEEKLY_HOURS", "12")
        monkeypatch.setenv("BUDGET_WEEKLY_BOOKINGS", "0")
        assert weekly_limits() == Limits(12, NO_LIMITS.bookings)

    @pytest.mark.parametrize("value", ["many", "-1"])
    def test_what_is_no_number_is_named(self, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
        monkeypatch.setenv("BUDGET_WEEKLY_HOURS", value)
        with pytest.raises(WrongSetting, match="BUDGET_WEEKLY_HOURS"):
            weekly_limits()


class TestContract:
    @pytest.mark.parametrize(
        "values",
        [
            {"hours": 0, "bookings": 0},
            {"hours": -1},
            {"hours": 501},
            {"hours": 1.5},
            {"hours": "1"},
            {"hours": 1, "reason": "  "},
            {"hours": 1, "reason": None},
            {"hours": 1, "week": "2026-48"},
            {"hours": 1, "week": "2026-W54"},
            {"hours": 1, "minutes": 5},
        ],
    )
    def test_a_grant_that_makes_no_sense_is_refused(self, values: dict[str, object]) -> None:
        request = {"organisation_id": "amal", "week": "2026-W48", "reason": "Conference"}
        contract.GrantBudget().load({**request, "hours": 1})
        with pytest.raises(ValidationError):
            contract.GrantBudget().load({**request, **values})
