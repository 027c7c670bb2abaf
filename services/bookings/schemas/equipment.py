"""Equipment: commands in, wire form out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from services.bookings.domain.equipment import Equipment, Need
from services.bookings.schemas import Request
from services.common.contracts.bookings import equipment as contract

_list_equipment = contract.ListEquipment()


@dataclass(frozen=True, slots=True)
class ListEquipment:
    centre_id: str | None
    limit: int
    after: str | None


def list_equipment(request: Request) -> ListEquipment:
    data = _list_equipment.load(request)
    after = data.pop("after")
    return ListEquipment(**data, after=str(after[0]) if after else None)


def equipment(value: Equipment) -> dict[str, Any]:
    return {
        "id": value.id,
        "centre_id": value.centre_id,
        "name": dict(value.name),
        "quantity": value.quantity,
        "version": value.version,
    }


def equipment_page(values: list[Equipment], limit: int) -> dict[str, Any]:
    page = values[:limit]
    return {
        "items": [equipment(value) for value in page],
        "next": [page[-1].id] if len(values) > limit else None,
    }


def needs_of(wire: Iterable[Mapping[str, Any]]) -> tuple[Need, ...]:
    """What a request wants, as the contract has checked it."""
    return tuple(Need(each["equipment_id"], each["quantity"]) for each in wire)


def needs_to_wire(needs: Iterable[Need]) -> list[dict[str, Any]]:
    return [{"equipment_id": each.equipment_id, "quantity": each.quantity} for each in needs]
