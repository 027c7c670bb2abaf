"""A booking that was not there before."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from services.bookings.domain import timing
from services.bookings.domain.booking import Booking, differences
from services.bookings.domain.booking_states import Status
from services.bookings.domain.budgets import Charge
from services.bookings.domain.centre import Space
from services.bookings.domain.claims import Claim
from services.bookings.domain.equipment import Need
from services.bookings.domain.own_use import OwnUse
from services.common.history.changes import Change
from services.common.time.period import Period


def make_booking(
    *,
    id: str,
    space: Space,
    organisation_id: str | None,
    booked_by: str,
    period: Period,
    time_zone: str,
    now: datetime,
    series_id: str | None = None,
    hold_until: datetime | None = None,
    door_code: str | None = None,
    charge: Charge | None = None,
    equipment: tuple[Need, ...] = (),
    units: tuple[str, ...] = (),
    own_use: OwnUse | None = None,
    **details: Any,
) -> Booking:
    """A new booking: confirmed, or pending where the space needs the front desk's approval, or
    held until the instant given. The centre's own use needs no approval.

    Args:
        details: those of :class:`services.bookings.domain.booking_details.BookingDetails`.
    """
    if hold_until is not None:
        status, expires_at = Status.HELD, hold_until
    elif space.needs_approval and own_use is None:
        status, expires_at = Status.PENDING, timing.approval_due(now, period.starts_at)
    else:
        status, expires_at = Status.CONFIRMED, None
    booking = Booking(
        id=id,
        space_id=space.id,
        centre_id=space.centre_id,
        organisation_id=organisation_id,
        booked_by=booked_by,
        period=period,
        time_zone=time_zone,
        status=status,
        claim=Claim.on(space, period, units),
        created_at=now,
        updated_at=now,
        series_id=series_id,
        expires_at=expires_at,
        door_code=door_code,
        charge=charge,
        equipment=equipment,
        own_use=own_use,
        **details,
    )
    agreed = booking.terms if status is Status.CONFIRMED else None
    entry = Change(now, booked_by, "create", None, differences(None, booking), 1)
    return replace(booking, agreed=agreed, history=(entry,))
