"""The centres, as far as consultations needs to know them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Centre:
    """A place that supports organisations.

    Attributes:
        time_zone: IANA zone; people read and write its wall-clock time.
    """

    id: str
    name: Mapping[str, str]
    time_zone: str
