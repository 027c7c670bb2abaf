"""A refusal that offers alternatives: other times, other spaces that fit, the other centre.

The caller can book each of them: every rule of booking is checked before it is offered.

In two steps, because a search for alternatives takes longer than a refusal. Inside the transaction
:func:`helpable_refusal` notes what was wanted; outside, when no lock is held any more,
:func:`offering_alternatives` searches.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import islice
from typing import Any

from services.bookings.app import App
from services.bookings.domain import permissions, rules
from services.bookings.domain.availability import Alternative, nearest, without
from services.bookings.domain.booking import Booking
from services.bookings.domain.booking_states import MAY_MOVE
from services.bookings.domain.budgets import NO_LIMITS, Charge, Limits
from services.bookings.domain.centre import Centre, Space
from services.bookings.domain.equipment import Need
from services.bookings.domain.rules import DAYS_AHEAD
from services.bookings.schemas.bookings import alternative
from services.bookings.steps import budget_use, guest_updates
from services.bookings.steps.availability_snapshot import AvailabilitySnapshot
from services.bookings.store.bookings import SpaceTaken
from services.common import authorisation
from services.common.context import Caller
from services.common.contracts.bookings.errors import (
    EQUIPMENT_TAKEN,
    OUTSIDE_HOURS,
    SPACE_CLOSED,
    SPACE_RETIRED,
    SPACE_TAKEN,
    TOO_MANY_PEOPLE,
)
from services.common.errors import Conflict, Forbidden, MasahaError
from services.common.storage.mongo import Session
from services.common.time.period import Period
from services.common.time.slots import next_slot

# How far from the wanted time alternatives are looked for, and how many of each kind are named: an
# answer must be small enough for a phone.
REACH = timedelta(days=3)
MOST_TIMES = 3
MOST_SPACES = 3

_HELPED = frozenset(
    each.code
    for each in (
        SPACE_TAKEN,
        SPACE_CLOSED,
        SPACE_RETIRED,
        OUTSIDE_HOURS,
        TOO_MANY_PEOPLE,
        EQUIPMENT_TAKEN,
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedBooking:
    """A booking that a caller asked for and was refused.

    Attributes:
        caller: who asked, and is offered the alternatives.
        organisation_id: for whom; ``None`` for the centre's own use.
        before: the booking that was to be moved; ``None`` for a new one.
        beyond_budget: whether the organisation's budget does not matter.
        features: that another space must have.
        taken_away: whether the space was had at that time, and was taken away: then it is not
            offered again.
    """

    space: Space
    centre: Centre
    period: Period
    people: int | None
    caller: Caller
    organisation_id: str | None
    equipment: tuple[Need, ...] = ()
    before: Booking | None = None
    beyond_budget: bool = False
    features: tuple[str, ...] = ()
    taken_away: bool = False


class HelpableConflict(Conflict):
    """A refusal that another time or space can help with, and what was wanted."""

    def __init__(self, refusal: MasahaError, wanted: WantedBooking) -> None:
        super().__init__(
            refusal.code,
            refusal.detail,
            params=refusal.params,
            extra=refusal.extra,
            errors=refusal.errors,
        )
        self.wanted = wanted


@contextmanager
def helpable_refusal(wanted: WantedBooking) -> Iterator[None]:
    """Note what was wanted on a refusal that is raised inside the block. Asks nobody anything.

    Raises:
        HelpableConflict: instead of a refusal that another time or space can help with.
    """
    try:
        yield
    except SpaceTaken as taken:
        raise HelpableConflict(SPACE_TAKEN(), wanted) from taken
    except Conflict as refusal:
        if refusal.code not in _HELPED:
            raise
        raise HelpableConflict(refusal, wanted) from refusal


@contextmanager
def offering_alternatives(app: App) -> Iterator[None]:
    """Add alternatives to a refusal; it is used around the transaction, whose locks are released by
    then.

    Raises:
        errors.Conflict: with ``extra['alternatives']``, best first, instead of
            :class:`HelpableConflict`.
    """
    try:
        yield
    except HelpableConflict as refusal:
        raise with_alternatives(app, refusal) from refusal


def with_alternatives(
    app: App, refusal: HelpableConflict, session: Session | None = None
) -> MasahaError:
    """The refusal as a caller gets it, with alternatives.

    Args:
        session: as :func:`find_alternatives`.
    """
    ways = [alternative(each) for each in find_alternatives(app, refusal.wanted, session)]
    return public_refusal(app, refusal, alternatives=ways)


def public_refusal(app: App, refusal: HelpableConflict, **extra: Any) -> MasahaError:
    """The refusal as a caller gets it; what a closure has taken is closed, not taken."""
    wanted = refusal.wanted
    if refusal.code == SPACE_TAKEN.code:
        closed = app.closures.standing(wanted.centre.id, wanted.period, wanted.space.leaves)
        return (SPACE_CLOSED if closed else SPACE_TAKEN)(extra=extra)
    return Conflict(
        refusal.code,
        refusal.detail,
        params=refusal.params,
        extra={**refusal.extra, **extra},
        errors=refusal.errors,
    )


def find_alternatives(
    app: App, wanted: WantedBooking, session: Session | None = None
) -> list[Alternative]:
    """Other times of the same space, then other spaces at the same time, here and elsewhere.

    What is offered is free as this is written, with the equipment that is wanted, which only spaces
    of the same centre can have, and no rule refuses it to the caller. Only booking it promises it.

    Args:
        session: of the transaction whose own bookings are in the way too, if there is one.
    """
    with nullcontext(session) if session else app.database.snapshot() as moment:
        if not _may_take_any(app, moment, wanted):
            return []
        centres = {each.id: each for each in app.centres.centres()}
        eligibility = _Eligibility.of(app, moment, wanted, centres)
        return _find(app, wanted, centres, eligibility, session)


def _find(
    app: App,
    wanted: WantedBooking,
    centres: Mapping[str, Centre],
    eligibility: _Eligibility,
    session: Session | None,
) -> list[Alternative]:
    now = app.clock.now()
    length = wanted.period.ends_at - wanted.period.starts_at
    around = Period(
        max(next_slot(now), wanted.period.starts_at - REACH),
        min(wanted.period.ends_at + REACH, now + timedelta(days=DAYS_AHEAD)),
    )
    if around.ends_at <= around.starts_at:
        return []
    fitting = app.centres.spaces(minimum_capacity=wanted.people, features=wanted.features)
    spaces = [space for space in fitting if eligibility.admits_to(space)]
    free = AvailabilitySnapshot.read(
        app, spaces, around, wanted.equipment, centres.values(), session
    )

    found: list[Alternative] = []
    for space in spaces:
        if space.id == wanted.space.id:
            periods: Iterable[Period] = free.periods(space, length)
            if wanted.taken_away:
                periods = without(periods, wanted.period)
            times = (
                time for time in nearest(periods, wanted.period) if eligibility.covers(space, time)
            )
            found += [Alternative("other_time", space, t) for t in islice(times, MOST_TIMES)]
    others = [
        space
        for space in sorted(spaces, key=lambda space: (space.capacity, space.id))
        if space.id != wanted.space.id
        and any(each.contains(wanted.period) for each in free.periods(space, length))
        and eligibility.covers(space, wanted.period)
    ]
    here = [space for space in others if space.centre_id == wanted.centre.id]
    elsewhere = [space for space in others if space.centre_id != wanted.centre.id]
    found += [Alternative("other_space", s, wanted.period) for s in here[:MOST_SPACES]]
    found += [Alternative("other_centre", s, wanted.period) for s in elsewhere[:MOST_SPACES]]
    return found


def _may_take_any(app: App, session: Session, wanted: WantedBooking) -> bool:
    """Whether anything at all could be taken for the organisation, or by moving the booking."""
    before, caller = wanted.before, wanted.caller
    vouched = before is not None or caller.belongs_to(wanted.organisation_id)
    try:
        if wanted.organisation_id is not None:
            known = app.directory.organisation(wanted.organisation_id, session)
            app.organisations.check(known, vouched=vouched)
        if before is not None:
            by_staff = authorisation.is_staff_of(caller, before.centre_id)
            rules.check_may_change_again(before.version, by_staff=by_staff)
    except MasahaError:
        return False
    if before is None:
        return True
    return before.status in MAY_MOVE and before.period.starts_at > app.clock.now()


@dataclass(frozen=True, slots=True)
class _Eligibility:
    """What the caller may have of what is free.

    Attributes:
        limits: of the organisation's weeks.
    """

    app: App
    session: Session
    wanted: WantedBooking
    centres: Mapping[str, Centre]
    limits: Limits
    _covered: dict[Charge, bool] = field(default_factory=dict)

    @classmethod
    def of(
        cls, app: App, session: Session, wanted: WantedBooking, centres: Mapping[str, Centre]
    ) -> _Eligibility:
        if wanted.organisation_id is None:
            return cls(app, session, wanted, centres, NO_LIMITS)
        budget = app.budgets.get(wanted.organisation_id, session)
        return cls(app, session, wanted, centres, budget.limits(app.weekly_limits))

    def admits_to(self, space: Space) -> bool:
        """Whether the caller may book the space for the organisation, and the guests fit in."""
        wanted = self.wanted
        if wanted.organisation_id is None:
            # Another branch may request any; what it has stays at its centre.
            return wanted.before is None or space.centre_id == wanted.before.centre_id
        try:
            permissions.check_may_book(wanted.caller, wanted.organisation_id, space.centre_id)
            if wanted.before is not None:
                after = replace(wanted.before, space_id=space.id, people=wanted.people)
                guest_updates.check_guests_fit(self.app, self.session, wanted.before, after)
        except (Conflict, Forbidden):
            return False
        return True

    def covers(self, space: Space, period: Period) -> bool:
        """Whether the organisation's budget has enough left for the space then. What is for the
        centre's own use is moved to no other time."""
        if self.wanted.organisation_id is None:
            return self.wanted.before is None or period == self.wanted.before.period
        if self.limits.none or self.wanted.beyond_budget:
            return True
        charge = Charge.of(period, self.centres[space.centre_id].time_zone)
        if charge not in self._covered:
            self._covered[charge] = self._has_left(charge)
        return self._covered[charge]

    def _has_left(self, charge: Charge) -> bool:
        before = self.wanted.before
        counted = before.counts if before is not None else None
        owner = self.wanted.organisation_id
        assert owner is not None  # else there are no limits
        try:
            budget_use.check_left(self.app, self.session, owner, counted, charge, self.limits)
        except Conflict:
            return False
        return True
