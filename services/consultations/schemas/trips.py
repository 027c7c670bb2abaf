"""Trips: commands in, wire form out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from services.common.clock import to_wire
from services.common.contracts.consultations import trips as contract
from services.common.lists import after_id, by_id, page_to_wire
from services.consultations.domain.trips import Trip
from services.consultations.schemas import Request

_list_trips = contract.ListTrips()
_plan_trip = contract.PlanTrip()
_change_trip = contract.ChangeTrip()
_act_on_trip = contract.ActOnTrip()


@dataclass(frozen=True, slots=True)
class ListTrips:
    adviser_id: str | None
    centre_id: str | None
    status: str | None
    limit: int
    after: str | None


@dataclass(frozen=True, slots=True)
class PlanTrip:
    visit_ids: tuple[str, ...]
    ways: tuple[timedelta, ...]


@dataclass(frozen=True, slots=True)
class ChangeTrip:
    id: str
    expected_version: int
    visit_ids: tuple[str, ...]
    ways: tuple[timedelta, ...]


@dataclass(frozen=True, slots=True)
class ActOnTrip:
    id: str
    expected_version: int


def list_trips(request: Request) -> ListTrips:
    data = _list_trips.load(request)
    after = data.pop("after")
    return ListTrips(**data, after=after_id(after))


def plan_trip(request: Request) -> PlanTrip:
    return PlanTrip(**_visits_and_ways(_plan_trip.load(request)))


def change_trip(request: Request) -> ChangeTrip:
    return ChangeTrip(**_visits_and_ways(_change_trip.load(request)))


def act_on_trip(request: Request) -> ActOnTrip:
    return ActOnTrip(**_act_on_trip.load(request))


def _visits_and_ways(data: dict[str, Any]) -> dict[str, Any]:
    ways = tuple(timedelta(minutes=each) for each in data.pop("ways_minutes"))
    return {**data, "visit_ids": tuple(data["visit_ids"]), "ways": ways}


def trip(value: Trip) -> dict[str, Any]:
    return {
        "id": value.id,
        "adviser_id": value.adviser_id,
        "centre_id": value.centre_id,
        "day": value.day.isoformat(),
        **value.facts,
        "planned_by": value.planned_by,
        "planned_at": to_wire(value.planned_at),
        "version": value.version,
    }


def trip_page(values: Sequence[Trip], limit: int) -> dict[str, Any]:
    return page_to_wire(values, limit, trip, by_id)
