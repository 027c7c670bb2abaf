"""Equipment: commands in, wire form out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from services.bookings.domain.booking import Booking
from services.bookings.domain.equipment import Equipment, Need
from services.bookings.schemas import Request, brief
from services.common.contracts.bookings import equipment as contract
from services.common.lists import after_id, by_id, page_to_wire

_list_equipment = contract.ListEquipment()
_add_equipment = contract.AddEquipment()
_change_equipment = contract.ChangeEquipment()


@dataclass(frozen=True, slots=True)
class ListEquipment:
    centre_id: str | None
    limit: int
    after: str | None


@dataclass(frozen=True, slots=True)
class AddEquipment:
    centre_id: str
    name: Mapping[str, str]
    quantity: int


@dataclass(frozen=True, slots=True)
class ChangeEquipment:
    """``changes`` holds what was said: name, quantity, retired."""

    id: str
    expected_version: int
    changes: Mapping[str, Any]
    reason: str | None = None


def list_equipment(request: Request) -> ListEquipment:
    data = _list_equipment.load(request)
    after = data.pop("after")
    return ListEquipment(**data, after=after_id(after))


def add_equipment(request: Request) -> AddEquipment:
    return AddEquipment(**_add_equipment.load(request))


def change_equipment(request: Request) -> ChangeEquipment:
    data = _change_equipment.load(request)
    return ChangeEquipment(
        id=data.pop("id"),
        expected_version=data.pop("expected_version"),
        reason=data.pop("reason"),
        changes=data,
    )


def equipment(value: Equipment) -> dict[str, Any]:
    return {
        "id": value.id,
        "centre_id": value.centre_id,
        "name": dict(value.name),
        "quantity": value.quantity,
        "retired": value.retired,
        "version": value.version,
    }


def equipment_page(values: list[Equipment], limit: int) -> dict[str, Any]:
    return page_to_wire(values, limit, equipment, by_id)


def lent(bookings: Iterable[tuple[Booking, int]]) -> list[dict[str, Any]]:
    """Bookings, and how many units each has."""
    return [{**brief(booking), "quantity": quantity} for booking, quantity in bookings]


def needs_of(wire: Iterable[Mapping[str, Any]]) -> tuple[Need, ...]:
    """What a request wants, as the contract has checked it."""
    return tuple(Need(each["equipment_id"], each["quantity"]) for each in wire)


def needs_to_wire(needs: Iterable[Need]) -> list[dict[str, Any]]:
    return [{"equipment_id": each.equipment_id, "quantity": each.quantity} for each in needs]
