"""The centre's own use of a space: no organisation has booked it, a branch has requested it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from services.bookings.domain.booking_states import OF_OWN_USE, Action
from services.common.contracts.bookings.errors import OF_REQUEST
from services.common.rooms.requests import Item

#: Of the purposes that people choose from; the label says what it is for.
PURPOSE = "other"
# Details of a booking that its request alone says.
_ASKED_FOR = frozenset({"title", "purpose", "people", "equipment", "series_id"})


@dataclass(frozen=True, slots=True)
class OwnUse:
    """Which request a booking is for, and what it asked.

    Attributes:
        request: id of the request's row (``RoomRow.id``).
        item: as it was asked; the booking itself may be in another room since.
        label: what staff of the centre are shown, by language.
    """

    request: str
    item: Item
    label: Mapping[str, str]

    def check_may(self, action: Action) -> None:
        """Whether this can happen to it.

        Raises:
            errors.Conflict: ``bookings.of_request``.
        """
        if action not in OF_OWN_USE:
            raise OF_REQUEST()

    def check_may_become(self, same_time: bool, details: Iterable[str]) -> None:
        """Whether staff may change the booking so: its room, and nothing else.

        Args:
            same_time: whether it stays at its centre and its time.
            details: the fields that change beside.

        Raises:
            errors.Conflict: ``bookings.of_request``.
        """
        if not same_time or not _ASKED_FOR.isdisjoint(details):
            raise OF_REQUEST()
