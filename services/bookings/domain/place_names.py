"""The names of places, shown with bookings to people who do not know the ids."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from services.bookings.domain.centre import Name


@dataclass(frozen=True, slots=True)
class PlaceNames:
    """Names of spaces and centres, by id."""

    spaces: Mapping[str, Name]
    centres: Mapping[str, Name]
