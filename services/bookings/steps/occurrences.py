"""The occurrences of a series, booked and changed one by one in a single transaction.

What one of them may not have is found out before anything is written for it (``feasibility.py``).
Where another transaction was faster all the same, the whole work starts again and reads everything
again. An occurrence that loses a second race is known to be lost from then on: so there are twice
as many rounds as occurrences at most.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TypeVar

from services.bookings.app import App
from services.bookings.domain.booking import Booking
from services.bookings.domain.centre import Centre, Space
from services.bookings.domain.rejected import Rejected
from services.bookings.domain.series import MOST_HELPED, Move, Series
from services.bookings.steps.alternatives import (
    HelpableConflict,
    WantedBooking,
    public_refusal,
    with_alternatives,
)
from services.bookings.steps.booking_changes import change_details, join, reschedule
from services.bookings.steps.feasibility import Feasibility
from services.bookings.steps.reservation import ReservationRequest, reserve
from services.common.context import Call
from services.common.errors import Conflict, Invalid, MasahaError
from services.common.storage.mongo import Session
from services.common.time.period import Period

T = TypeVar("T")

# Booking id, or start of the occurrence → the refusal that a second race has brought it.
LostOccurrences = dict[str, MasahaError]


class LostRace(Exception):
    """Another transaction was faster with one occurrence; the transaction has to start again."""

    def __init__(self, key: str, refusal: MasahaError) -> None:
        super().__init__(key)
        self.key = key
        self.refusal = refusal


@dataclass(frozen=True, slots=True)
class Attempt:
    """Occurrences placed and moved one by one, in one transaction; what cannot be is kept apart.

    The caller locks the equipment that they need, once for all of them.

    Attributes:
        lost: what a second race has already cost.
        changed: what was placed or changed.
        rejected: what was not.
        unmet: those of them that another time or space can help.
    """

    app: App
    call: Call
    session: Session
    feasibility: Feasibility
    lost: LostOccurrences
    changed: list[Booking] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    unmet: dict[str, HelpableConflict] = field(default_factory=dict)

    def book(self, series: Series, place_: tuple[Space, Centre], period: Period, key: str) -> str:
        """Book an occurrence, if it can be had.

        Args:
            key: by which the attempt after a lost race knows it again.

        Returns:
            The id of the booking, or of what was rejected.
        """
        space, centre = place_
        try:
            self._check_not_lost(key)
            self.feasibility.check_place(
                WantedBooking(
                    space=space,
                    centre=centre,
                    period=period,
                    people=series.people,
                    caller=self.call.caller,
                    organisation_id=series.organisation_id,
                    equipment=series.equipment,
                )
            )
        except (Conflict, Invalid) as refusal:
            return self._reject(refusal, space, period)
        requested = ReservationRequest(
            space=space,
            centre=centre,
            party=self.feasibility.party,
            period=period,
            title=series.title,
            purpose=series.purpose,
            people=series.people,
            series_id=series.id,
            equipment=series.equipment,
            booked_by=series.booked_by,
            part_of=series.id,
            still=True,
        )
        with _racing(key):
            booking = reserve(self.app, self.call, self.session, requested)
        self.feasibility.note(booking)
        self.changed.append(booking)
        return booking.id

    def change(self, move: Move, series_id: str, part_of: str | None) -> None:
        """Change an occurrence, in one piece; where it cannot be it stays as it is.

        Args:
            series_id: the series that it belongs to from now on.
            part_of: see ``booking_changes.call_off``.
        """
        before, changes = move.before, move.changes
        if changes:
            try:
                self._check_not_lost(before.id)
                self.feasibility.check_move(move, self.call)
            except (Conflict, Invalid) as refusal:
                self._reject(refusal, move.place[0], move.period, move)
                changes = False
        details = {**move.details, "series_id": series_id}
        same = (self.app, self.call, self.session, before)
        with _racing(before.id):
            if changes and move.moves:
                where = (move.place[0].id, move.period)
                after = reschedule(*same, *where, details, part_of=part_of, still=True)
            elif changes:
                after = change_details(*same, details, part_of=part_of)
            elif before.series_id != series_id:
                after = join(*same, series_id, part_of)
            else:
                return
        self.feasibility.note(after)
        if changes:
            self.changed.append(after)

    def _check_not_lost(self, key: str) -> None:
        """Raises:
        errors.Conflict: the refusal that a second race has brought it.
        """
        if key in self.lost:
            raise self.lost[key]

    def _reject(
        self, refusal: MasahaError, space: Space, period: Period, move: Move | None = None
    ) -> str:
        helped = len(self.rejected) < MOST_HELPED
        unmet = refusal
        if isinstance(refusal, HelpableConflict):
            refusal = public_refusal(self.app, refusal)
        # Those that races have cost may have brought theirs.
        alternatives = refusal.extra.get("alternatives", ()) if helped else ()
        rejected = Rejected(
            id=self.app.new_id(),
            space_id=space.id,
            period=period,
            code=refusal.code,
            params=refusal.params,
            alternatives=tuple(alternatives),
            rejected_at=self.app.clock.now(),
            booking_id=move.before.id if move else None,
            booking_version=move.before.version if move else None,
            details=move.details if move else {},
        )
        self.rejected.append(rejected)
        if helped and isinstance(unmet, HelpableConflict):
            self.unmet[rejected.id] = unmet
        return rejected.id

    def find_alternatives(self) -> None:
        """Say of the first that were rejected what can be had instead. At last, since what the
        others have taken is in the way."""
        for number, each in enumerate(self.rejected):
            if each.id in self.unmet:
                helped = with_alternatives(self.app, self.unmet[each.id], self.session)
                ways = tuple(helped.extra["alternatives"])
                self.rejected[number] = replace(each, alternatives=ways)


@contextmanager
def _racing(key: str) -> Iterator[None]:
    """What is refused in here was refused by a write, so the transaction cannot go on.

    Raises:
        LostRace: instead of the refusal.
    """
    try:
        yield
    except Conflict as refusal:
        raise LostRace(key, refusal) from refusal


def until_decided(app: App, work: Callable[[LostOccurrences], T]) -> T:
    """Start again after each lost race; after the second of an occurrence knowing that it is lost,
    and with what would help.

    Raises:
        errors.Conflict: where a race is lost of what was known to be lost: that did not help.
    """
    lost: LostOccurrences = {}
    raced: set[str] = set()
    while True:
        try:
            return work(lost)
        except LostRace as race:
            if race.key not in raced:
                raced.add(race.key)
                continue
            refusal = race.refusal
            if isinstance(refusal, HelpableConflict) and len(lost) < MOST_HELPED:
                refusal = with_alternatives(app, refusal)
            if race.key in lost:
                raise refusal from race
            lost[race.key] = refusal
