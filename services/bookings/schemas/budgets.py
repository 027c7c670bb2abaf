"""Budgets: commands in, wire form out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.bookings.domain.budgets import Grant, Standing, WeekStanding
from services.bookings.schemas import Request
from services.common import clock
from services.common.contracts.bookings import budgets as contract
from services.common.time.weeks import first_day, last_day

_budget_of_week = contract.BudgetOfWeek()
_set_budget = contract.SetBudget()
_grant_budget = contract.GrantBudget()


@dataclass(frozen=True, slots=True)
class BudgetOfWeek:
    organisation_id: str
    week: str | None


@dataclass(frozen=True, slots=True)
class SetBudget:
    """``None`` takes the operator's limit."""

    organisation_id: str
    expected_version: int
    hours: int | None
    bookings: int | None


@dataclass(frozen=True, slots=True)
class GrantBudget:
    organisation_id: str
    week: str
    hours: int
    bookings: int
    reason: str


def budget_of_week(request: Request) -> BudgetOfWeek:
    return BudgetOfWeek(**_budget_of_week.load(request))


def set_budget(request: Request) -> SetBudget:
    data = _set_budget.load(request)
    return SetBudget(organisation_id=data.pop("id"), **data)


def grant_budget(request: Request) -> GrantBudget:
    return GrantBudget(**_grant_budget.load(request))


def budget(value: Standing) -> dict[str, Any]:
    return {
        "organisation_id": value.budget.organisation_id,
        "hours": value.limits.hours,
        "bookings": value.limits.bookings,
        "own_hours": value.budget.hours,
        "own_bookings": value.budget.bookings,
        "no_shows": value.conduct.no_shows,
        "late_cancellations": value.conduct.late_cancellations,
        "version": value.budget.version,
    }


def budget_week(value: WeekStanding) -> dict[str, Any]:
    left = value.use.left(value.limits)
    return {
        "organisation_id": value.organisation_id,
        "week": value.week,
        "starts_on": first_day(value.week).isoformat(),
        "ends_on": last_day(value.week).isoformat(),
        "limit_hours": value.limits.hours,
        "limit_bookings": value.limits.bookings,
        "granted_hours": value.use.granted.minutes / 60,
        "granted_bookings": value.use.granted.bookings,
        "used_hours": value.use.used.minutes / 60,
        "used_bookings": value.use.used.bookings,
        "left_hours": left.minutes / 60,
        "left_bookings": left.bookings,
        "grants": [grant(each) for each in value.grants],
    }


def grant(value: Grant) -> dict[str, Any]:
    return {
        "id": value.id,
        "organisation_id": value.organisation_id,
        "week": value.week,
        "hours": value.hours,
        "bookings": value.bookings,
        "reason": value.reason,
        "granted_by": value.granted_by,
        "granted_at": clock.to_wire(value.granted_at),
    }
