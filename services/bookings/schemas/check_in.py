"""Check-in: the command in. What comes out is a booking."""

from __future__ import annotations

from dataclasses import dataclass

from services.bookings.schemas import Request
from services.common.contracts.bookings import check_in as contract

_check_in = contract.CheckIn()


@dataclass(frozen=True, slots=True)
class CheckIn:
    id: str
    expected_version: int
    code: str | None = None


def check_in(request: Request) -> CheckIn:
    return CheckIn(**_check_in.load(request))
