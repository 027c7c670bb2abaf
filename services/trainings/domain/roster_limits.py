"""The limits of a roster: capacity, cap, floors, start. And what time brings by itself."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from services.common.contracts.trainings.roster_errors import FLOORS_TOO_LARGE
from services.trainings.domain.revision import Revision, find_excess
from services.trainings.domain.roster import (
    Change,
    Closed,
    Floor,
    Outcome,
    Reason,
    Roster,
)
from services.trainings.domain.seats import seats_needed


def new_roster(
    capacity: int,
    starts_at: datetime,
    offer_validity: timedelta,
    *,
    cap: int | None = None,
    floors: Iterable[Floor] = (),
) -> Roster:
    """The roster of a cohort that nobody has applied for yet.

    Raises:
        ValueError: as of :func:`change_capacity`, :func:`change_cap`, :func:`change_floors`; and
            if an offer would not be valid for any time.
        errors.Invalid: ``trainings.floors_too_large``.
    """
    if offer_validity <= timedelta(0):
        raise ValueError("an offer is valid for some time")
    floors = tuple(floors)
    _check_capacity(capacity)
    _check_cap(cap)
    _check_floors(floors, capacity)
    return Roster(capacity, starts_at, offer_validity, cap, floors)


def settle(roster: Roster, now: datetime) -> Change:
    """Decide what time has brought: offers that ended, floors that are released, the start.

    It is for the timer at :attr:`Roster.due_at`. Every other change begins with the same, so that
    a late timer alters no rule; and once it is done, doing it again decides nothing.
    """
    return Revision(roster, now).finish()


def change_capacity(roster: Roster, capacity: int, now: datetime) -> Change:
    """Set the number of seats.

    More seats are offered to the next. With fewer than are taken nobody is removed and offers can
    still be accepted; nobody is promoted until people have left and a seat is free.

    Raises:
        ValueError: if it is negative.
        errors.Conflict: ``trainings.cohort_cancelled``.
    """
    _check_capacity(capacity)
    revision = Revision(roster, now)
    revision.check_not_cancelled()
    revision.roster = replace(revision.roster, capacity=capacity)
    return revision.finish(excess=find_excess(revision.roster))


def change_cap(roster: Roster, cap: int | None, now: datetime) -> Change:
    """Set how many seats and live offers an organisation may have; ``None``: any number.

    Nobody is removed from an organisation that has more.

    Raises:
        ValueError: if it is not positive.
        errors.Conflict: ``trainings.cohort_cancelled``.
    """
    _check_cap(cap)
    revision = Revision(roster, now)
    revision.check_not_cancelled()
    revision.roster = replace(revision.roster, cap=cap)
    return revision.finish(excess=find_excess(revision.roster))


def change_floors(roster: Roster, floors: Iterable[Floor], now: datetime) -> Change:
    """Set the floors anew. One whose time of release has passed reserves nothing.

    Raises:
        ValueError: if there are two for women, or two for one centre, or a negative one.
        errors.Invalid: ``trainings.floors_too_large``: they need more seats than there are.
        errors.Conflict: ``trainings.cohort_cancelled``.
    """
    floors = tuple(floors)
    _check_floors(floors, roster.capacity)
    revision = Revision(roster, now)
    revision.check_not_cancelled()
    revision.roster = replace(revision.roster, floors=floors)
    revision.settle()
    return revision.finish(excess=find_excess(revision.roster))


def change_start(roster: Roster, starts_at: datetime, now: datetime) -> Change:
    """Move the start of the first session. Offers are shortened to it, and never lengthened.

    Raises:
        errors.Conflict: ``trainings.cohort_started``, ``trainings.cohort_cancelled``.
    """
    revision = Revision(roster, now)
    revision.check_open()
    revision.roster = replace(revision.roster, starts_at=starts_at)
    for entry in revision.roster.entries:
        if entry.offer is not None and entry.offer.expires_at > starts_at:
            shortened = replace(entry, offer=replace(entry.offer, expires_at=starts_at))
            revision.put(shortened)
            revision.record(shortened, Outcome.OFFER_SHORTENED, Reason.START_MOVED)
    revision.settle()
    return revision.finish()


def cancel_roster(roster: Roster, now: datetime) -> Change:
    """End seats, offers and queue: the cohort does not take place. Twice changes nothing more.

    Trainers and observers are taken off too, so that they are free for other cohorts.
    """
    revision = Revision(roster, now)
    for entry in revision.roster.entries:
        revision.remove(entry)
        revision.record(replace(entry, offer=None), Outcome.CANCELLED, Reason.COHORT_CANCELLED)
    revision.roster = replace(revision.roster, closed=Closed.COHORT_CANCELLED)
    return revision.finish()


def _check_capacity(capacity: int) -> None:
    if capacity < 0:
        raise ValueError("a capacity is 0 or more")


def _check_cap(cap: int | None) -> None:
    if cap is not None and cap < 1:
        raise ValueError("a cap is 1 or more")


def _check_floors(floors: Collection[Floor], capacity: int) -> None:
    if len({floor.centre_id for floor in floors}) < len(floors):
        raise ValueError("there is one floor for women, and one for each centre")
    if any(floor.seats < 0 for floor in floors):
        raise ValueError("a floor is 0 or more")
    needed = seats_needed(floors, 0, {})
    if needed > capacity:
        raise FLOORS_TOO_LARGE(seats=needed, capacity=capacity)
