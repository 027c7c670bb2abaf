"""What is noted beside a booking: closures made over it, and who was there."""

from __future__ import annotations

from dataclasses import dataclass

from services.common.time.period import Period


@dataclass(frozen=True, slots=True)
class Affected:
    """That a closure was made over a booking, and where the booking stood then."""

    closure_id: str
    space_id: str
    period: Period


@dataclass(frozen=True, slots=True)
class Headcount:
    """Who was there."""

    women: int
    men: int
