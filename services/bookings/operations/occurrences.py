"""The occurrences of a series, booked and changed one by one in a single transaction.

What one of them may not have is found out before anything is written for it, because in a
transaction a refused write ends everything. Where somebody else was faster all the same, the whole
work starts again knowing that this occurrence is lost: so each round of a race has a winner, and
there are as many rounds as occurrences at most.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from services.bookings.app import App
from services.bookings.domain import rules
from services.bookings.domain.booking import Booking
from services.bookings.domain.budgets import Charge
from services.bookings.domain.centre import Centre, Space
from services.bookings.domain.claims import Claim
from services.bookings.domain.hours import Period
from services.bookings.domain.rejected import Rejected
from services.bookings.domain.series import MOST_HELPED, Series
from services.bookings.domain.wall_clock import shifted
from services.bookings.operations import budgets, following
from services.bookings.operations.alternatives import (
    Unmet,
    Wanted,
    noting,
    offering_alternatives,
    with_alternatives,
)
from services.bookings.operations.bookings import change_details, reschedule
from services.bookings.operations.equipment import units_for
from services.bookings.operations.placing import Party, Wish, place
from services.bookings.schemas.series import (
    ChangeSeries,
)
from services.bookings.store.bookings import SpaceTaken
from services.common.context import Call
from services.common.contracts.bookings.errors import SPACE_TAKEN
from services.common.errors import Conflict, Invalid, MasahaError
from services.common.storage.mongo import Session

T = TypeVar("T")

# Booking id, or start of the occurrence → the refusal that a race has brought it.
Lost = dict[str, MasahaError]


class LostRace(Exception):
    """Somebody else was faster with one occurrence; the transaction has to start again."""

    def __init__(self, key: str, refusal: MasahaError) -> None:
        super().__init__(key)
        self.key = key
        self.refusal = refusal


@dataclass(frozen=True, slots=True)
class Move:
    """What an occurrence is to become."""

    before: Booking
    place: tuple[Space, Centre]
    period: Period
    details: Mapping[str, Any]

    @classmethod
    def of(cls, booking: Booking, command: ChangeSeries, place: tuple[Space, Centre]) -> Move:
        """Args:
        place: where it is to be.
        """
        return cls(
            booking,
            place,
            shifted(booking.period, booking.time_zone, command.shift, command.length),
            {k: v for k, v in command.details.items() if getattr(booking, k) != v},
        )

    @classmethod
    def again(cls, booking: Booking, rejected: Rejected, place: tuple[Space, Centre]) -> Move:
        """What was wanted of it before."""
        return cls(booking, place, rejected.period, rejected.details)

    @property
    def moves(self) -> bool:
        before = self.before
        return self.place[0].id != before.space_id or self.period != before.period

    @property
    def changes(self) -> bool:
        return self.moves or bool(self.details)


@dataclass(slots=True)
class Attempt:
    """Occurrences placed and moved one by one, in one transaction; what cannot be is kept apart.

    Attributes:
        party: the organisation of the series.
        lost: what a race has already cost.
        taken: slots that somebody else has, as the transaction sees them.
        own: slots of the occurrences that are to move, where they now are.
        changed: what was placed or changed.
        rejected: what was not.
    """

    app: App
    call: Call
    session: Session
    party: Party
    lost: Lost
    taken: set[str] = field(default_factory=set)
    own: dict[str, set[str]] = field(default_factory=dict)
    changed: list[Booking] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)

    def look_at(
        self,
        wanted: Sequence[tuple[tuple[Space, Centre], Period]],
        besides: Sequence[Booking] = (),
    ) -> None:
        """Find out what is taken of all that is wanted: one query for each centre."""
        slots: dict[str, set[str]] = {}
        for (space, centre), period in wanted:
            slots.setdefault(centre.id, set()).update(Claim.on(space, period).slots)
        ids = [each.id for each in besides]
        for centre_id, these in slots.items():
            self.taken |= self.app.series.claimed(self.session, centre_id, these, ids)
        self.own = {each.id: set(each.claim.slots) for each in besides if each.claim is not None}

    def place(self, series: Series, place_: tuple[Space, Centre], period: Period, key: str) -> None:
        """Book an occurrence, if it can be had.

        Args:
            key: by which the attempt after a lost race knows it again.
        """
        space, centre = place_
        try:
            if key in self.lost:
                raise self.lost[key]
            wanted = Wanted(space, centre, period, series.people, series.equipment)
            self._check(wanted, None)
        except (Conflict, Invalid) as refusal:
            self._reject(refusal, space, period)
            return
        wish = Wish(
            space=space,
            centre=centre,
            party=self.party,
            period=period,
            title=series.title,
            purpose=series.purpose,
            people=series.people,
            series_id=series.id,
            equipment=series.equipment,
            booked_by=series.booked_by,
            part_of=series.id,
        )
        with _racing(key):
            booking = place(self.app, self.call, self.session, wish)
        self.taken.update(booking.claim.slots if booking.claim else ())
        self.changed.append(booking)

    def move(self, move: Move, series_id: str, bulk: str | None) -> None:
        """Change an occurrence, in one piece; where it cannot be it stays as it is."""
        before, (space, _) = move.before, move.place
        joins = {} if before.series_id == series_id else {"series_id": series_id}
        details, moves = {**move.details, **joins}, move.moves
        try:
            self._check_move(move)
        except (Conflict, Invalid) as refusal:
            self._reject(refusal, space, move.period, move)
            # It stays as it was, but as an occurrence of the series that it now belongs to.
            details, moves = joins, False
        same = (self.app, self.call, self.session, before)
        with _racing(before.id):
            if moves:
                after = reschedule(*same, space.id, move.period, details, bulk=bulk)
            elif details:
                after = change_details(*same, details, bulk=bulk)
            else:
                return
        self.own[before.id] = set(after.claim.slots if after.claim else ())
        if moves or details.keys() != joins.keys():
            self.changed.append(after)

    def _check_move(self, move: Move) -> None:
        """Raises:
        errors.Invalid, errors.Conflict: as ``bookings.reschedule``, ``bookings.change_details``.
        """
        before, (space, centre) = move.before, move.place
        if not move.changes:
            return
        if before.id in self.lost:
            raise self.lost[before.id]
        people = move.details.get("people", before.people)
        wanted = Wanted(space, centre, move.period, people, before.equipment)
        if move.moves:
            self._check(wanted, before)
        elif people != before.people:
            with self._helping(wanted):
                rules.check_people(space, people)
        after = replace(before, space_id=space.id, **move.details)
        following.check_guests_fit(self.app, self.session, before, after)

    def _check(self, wanted: Wanted, before: Booking | None) -> None:
        """All that could refuse to take the time, before anything is written for it.

        Raises:
            errors.Invalid, errors.Conflict: as ``placing.place``.
        """
        app, space, centre, period = self.app, wanted.space, wanted.centre, wanted.period
        rules.check_shape(period)
        with self._helping(wanted):
            rules.check_time(space, centre, period, app.clock.now())
            rules.check_people(space, wanted.people)
            slots = set(Claim.on(space, period).slots)
            others = (own for id, own in self.own.items() if before is None or id != before.id)
            if slots & self.taken or any(slots & own for own in others):
                raise SpaceTaken
            units_for(app, self.session, space, period, wanted.equipment, before)
        limits = self.party.limits
        if not limits.none:
            old = before.counts if before else None
            new = Charge.of(period, centre.time_zone)
            budgets.check_left(app, self.session, self.party.organisation_id, old, new, limits)

    @contextmanager
    def _helping(self, wanted: Wanted) -> Iterator[None]:
        if len(self.rejected) < MOST_HELPED:
            with offering_alternatives(self.app), noting(wanted):
                yield
            return
        try:
            yield
        except SpaceTaken as taken:
            raise SPACE_TAKEN() from taken

    def _reject(
        self, refusal: MasahaError, space: Space, period: Period, move: Move | None = None
    ) -> None:
        # Those that races have cost were found with their alternatives before.
        helped = len(self.rejected) < MOST_HELPED
        self.rejected.append(
            Rejected(
                id=self.app.new_id(),
                space_id=space.id,
                period=period,
                code=refusal.code,
                params=refusal.params,
                alternatives=tuple(refusal.extra.get("alternatives", ())) if helped else (),
                rejected_at=self.app.clock.now(),
                booking_id=move.before.id if move else None,
                booking_version=move.before.version if move else 1,
                details=move.details if move else {},
            )
        )


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


def until_decided(app: App, work: Callable[[Lost], T]) -> T:
    """Start again after each lost race, knowing what it has cost, and with what would help.

    Raises:
        errors.Conflict: where a race is lost that was lost before: to know it did not help.
    """
    lost: Lost = {}
    while True:
        try:
            return work(lost)
        except LostRace as race:
            refusal = race.refusal
            if isinstance(refusal, Unmet) and len(lost) < MOST_HELPED:
                refusal = with_alternatives(app, refusal)
            if race.key in lost:
                raise refusal from race
            lost[race.key] = refusal
