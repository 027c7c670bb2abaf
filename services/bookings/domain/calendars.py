"""Calendar feeds: whose, of what, and which bookings are in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from services.bookings.domain.booking import Booking
from services.bookings.domain.booking_states import Status
from services.bookings.domain.invitations import JOINT_MEETING
from services.common import authorisation
from services.common.context import Caller

MOST_CALENDARS = 20
"""Links that one person may have at a time."""

LOOKS_BACK = timedelta(days=31)
"""What ended longer ago has left the feed; what is ahead is bounded by how far one may book."""

CANCELLED_KEPT = timedelta(days=30)
"""So long a cancelled booking stays in the feed as such: a program that gets no cancellation, but
only finds it missing, may keep showing it.
"""


class Kind(StrEnum):
    SPACE = "space"
    CENTRE = "centre"
    PERSON = "person"


# RFC 5545, 3.8.1.11
STATUS: Mapping[Status, str] = {
    Status.HELD: "TENTATIVE",
    Status.PENDING: "TENTATIVE",
    Status.CONFIRMED: "CONFIRMED",
    Status.CHECKED_IN: "CONFIRMED",
    Status.COMPLETED: "CONFIRMED",
    Status.EXPIRED: "CANCELLED",
    Status.REJECTED: "CANCELLED",
    Status.CANCELLED: "CANCELLED",
    Status.NO_SHOW: "CANCELLED",
}
OFF = frozenset(status for status, value in STATUS.items() if value == "CANCELLED")


@dataclass(frozen=True, slots=True)
class Calendar:
    """A link to a feed.

    Attributes:
        subject_id: the space, the centre, or the person.
        token_hash: of the secret in the link; the secret itself is not kept.
    """

    id: str
    owner_id: str
    kind: Kind
    subject_id: str
    token_hash: str
    created_at: datetime
    version: int = 1


def title(booking: Booking, owner: Caller, invited_to: frozenset[str]) -> str | None:
    """The booking's title, if a feed's owner may see it; ``None`` where they may know only that the
    space is taken.

    Args:
        invited_to: bookings to which the person's organisations have accepted an invitation.
    """
    shown = (
        owner.belongs_to(booking.organisation_id)
        or (booking.purpose == JOINT_MEETING and booking.id in invited_to)
        or authorisation.is_staff_of(owner, booking.centre_id)
    )
    return booking.title if shown else None
