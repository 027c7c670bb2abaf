"""Approval: commands in. What comes out is a booking or a space."""

from __future__ import annotations

from dataclasses import dataclass

from services.bookings.schemas import Request
from services.common.contracts.bookings import approval as contract

_approve_booking = contract.ApproveBooking()
_set_space_approval = contract.SetSpaceApproval()
_reject_booking = contract.RejectBooking()


@dataclass(frozen=True, slots=True)
class ApproveBooking:
    id: str
    expected_version: int


@dataclass(frozen=True, slots=True)
class RejectBooking:
    id: str
    expected_version: int
    reason: str


@dataclass(frozen=True, slots=True)
class SetSpaceApproval:
    id: str
    expected_version: int
    needs_approval: bool


def set_space_approval(request: Request) -> SetSpaceApproval:
    return SetSpaceApproval(**_set_space_approval.load(request))


def approve_booking(request: Request) -> ApproveBooking:
    return ApproveBooking(**_approve_booking.load(request))


def reject_booking(request: Request) -> RejectBooking:
    return RejectBooking(**_reject_booking.load(request))
