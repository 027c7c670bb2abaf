"""Check-in: commands in. What comes out is a booking."""

from __future__ import annotations

from dataclasses import dataclass

from services.bookings.schemas import Request
from services.common.contracts.bookings import check_in as contract

_check_in = contract.CheckIn()
_end_booking = contract.EndBooking()
_undo_check_in = contract.UndoCheckIn()
_correct_no_show = contract.CorrectNoShow()


@dataclass(frozen=True, slots=True)
class CheckIn:
    id: str
    expected_version: int
    code: str | None = None


@dataclass(frozen=True, slots=True)
class EndBooking:
    id: str
    expected_version: int


@dataclass(frozen=True, slots=True)
class UndoCheckIn:
    id: str
    expected_version: int
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class CorrectNoShow:
    id: str
    expected_version: int
    reason: str


def check_in(request: Request) -> CheckIn:
    return CheckIn(**_check_in.load(request))


def end_booking(request: Request) -> EndBooking:
    return EndBooking(**_end_booking.load(request))


def undo_check_in(request: Request) -> UndoCheckIn:
    return UndoCheckIn(**_undo_check_in.load(request))


def correct_no_show(request: Request) -> CorrectNoShow:
    return CorrectNoShow(**_correct_no_show.load(request))
