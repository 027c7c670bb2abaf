"""One change of a roster in the making: what every change does before and after its own work.

Before: what time has brought is decided (:meth:`Revision.settle`), so that a late timer alters no
rule: a seat whose offer has ended goes to the next in the queue, and not to one who comes now.
After: free seats are offered down the queue (:meth:`Revision.promote`). So no seat is left empty
    while a person waits who may have it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from services.common.contracts.trainings.roster_errors import (
    COHORT_CANCELLED,
    COHORT_STARTED,
    NO_OFFER,
    NOT_ON_ROSTER,
    OFFER_OVER,
)
from services.trainings.domain.roster import (
    Change,
    Closed,
    Decision,
    Departure,
    Entry,
    Excess,
    Offer,
    Outcome,
    Reason,
    Roster,
    Standing,
)
from services.trainings.domain.seats import SeatCount, count_seats, find_obstacle


class Revision:
    """A roster that is being changed, and the decisions so far. It lives within one function."""

    def __init__(self, roster: Roster, now: datetime) -> None:
        self.roster = roster
        self.now = now
        self.decisions: list[Decision] = []
        self.joining: set[str] = set()
        """Ids of the entries that joined the queue, and about which nothing is decided yet."""
        self.settle()

    # -- reading --------------------------------------------------------------------------

    def count(self) -> SeatCount:
        return count_seats(self.roster)

    def entry(self, id: str) -> Entry:
        """The entry of an application.

        Raises:
            errors.NotFound: ``trainings.not_on_roster``.
        """
        entry = self.roster.entry(id)
        if entry is None:
            raise NOT_ON_ROSTER()
        return entry

    def check_not_cancelled(self) -> None:
        """
        Raises:
            errors.Conflict: ``trainings.cohort_cancelled``.
        """
        if self.roster.closed is Closed.COHORT_CANCELLED:
            raise COHORT_CANCELLED()

    def check_open(self) -> None:
        """
        Raises:
            errors.Conflict: ``trainings.cohort_started``, ``trainings.cohort_cancelled``.
        """
        self.check_not_cancelled()
        if self.roster.closed is not None:
            raise COHORT_STARTED()

    # -- writing --------------------------------------------------------------------------

    def put(self, entry: Entry) -> None:
        self.roster = self.roster.with_entry(entry)

    def remove(self, entry: Entry) -> None:
        self.roster = self.roster.without_entry(entry.id)

    def record(
        self, entry: Entry, outcome: Outcome, reason: Reason, *, note: str | None = None
    ) -> None:
        """Add a decision, with the seats taken after it."""
        self.decisions.append(
            Decision(
                entry_id=entry.id,
                person_id=entry.person_id,
                outcome=outcome,
                reason=reason,
                at=self.now,
                taken=self.count().taken,
                note=note,
                expires_at=None if entry.offer is None else entry.offer.expires_at,
            )
        )

    def seat(self, entry: Entry, outcome: Outcome, reason: Reason, **more: str) -> None:
        """Enrol a person.

        Args:
            more: ``note``, kept with the entry as the reason why it was admitted by hand.
        """
        note = more.get("note")
        seated = replace(
            entry,
            standing=Standing.ENROLLED,
            offer=None,
            obstacle=None,
            by_hand=note or entry.by_hand,
        )
        self.joining.discard(entry.id)
        self.put(seated)
        self.record(seated, outcome, reason, note=note)

    def offer(self, entry: Entry, reason: Reason) -> None:
        """Offer a seat; no offer outlives the start."""
        expires_at = min(self.now + self.roster.offer_validity, self.roster.starts_at)
        offered = replace(
            entry,
            standing=Standing.OFFERED,
            offer=Offer(self.now, expires_at),
            obstacle=None,
        )
        self.joining.discard(entry.id)
        self.put(offered)
        self.record(offered, Outcome.OFFERED, reason)

    def depart(self, entry: Entry, outcome: Outcome, reason: Reason) -> None:
        """Take a person from the roster who left; a return stands behind the others."""
        self.remove(entry)
        others = tuple(each for each in self.roster.departures if each.person_id != entry.person_id)
        times = self.roster.departures_of(entry.person_id) + 1
        self.roster = replace(self.roster, departures=(*others, Departure(entry.person_id, times)))
        self.record(replace(entry, offer=None), outcome, reason)

    # -- what every change does -----------------------------------------------------------

    def settle(self) -> None:
        """Decide what has fallen due: offers end, floors are released, the queue closes; and offer
        the seats that this has freed."""
        if self.roster.closed is Closed.COHORT_CANCELLED:
            return
        for entry in self.roster.entries:
            if entry.offer is not None and entry.offer.expires_at <= self.now:
                self.depart(entry, Outcome.OFFER_EXPIRED, Reason.NO_ANSWER)
        floors = tuple(
            replace(floor, released=floor.released or floor.release_at <= self.now)
            for floor in self.roster.floors
        )
        self.roster = replace(self.roster, floors=floors)
        if self.roster.closed is None and self.roster.starts_at <= self.now:
            self.close_queue()
        self.promote()

    def close_queue(self) -> None:
        """End the queue at the start of the first session: it promotes nobody after it."""
        for entry in self.roster.queue():
            self.remove(entry)
            self.record(entry, Outcome.QUEUE_CLOSED, Reason.COHORT_STARTED)
        self.roster = replace(self.roster, closed=Closed.COHORT_STARTED)

    def let_wait(self, entry: Entry, obstacle: Reason) -> None:
        """Record why an entry waits: one that joins, or one that a free seat passes over."""
        outcome = Outcome.WAITLISTED if entry.id in self.joining else Outcome.SKIPPED
        waiting = replace(entry, obstacle=obstacle)
        self.joining.discard(entry.id)
        self.put(waiting)
        self.record(waiting, outcome, obstacle)

    def promote(self) -> None:
        """Offer the free seats to the next by rank, as long as the queue is open.

        Who cannot have one is passed over, keeps the place, and blocks nobody. That is recorded
        where a person behind is offered a seat, and where the reason is a new one. One pass is
        enough: with each offer fewer seats are free and organisations have more, so that what kept
        a party from a seat still does.
        """
        if self.roster.closed is not None:
            return
        count = self.count()
        passed: list[tuple[Entry, Reason]] = []
        for party in tuple(self.roster.parties()):
            obstacle = find_obstacle(self.roster, count, party)
            if obstacle is not None:
                passed += [(entry, obstacle) for entry in party]
                continue
            for entry, why in passed:
                self.let_wait(entry, why)
            passed = []
            for entry in party:
                self.offer(entry, Reason.NEXT_BY_RANK)
            count = self.count()
        for entry, why in passed:
            if entry.id in self.joining or why not in {entry.obstacle, Reason.FULL}:
                self.let_wait(entry, why)

    def finish(self, *, excess: Excess | None = None) -> Change:
        """Promote, and give what came of it.

        Args:
            excess: what may exceed the limits from now on; without it, no more than before.
        """
        allowed = self.roster.excess if excess is None else excess
        self.promote()
        found = find_excess(self.roster)
        before = dict(allowed.by_organisation)
        by_organisation = tuple(
            (organisation, fewer)
            for organisation, seats in found.by_organisation
            if (fewer := min(seats, before.get(organisation, 0)))
        )
        left = Excess(
            seats=min(found.seats, allowed.seats),
            by_organisation=by_organisation,
            reserved=min(found.reserved, allowed.reserved),
        )
        return Change(replace(self.roster, excess=left), tuple(self.decisions))


def revise_offer(roster: Roster, id: str, now: datetime) -> tuple[Revision, Entry]:
    """Begin the change that answers an offer.

    Raises:
        errors.NotFound: ``trainings.not_on_roster``.
        errors.Conflict: ``trainings.no_offer``, ``trainings.offer_over``.
    """
    entry = roster.entry(id)
    if entry is None:
        raise NOT_ON_ROSTER()
    if entry.offer is None:
        raise NO_OFFER()
    # Asked before time is settled: that would take the entry away, and hide why.
    if entry.offer.expires_at <= now:
        raise OFFER_OVER()
    return Revision(roster, now), entry


def find_excess(roster: Roster) -> Excess:
    """By how much the limits are exceeded as the roster stands."""
    count = count_seats(roster)
    beyond_cap = (
        ()
        if roster.cap is None
        else tuple(
            (organisation, seats - roster.cap)
            for organisation, seats in sorted(count.by_organisation.items())
            if seats > roster.cap
        )
    )
    return Excess(seats=count.beyond_capacity, by_organisation=beyond_cap, reserved=count.missing)
