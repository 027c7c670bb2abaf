"""Whatever happens to a roster, in whatever order, every rule holds after each change.

The rules are written a second time here, apart from the code: a ledger follows the decisions alone,
and is compared with the roster; floors are checked with every set of people that could come.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from services.common.errors import MasahaError
from services.trainings.domain import admissions, departures, roster_limits
from services.trainings.domain.application_states import (
    OF_OUTCOME,
    TRANSITIONS,
    ApplicationAction,
    ApplicationStatus,
)
from services.trainings.domain.audit import audit_applications, audit_roster
from services.trainings.domain.roster import (
    Change,
    Closed,
    Decision,
    Entry,
    Floor,
    Outcome,
    Rank,
    Reason,
    Role,
    Roster,
    Standing,
)
from services.trainings.domain.seats import count_seats
from tests.support.rosters import HOUR, MONDAY, SUNDAY
from tests.unit.trainings.fewest_people import fewest_people

CENTRES = ("raqqa", "tabqa")
NAMES = [f"p{number}" for number in range(14)]
LEADS_TO = {
    Outcome.WAITLISTED: Standing.WAITING,
    Outcome.OFFERED: Standing.OFFERED,
    Outcome.ENROLLED: Standing.ENROLLED,
    Outcome.OFFER_ACCEPTED: Standing.ENROLLED,
    Outcome.ADMITTED: Standing.ENROLLED,
}
STAYS = {Outcome.SKIPPED, Outcome.OFFER_SHORTENED, Outcome.STAFF_ADDED, Outcome.STAFF_REMOVED}
# A person chooses, or a named one does for a reason; rules admit nobody past a limit.
SETS_LIMITS_ASIDE = {"admit_by_hand", "change_capacity", "change_cap", "change_floors"}


def kind_of(name: str) -> dict[str, Any]:
    """What a person is, always the same."""
    number = NAMES.index(name)
    return {
        "organisation_id": (None, "X", "Y", "X")[number % 4],
        "woman": number % 3 == 0,
        "centre_id": (*CENTRES, None)[number % 5 % 3],
    }


# -- the rules, a second time ----------------------------------------------------------------------


def missing_seats(roster: Roster, seated: list[Entry]) -> int:
    """Seats that would have to be added for the floors."""
    women = [each.seats for each in roster.floors if each.centre_id is None and not each.released]
    of_centres = [each for each in roster.floors if each.centre_id and not each.released]
    needed = fewest_people(
        max(0, sum(women) - len([each for each in seated if each.woman])),
        tuple(
            max(0, each.seats - len([one for one in seated if one.centre_id == each.centre_id]))
            for each in of_centres
        ),
    )
    return max(0, needed - (roster.capacity - len(seated)))


def may_have_seats(roster: Roster, seated: list[Entry], party: list[Entry]) -> bool:
    """Whether a party may have seats, with these people seated or offered a seat."""
    together = seated + party
    organisations = Counter(each.organisation_id for each in together)
    joining = {each.organisation_id for each in party} - {None}
    return (
        len(together) <= roster.capacity
        and (roster.cap is None or all(organisations[each] <= roster.cap for each in joining))
        and missing_seats(roster, together) <= missing_seats(roster, seated)
    )


def place(entry: Entry) -> tuple[Any, ...]:
    rank = entry.rank
    score = (0, 0.0) if rank.score is None else (-1, -rank.score)
    gap = (0, 0.0) if rank.gap is None else (-1, -rank.gap)
    return (rank.departures, score, gap, rank.applied_at, entry.id)


def parties_of(waiting: list[Entry]) -> list[list[Entry]]:
    found: dict[str, list[Entry]] = {}
    for entry in waiting:
        found.setdefault(entry.group_id or entry.id, []).append(entry)
    return sorted(found.values(), key=lambda party: max(place(each) for each in party))


class Ledger:
    """Who stands where, by the decisions alone."""

    def __init__(self) -> None:
        self.standing: dict[str, Standing] = {}
        self.status: dict[str, ApplicationStatus] = {}

    def enter(self, decision: Decision, staff: set[str]) -> None:
        id, outcome = decision.entry_id, decision.outcome
        if outcome not in STAYS:
            self.standing.pop(id, None)
            if outcome in LEADS_TO:
                self.standing[id] = LEADS_TO[outcome]
        if id not in staff and outcome in OF_OUTCOME:
            self.status[id] = TRANSITIONS.after(self.status[id], OF_OUTCOME[outcome])

    def apply(self, id: str) -> None:
        status = self.status.get(id)
        if status is None or status in {ApplicationStatus.ERASED, ApplicationStatus.DECLINED}:
            self.status[id] = ApplicationStatus.SUBMITTED
        elif (status, ApplicationAction.REAPPLY) in TRANSITIONS:
            self.status[id] = TRANSITIONS.after(status, ApplicationAction.REAPPLY)


class RosterMachine(RuleBasedStateMachine):
    roster: Roster

    def __init__(self) -> None:
        super().__init__()
        self.now = MONDAY
        self.ledger = Ledger()
        self.entries: dict[str, Entry] = {}
        """The newest of each entry that there was."""
        self.staff: set[str] = set()

    @initialize(
        capacity=st.integers(0, 5),
        cap=st.sampled_from([None, 1, 2]),
        validity=st.sampled_from([HOUR, 48 * HOUR, 400 * HOUR]),
    )
    def begin(self, capacity: int, cap: int | None, validity: timedelta) -> None:
        self.roster = roster_limits.new_roster(capacity, SUNDAY, validity, cap=cap)

    # -- what may happen -----------------------------------------------------------------------

    @rule(
        names=st.lists(st.sampled_from(NAMES), min_size=1, max_size=4, unique=True),
        group=st.sampled_from([None, "g", "h"]),
        score=st.sampled_from([None, 1.0, 2.0]),
        gap=st.sampled_from([None, 1.0]),
        by_offer=st.booleans(),
    )
    def people_come(
        self,
        names: list[str],
        group: str | None,
        score: float | None,
        gap: float | None,
        by_offer: bool,
    ) -> None:
        candidates = [self.candidate(name, score, gap, group) for name in names]
        way = admissions.offer_seats if by_offer else admissions.enrol
        self.change(way, candidates)

    @rule(name=st.sampled_from(NAMES))
    def one_comes_back(self, name: str) -> None:
        self.change(admissions.readmit, self.candidate(name, 2.0))

    @rule(name=st.sampled_from(NAMES), note=st.sampled_from(["a reason", ""]))
    def one_is_admitted_by_hand(self, name: str, note: str) -> None:
        self.change(admissions.admit_by_hand, self.candidate(name), note=note)

    @rule(name=st.sampled_from(NAMES), role=st.sampled_from([Role.TRAINER, Role.OBSERVER]))
    def staff_come(self, name: str, role: Role) -> None:
        candidate = replace(self.candidate(name), id=f"staff-{name}", role=role)
        self.staff.add(candidate.id)
        self.change(admissions.add_staff, candidate)

    @rule(data=st.data(), accept=st.booleans())
    def one_answers(self, data: st.DataObject, accept: bool) -> None:
        offers = [each for each in self.roster.entries if each.offer is not None]
        entry = data.draw(st.sampled_from(offers)) if offers else None
        answer = admissions.accept_offer if accept else departures.decline_offer
        live = entry is not None and entry.offer is not None and self.now < entry.offer.expires_at
        done = self.change(answer, entry.id if entry else "nobody")
        assert done is live

    @rule(data=st.data())
    def one_leaves(self, data: st.DataObject) -> None:
        ids = [each.id for each in self.roster.entries]
        self.change(departures.withdraw, data.draw(st.sampled_from(ids)) if ids else "nobody")

    @rule(name=st.sampled_from(NAMES))
    def one_is_erased(self, name: str) -> None:
        assert self.change(departures.erase_person, name)
        assert f"'{name}'" not in repr(self.roster)

    @rule(one=st.sampled_from(NAMES), other=st.sampled_from(NAMES))
    def two_are_one_person(self, one: str, other: str) -> None:
        assert self.change(departures.merge_people, one, other)
        assert one == other or f"'{one}'" not in repr(self.roster)

    @rule(capacity=st.integers(0, 7))
    def the_capacity_changes(self, capacity: int) -> None:
        self.change(roster_limits.change_capacity, capacity)

    @rule(cap=st.sampled_from([None, 1, 2, 3]))
    def the_cap_changes(self, cap: int | None) -> None:
        self.change(roster_limits.change_cap, cap)

    @rule(
        seats=st.lists(st.integers(0, 2), min_size=3, max_size=3), hours=st.sampled_from([0, 3, 99])
    )
    def the_floors_change(self, seats: list[int], hours: int) -> None:
        places = zip(seats, (None, *CENTRES), strict=True)
        release_at = self.now + hours * HOUR
        floors = [Floor(number, release_at, centre) for number, centre in places]
        self.change(roster_limits.change_floors, floors)

    @rule(hours=st.sampled_from([1, 5, 30, 200]))
    def time_passes(self, hours: int) -> None:
        self.now += hours * HOUR

    @rule()
    def the_timer_comes(self) -> None:
        assert self.change(roster_limits.settle)
        assert audit_roster(self.roster, self.now) == ()
        assert roster_limits.settle(self.roster, self.now) == Change(self.roster)

    @precondition(lambda self: self.now > MONDAY + 24 * HOUR)
    @rule(hours=st.sampled_from([-30, 0, 2, 99]))
    def the_start_moves(self, hours: int) -> None:
        self.change(roster_limits.change_start, self.now + hours * HOUR)

    @precondition(lambda self: self.now > MONDAY + 48 * HOUR)
    @rule()
    def the_cohort_is_cancelled(self) -> None:
        assert self.change(roster_limits.cancel_roster)
        assert self.roster.entries == ()

    # -- what holds --------------------------------------------------------------------------------

    @invariant()
    def every_rule_holds(self) -> None:
        if not hasattr(self, "roster"):
            return
        assert audit_roster(self.roster) == ()
        assert audit_applications(self.roster, self.ledger.status) == ()
        participants = [each for each in self.roster.entries if each.role is Role.PARTICIPANT]
        assert {each.id: each.standing for each in participants} == self.ledger.standing
        assert len({each.person_id for each in self.roster.entries}) == len(self.roster.entries)
        self.no_seat_is_empty_while_somebody_may_have_it()
        self.the_count_is_that_of_the_ledger()
        for entry in self.roster.entries:
            assert entry.offer is None or entry.offer.expires_at <= self.roster.starts_at

    def no_seat_is_empty_while_somebody_may_have_it(self) -> None:
        waiting = [self.entries[id] for id in self.ids(Standing.WAITING)]
        if self.roster.closed is not None:
            assert not waiting
            assert not self.ids(Standing.OFFERED)
            return
        seated = self.seated()
        for party in parties_of(waiting):
            assert not may_have_seats(self.roster, seated, party)

    def the_count_is_that_of_the_ledger(self) -> None:
        count, seated = count_seats(self.roster), self.seated()
        assert count.taken == len(seated) == count.enrolled + count.offered
        assert count.offered == len(self.ids(Standing.OFFERED))
        assert count.waiting == len(self.ids(Standing.WAITING))
        assert count.free == max(0, self.roster.capacity - len(seated))
        assert count.missing == missing_seats(self.roster, seated)
        organisations = Counter(each.organisation_id for each in seated if each.organisation_id)
        assert count.by_organisation == organisations

    # -- how it is done ----------------------------------------------------------------------

    def ids(self, standing: Standing) -> list[str]:
        return [id for id, each in self.ledger.standing.items() if each is standing]

    def seated(self) -> list[Entry]:
        return [self.entries[id] for id in self.ids(Standing.OFFERED) + self.ids(Standing.ENROLLED)]

    def candidate(
        self,
        name: str,
        score: float | None = None,
        gap: float | None = None,
        group: str | None = None,
    ) -> Entry:
        return Entry(
            id=f"application-{name}",
            person_id=name,
            rank=Rank(self.now, score, gap),
            group_id=group,
            **kind_of(name),
        )

    def change(self, operation: Callable[..., Change], *args: Any, **more: Any) -> bool:
        """Do it, and hold every decision against the rules; whether it was allowed."""
        before = self.roster
        try:
            change = operation(before, *args, self.now, **more)
        except MasahaError:
            assert self.roster is before
            return False
        # A timer that comes late makes no difference: it decides first, and the same.
        settled = roster_limits.settle(before, self.now)
        rest = operation(settled.roster, *args, self.now, **more)
        assert change == Change(rest.roster, settled.decisions + rest.decisions)
        self.hold_against_the_rules(before, settled, "settle")
        candidates = [each for each in args if isinstance(each, Entry)]
        candidates += [each for arg in args if isinstance(arg, list) for each in arg]
        for candidate in candidates:
            if isinstance(candidate, Entry) and candidate.id not in self.staff:
                self.ledger.apply(candidate.id)
        self.hold_against_the_rules(settled.roster, rest, operation.__name__)
        return True

    def hold_against_the_rules(self, before: Roster, change: Change, operation: str) -> None:
        self.roster = change.roster
        for entry in (*before.entries, *change.roster.entries):
            self.entries[entry.id] = entry
        waiting = set(self.ids(Standing.WAITING))
        new = {each.entry_id for each in change.decisions} - {each.id for each in before.entries}
        waiting |= new - self.staff
        promoted: set[str] = set()
        for decision in change.decisions:
            if decision.outcome is Outcome.OFFERED and decision.entry_id not in promoted:
                party = self.party_of(decision.entry_id, waiting)
                self.it_was_the_next(party, waiting)
                promoted |= {each.id for each in party}
            if decision.outcome is Outcome.ENROLLED:
                self.nobody_waited_for_it(waiting - new)
            self.ledger.enter(decision, self.staff)
            assert decision.taken == len(self.seated())
            if decision.outcome is not Outcome.WAITLISTED:
                waiting.discard(decision.entry_id)
            if decision.outcome is Outcome.SKIPPED:
                waiting.add(decision.entry_id)
            self.it_was_no_time_to_promote(decision, operation)
        offered = {each.entry_id for each in change.decisions if each.outcome is Outcome.OFFERED}
        assert promoted == offered, "a group was offered seats in part"
        self.no_limit_is_exceeded_by_a_rule(before, operation)

    def party_of(self, id: str, waiting: set[str]) -> list[Entry]:
        parties = parties_of([self.entries[each] for each in waiting])
        return next(party for party in parties if id in {each.id for each in party})

    def it_was_the_next(self, party: list[Entry], waiting: set[str]) -> None:
        seated = self.seated()
        assert may_have_seats(self.roster, seated, party)
        for ahead in parties_of([self.entries[each] for each in waiting]):
            if ahead == party:
                return
            assert not may_have_seats(self.roster, seated, ahead), "somebody was overtaken"

    def nobody_waited_for_it(self, waiting: set[str]) -> None:
        for party in parties_of([self.entries[each] for each in waiting]):
            assert not may_have_seats(self.roster, self.seated(), party), "the queue was passed by"

    def it_was_no_time_to_promote(self, decision: Decision, operation: str) -> None:
        if decision.outcome is Outcome.OFFERED:
            assert self.now < self.roster.starts_at
            assert self.roster.closed is None
            assert decision.expires_at is not None
            assert self.now < decision.expires_at <= self.roster.starts_at
        if decision.outcome in {Outcome.ENROLLED, Outcome.WAITLISTED}:
            assert self.roster.closed is None
        if decision.outcome is Outcome.ADMITTED:
            assert operation == "admit_by_hand"
            assert self.roster.closed is not Closed.COHORT_CANCELLED
        if decision.outcome is Outcome.QUEUE_CLOSED:
            assert decision.reason is Reason.COHORT_STARTED
            assert self.now >= self.roster.starts_at

    def no_limit_is_exceeded_by_a_rule(self, before: Roster, operation: str) -> None:
        seated = self.seated()
        was = [each for each in before.entries if each.takes_seat]
        if operation not in SETS_LIMITS_ASIDE:
            assert missing_seats(self.roster, seated) <= missing_seats(before, was)
            counts = Counter(each.organisation_id for each in seated if each.organisation_id)
            counted = Counter(each.organisation_id for each in was if each.organisation_id)
            cap = self.roster.cap
            assert cap is None or all(
                number <= max(cap, counted[each]) for each, number in counts.items()
            )
        if operation != "change_capacity":
            assert len(seated) <= max(self.roster.capacity, len(was))
        else:
            assert {each.id for each in was} <= {each.id for each in seated}


RosterMachine.TestCase.settings = settings(max_examples=100, stateful_step_count=40)
TestRosterMachine = RosterMachine.TestCase
