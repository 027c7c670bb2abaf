"""What the RPC methods about approval accept; they return ``rpc.Booking`` or ``rpc.Space``."""

from __future__ import annotations

from services.common.contracts.bookings.limits import LONGEST_REASON
from services.common.contracts.fields import Id, StrictSchema, Truth, integer, text


class ApproveBooking(StrictSchema):
    id = Id(required=True)
    expected_version = integer(1, 2**53, required=True)


class SpaceApproval(StrictSchema):
    needs_approval = Truth(
        required=True,
        metadata={"description": "Whether the front desk decides on each booking from now on."},
    )


class SetSpaceApproval(SpaceApproval):
    id = Id(required=True)
    expected_version = integer(1, 2**53, required=True)


class Rejection(StrictSchema):
    """A rejection carries its reason."""

    reason = text(LONGEST_REASON, lines=True, required=True)


class RejectBooking(Rejection):
    id = Id(required=True)
    expected_version = integer(1, 2**53, required=True)
