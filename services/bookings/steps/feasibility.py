"""What would refuse an occurrence of a series, found out before anything is written for it.

One transaction writes many occurrences. One of them can be left out only if no part of it has been
written: after a refused write the transaction is over. So all that could refuse it is looked at
before. That this says yes promises nothing: the write decides.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from services.bookings.app import App
from services.bookings.domain import rules
from services.bookings.domain.booking import Booking
from services.bookings.domain.budgets import Charge
from services.bookings.domain.centre import Centre, Space
from services.bookings.domain.claims import Claim
from services.bookings.domain.series import Move
from services.bookings.steps import budget_use, guest_updates
from services.bookings.steps.alternatives import WantedBooking, helpable_refusal
from services.bookings.steps.booking_changes import check_may_change_again
from services.bookings.steps.closure_checks import check_open
from services.bookings.steps.equipment_units import units_for
from services.bookings.steps.reservation import EligibleOrganisation
from services.bookings.store.bookings import SpaceTaken
from services.common.context import Call
from services.common.storage.mongo import Session
from services.common.time.period import Period


@dataclass(frozen=True, slots=True)
class Feasibility:
    """What a transaction knows of all that it is about to write.

    Attributes:
        party: whom it is for.
        taken: slots that belong to others.
        own: slots of the occurrences, where each now stands: booking → slots.
    """

    app: App
    session: Session
    party: EligibleOrganisation
    taken: frozenset[str]
    own: dict[str, frozenset[str]]

    @classmethod
    def of(
        cls,
        app: App,
        session: Session,
        party: EligibleOrganisation,
        wanted: Sequence[tuple[tuple[Space, Centre], Period]],
        moving: Sequence[Booking] = (),
    ) -> Feasibility:
        """Look at all that is wanted together: one query for each centre.

        Args:
            moving: the occurrences that are to move, which are in nobody's way where they are.
        """
        slots: dict[str, set[str]] = {}
        for (space, centre), period in wanted:
            slots.setdefault(centre.id, set()).update(Claim.on(space, period).slots)
        besides = [each.id for each in moving]
        taken = [
            app.series.claimed(session, centre_id, these, besides)
            for centre_id, these in slots.items()
        ]
        feasibility = cls(app, session, party, frozenset().union(*taken), {})
        for each in moving:
            feasibility.note(each)
        return feasibility

    def note(self, booking: Booking) -> None:
        """An occurrence stands here now: in the way of all others."""
        self.own[booking.id] = frozenset(booking.claim.slots if booking.claim else ())

    def check_place(self, wanted: WantedBooking, before: Booking | None = None) -> None:
        """Whether the time can be taken.

        Args:
            before: the occurrence that is to move there, if it is one.

        Raises:
            errors.Invalid, errors.Conflict: as ``reservation.reserve``.
        """
        app, space, period = self.app, wanted.space, wanted.period
        rules.check_shape(period)
        with helpable_refusal(wanted):
            rules.check_time(space, wanted.centre, period, app.clock.now())
            rules.check_people(space, wanted.people)
            claim = Claim.on(space, period)
            if self._has(claim.slots, before):
                raise SpaceTaken
            check_open(wanted.centre, claim, before)
            units_for(app, self.session, space, period, wanted.equipment, before)
        if not self.party.limits.none:
            old = before.counts if before else None
            new = Charge.of(period, wanted.centre.time_zone)
            owner, limits = self.party.organisation_id, self.party.limits
            assert owner is not None  # else there are no limits
            budget_use.check_left(app, self.session, owner, old, new, limits)

    def check_move(self, move: Move, call: Call) -> None:
        """Whether an occurrence can become what the caller wants of it.

        Raises:
            errors.Invalid, errors.Conflict: as ``bookings.change``.
        """
        before, (space, centre) = move.before, move.place
        check_may_change_again(call, before)
        people = move.details.get("people", before.people)
        wanted = WantedBooking(
            space=space,
            centre=centre,
            period=move.period,
            people=people,
            caller=call.caller,
            organisation_id=before.organisation_id,
            equipment=before.equipment,
            before=before,
        )
        if move.moves:
            self.check_place(wanted, before)
        elif people != before.people:
            with helpable_refusal(wanted):
                rules.check_people(space, people)
        after = replace(before, space_id=space.id, **move.details)
        guest_updates.check_guests_fit(self.app, self.session, before, after)

    def _has(self, slots: Sequence[str], before: Booking | None) -> bool:
        others = (own for id, own in self.own.items() if before is None or id != before.id)
        return any(not taken.isdisjoint(slots) for taken in (self.taken, *others))
