"""Consulting hours: commands in, wire form out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.common.clock import to_wire
from services.common.contracts.consultations import consulting_hours as contract
from services.common.lists import after_id, by_id, page_to_wire
from services.common.rooms.requests import RoomRequest
from services.common.time.period import Period
from services.consultations.domain.consulting_hours import ConsultingHours, hours_with_rooms
from services.consultations.schemas import Request
from services.consultations.schemas.appointments import period_to_wire, space_to_wire

_list_hours = contract.ListConsultingHours()
_set_up_hours = contract.SetUpHours()
_change_hours = contract.ChangeHours()


@dataclass(frozen=True, slots=True)
class ListConsultingHours:
    adviser_id: str | None
    centre_id: str | None
    limit: int
    after: str | None


@dataclass(frozen=True, slots=True)
class SetUpHours:
    adviser_id: str
    centre_id: str
    month: date
    hours: tuple[Period, ...]


@dataclass(frozen=True, slots=True)
class ChangeHours:
    id: str
    expected_version: int
    hours: tuple[Period, ...]


def list_consulting_hours(request: Request) -> ListConsultingHours:
    data = _list_hours.load(request)
    after = data.pop("after")
    return ListConsultingHours(**data, after=after_id(after))


def set_up_consulting_hours(request: Request) -> SetUpHours:
    data = _set_up_hours.load(request)
    month = date.fromisoformat(f"{data['month']}-01")
    return SetUpHours(data["adviser_id"], data["centre_id"], month, _periods(data["hours"]))


def change_consulting_hours(request: Request) -> ChangeHours:
    data = _change_hours.load(request)
    return ChangeHours(data["id"], data["expected_version"], _periods(data["hours"]))


def _periods(hours: Sequence[Mapping[str, Any]]) -> tuple[Period, ...]:
    return tuple(Period(each["starts_at"], each["ends_at"]) for each in hours)


def consulting_hours(value: ConsultingHours, request: RoomRequest | None) -> dict[str, Any]:
    """A month of consulting hours.

    Args:
        request: of its rooms.
    """
    rooms = hours_with_rooms(value, request)
    return {
        "id": value.id,
        "adviser_id": value.adviser_id,
        "centre_id": value.centre_id,
        "month": f"{value.month:%Y-%m}",
        "hours": [
            {
                **period_to_wire(each.period),
                "status": rooms[each.id][0].value,
                "space": space_to_wire(rooms[each.id][1]),
            }
            for each in value.hours
        ],
        "asked_at": to_wire(value.asked_at),
        "version": value.version,
    }


def consulting_hours_page(
    values: Sequence[ConsultingHours], requests: Mapping[str, RoomRequest], limit: int
) -> dict[str, Any]:
    """A page of months.

    Args:
        requests: of their rooms, by id of the month.
    """
    return page_to_wire(
        values, limit, lambda each: consulting_hours(each, requests.get(each.id)), by_id
    )
