"""What people say of a booking, which decides nothing about its time."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingDetails:
    """What a booking, the request for one and the command to make one have alike.

    Attributes:
        people: how many are expected, if said.
    """

    title: str
    purpose: str
    people: int | None = None


DETAILS = tuple(field.name for field in fields(BookingDetails))


def details_of(value: BookingDetails) -> dict[str, Any]:
    """The details alone, by name."""
    return {name: getattr(value, name) for name in DETAILS}
