"""Charges and limits: rules that have a space of inputs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

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
from services.common.config import WrongSetting
from services.common.contracts.bookings import budgets as contract
from services.common.time.period import Period

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
