"""Series: commands in, wire form out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from services.bookings.domain.equipment import Need
from services.bookings.domain.rejected import Rejected
from services.bookings.domain.series import OnConflict, Schedule, Scope, Series
from services.bookings.schemas import Request, period
from services.bookings.schemas.equipment import needs_of, needs_to_wire
from services.common import clock
from services.common.contracts.bookings import series as contract
from services.common.lists import after_id, by_id, page_to_wire
from services.common.time.period import Period
from services.common.time.weeks import first_day_of_rule

_create_series = contract.CreateSeries()
_change_series = contract.ChangeSeries()
_cancel_series = contract.CancelSeries()
_retry_series = contract.RetrySeries()
_list_series = contract.ListSeries()


@dataclass(frozen=True, slots=True)
class CreateSeries:
    """``period`` is that of the first occurrence."""

    space_id: str
    organisation_id: str
    period: Period
    rule: str
    title: str
    purpose: str
    people: int | None
    on_conflict: OnConflict
    equipment: tuple[Need, ...] = ()


@dataclass(frozen=True, slots=True)
class ChangeSeries:
    """``details`` has only what is to change; ``length`` and ``space_id`` are ``None`` where they
    stay."""

    id: str
    expected_version: int
    scope: Scope
    booking_id: str | None
    shift: timedelta
    length: timedelta | None
    space_id: str | None
    details: Mapping[str, Any]
    on_conflict: OnConflict
    include_changed: bool = False


@dataclass(frozen=True, slots=True)
class CancelSeries:
    id: str
    expected_version: int
    scope: Scope
    booking_id: str | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class RetrySeries:
    id: str
    expected_version: int


@dataclass(frozen=True, slots=True)
class ListSeries:
    filters: Mapping[str, Any]
    limit: int
    after: str | None


def create_series(request: Request) -> CreateSeries:
    data = _create_series.load(request)
    return CreateSeries(
        space_id=data["space_id"],
        organisation_id=data["organisation_id"],
        period=Period(data["starts_at"], data["ends_at"]),
        rule=data["rrule"],
        title=data["title"],
        purpose=data["purpose"],
        people=data["people"],
        on_conflict=OnConflict(data["on_conflict"]),
        equipment=needs_of(data["equipment"]),
    )


def change_series(request: Request) -> ChangeSeries:
    data = _change_series.load(request)
    length = data["duration_minutes"]
    return ChangeSeries(
        id=data["id"],
        expected_version=data["expected_version"],
        scope=Scope(data["scope"]),
        booking_id=data["booking_id"],
        shift=timedelta(minutes=data["shift_minutes"]),
        length=None if length is None else timedelta(minutes=length),
        space_id=data.get("space_id"),
        details={key: data[key] for key in ("title", "purpose", "people") if key in data},
        on_conflict=OnConflict(data["on_conflict"]),
        include_changed=data["include_changed"],
    )


def cancel_series(request: Request) -> CancelSeries:
    data = _cancel_series.load(request)
    del data["dry_run"]
    return CancelSeries(**{**data, "scope": Scope(data["scope"])})


def retry_series(request: Request) -> RetrySeries:
    return RetrySeries(**_retry_series.load(request))


def list_series(request: Request) -> ListSeries:
    data = _list_series.load(request)
    limit, after = data.pop("limit"), data.pop("after")
    return ListSeries(data, limit, after_id(after))


def summary(value: Series) -> dict[str, Any]:
    return {
        "id": value.id,
        "space_id": value.space_id,
        "centre_id": value.centre_id,
        "organisation_id": value.organisation_id,
        "booked_by": value.booked_by,
        **period(value.period),
        "time_zone": value.time_zone,
        "rrule": value.rule,
        "week_starts_on": first_day_of_rule(value.rule),
        "title": value.title,
        "purpose": value.purpose,
        "people": value.people,
        "equipment": needs_to_wire(value.equipment),
        "status": value.status.value,
        "follows": value.follows,
        "rejected": [rejected(each) for each in value.rejected],
        "version": value.version,
        "created_at": clock.to_wire(value.created_at),
        "updated_at": clock.to_wire(value.updated_at),
    }


def preview_to_wire(value: Schedule, series_id: str) -> dict[str, Any]:
    """What a series would become; one that it would be split into has no id yet."""
    same = value.series.id == series_id
    return schedule(value) | {"id": series_id if same else None, "dry_run": True}


def schedule(value: Schedule, *, dry_run: bool = False) -> dict[str, Any]:
    """Args:
    dry_run: nothing was written, so neither the series nor its bookings have an id.
    """
    answer = summary(value.series) | {
        "occurrences": [
            {
                "booking_id": None if dry_run else each.booking_id,
                "space_id": each.space_id,
                **period(each.period),
                "status": each.status.value,
                "differs": list(each.differs),
            }
            for each in value.occurrences
        ],
        "dry_run": dry_run,
    }
    return answer | {"id": None} if dry_run else answer


def series_page(values: list[Series], limit: int) -> dict[str, Any]:
    return page_to_wire(values, limit, summary, by_id)


def rejected(value: Rejected) -> dict[str, Any]:
    return {
        "space_id": value.space_id,
        **period(value.period),
        "code": value.code,
        "params": dict(value.params),
        "booking_id": value.booking_id,
        "alternatives": [dict(each) for each in value.alternatives],
    }
