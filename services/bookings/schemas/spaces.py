"""Adding and changing spaces: commands in, wire form out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from services.bookings.domain.booking import Booking
from services.bookings.domain.centre import Space
from services.bookings.schemas import Request, brief
from services.bookings.schemas.centres import space
from services.common.contracts.bookings import spaces as contract

_add_space = contract.AddSpace()
_change_space = contract.ChangeSpace()


@dataclass(frozen=True, slots=True)
class AddSpace:
    centre_id: str
    name: Mapping[str, str]
    capacity: int
    features: tuple[str, ...] = ()
    buffer_before: timedelta = timedelta(0)
    buffer_after: timedelta = timedelta(0)
    needs_approval: bool = False
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ChangeSpace:
    """``changes`` holds what was said: name, capacity, features, buffers, retired."""

    id: str
    expected_version: int
    changes: Mapping[str, Any]
    reason: str | None = None


def add_space(request: Request) -> AddSpace:
    data = _add_space.load(request)
    return AddSpace(**_domain(data) | {"parts": tuple(data["parts"])})


def change_space(request: Request) -> ChangeSpace:
    data = _change_space.load(request)
    return ChangeSpace(
        id=data.pop("id"),
        expected_version=data.pop("expected_version"),
        reason=data.pop("reason"),
        changes=_domain(data),
    )


def _domain(data: Mapping[str, Any]) -> dict[str, Any]:
    """What was said, as a space has it."""
    said = dict(data)
    if "features" in said:
        said["features"] = tuple(sorted(set(said["features"])))
    for side in ("before", "after"):
        minutes = said.pop(f"buffer_{side}_minutes", None)
        if minutes is not None:
            said[f"buffer_{side}"] = timedelta(minutes=minutes)
    return said


def changed_space(value: Space, too_large: Iterable[Booking]) -> dict[str, Any]:
    return {**space(value), "too_large": booked(too_large)}


def named(spaces: Iterable[Space]) -> list[dict[str, Any]]:
    """Spaces that prevent a change."""
    return [{"space_id": each.id, "name": dict(each.name)} for each in spaces]


def booked(bookings: Iterable[Booking]) -> list[dict[str, Any]]:
    """Bookings of a space, as a manager sees them."""
    return [brief(booking) for booking in bookings]
