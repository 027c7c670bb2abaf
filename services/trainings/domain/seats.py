"""The one count of a cohort's seats, and what keeps a person from a free one.

The page, the acceptance of an offer and the audit ask :func:`count_seats`, so they give the same
figure. A seat is taken by a participant who is enrolled or has a live offer. Trainers, observers,
people who wait and people who were erased take none.

**Floors.** A seat for a floor may be taken only by a person who counts towards an unmet one. One
person may count towards two, the floor for women and that for a centre, and is counted in both. So
the seats that unmet floors still need are the fewest people who could meet all of them:

    max(women still missing, sum over the centres of the people still missing)

since every person belongs to one centre at most, and any of them may be a woman. This supposes that
women of those centres will come. Counting the floors one by one would keep seats empty that no
floor needs; a floor that stays unmet is released at its time. A person is admitted if the seats
that are free afterwards still suffice for what the floors need afterwards.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from services.trainings.domain.roster import Entry, Floor, Reason, Roster, Standing


@dataclass(frozen=True, slots=True)
class SeatCount:
    """The seats of a cohort, counted.

    Attributes:
        enrolled, offered: people; ``taken`` is their sum, in all and by organisation, by centre and
            of women.
        reserved: free seats that unmet floors keep.
        missing: seats that would have to be added for those taken and what unmet floors need.
        waiting: people in the queue; they are in no other figure.
        erased: people whose data were erased while they were enrolled; they take no seat.
    """

    capacity: int
    enrolled: int
    offered: int
    waiting: int
    women: int
    by_organisation: Mapping[str, int] = field(default_factory=dict)
    by_centre: Mapping[str, int] = field(default_factory=dict)
    needed: int = 0
    erased: int = 0

    @property
    def taken(self) -> int:
        return self.enrolled + self.offered

    @property
    def free(self) -> int:
        return max(0, self.capacity - self.taken)

    @property
    def beyond_capacity(self) -> int:
        return max(0, self.taken - self.capacity)

    @property
    def reserved(self) -> int:
        return min(self.free, self.needed)

    @property
    def missing(self) -> int:
        # Not by `free`: who leaves a cohort that is over its capacity frees no seat, and may have
        # been one of those whom a floor counts. This way it falls with each departure, or stays.
        return max(0, self.taken + self.needed - self.capacity)


def count_seats(roster: Roster) -> SeatCount:
    """Count the seats of a roster as it stands."""
    taking = [entry for entry in roster.entries if entry.takes_seat]
    women = sum(entry.woman for entry in taking)
    by_centre = Counter(entry.centre_id for entry in taking if entry.centre_id is not None)
    by_organisation = Counter(
        entry.organisation_id for entry in taking if entry.organisation_id is not None
    )
    return SeatCount(
        capacity=roster.capacity,
        enrolled=sum(entry.standing is Standing.ENROLLED for entry in taking),
        offered=sum(entry.standing is Standing.OFFERED for entry in taking),
        waiting=sum(entry.waits for entry in roster.entries),
        women=women,
        by_organisation=dict(by_organisation),
        by_centre=dict(by_centre),
        needed=seats_needed(roster.floors, women, by_centre),
        erased=sum(each.people for each in roster.erased if each.standing is Standing.ENROLLED),
    )


def seats_needed(floors: Iterable[Floor], women: int, by_centre: Mapping[str, int]) -> int:
    """The fewest people who would meet every floor that is not released.

    Args:
        women, by_centre: people who take a seat.
    """
    missing_women = missing_of_centres = 0
    for floor in floors:
        if floor.released:
            continue
        if floor.centre_id is None:
            missing_women += max(0, floor.seats - women)
        else:
            missing_of_centres += max(0, floor.seats - by_centre.get(floor.centre_id, 0))
    return max(missing_women, missing_of_centres)


def find_obstacle(roster: Roster, count: SeatCount, party: Sequence[Entry]) -> Reason | None:
    """What keeps a party from seats now; ``None`` if nothing does.

    Args:
        count: of this roster. Those of the party take no seat in it.
        party: one person, or a group that stays together.
    """
    if count.free == 0:
        return Reason.FULL
    if len(party) > count.free:
        return Reason.GROUP_DOES_NOT_FIT
    if exceeds_cap(roster, count, party):
        return Reason.ORGANISATION_CAP
    return Reason.RESERVED_SEATS if takes_reserved_seats(roster, count, party) else None


def exceeds_cap(roster: Roster, count: SeatCount, party: Sequence[Entry]) -> bool:
    """Whether an organisation would have more seats and live offers than the cap allows.

    Waiting entries are not counted: not those of others, and not that of the person.
    """
    if roster.cap is None:
        return False
    joining = Counter(entry.organisation_id for entry in party if entry.organisation_id is not None)
    return any(
        count.by_organisation.get(organisation, 0) + people > roster.cap
        for organisation, people in joining.items()
    )


def takes_reserved_seats(roster: Roster, count: SeatCount, party: Sequence[Entry]) -> bool:
    """Whether the free seats would suffice for the floors less than they do now.

    Where they do not suffice any more (a capacity was lowered, a person was admitted by hand),
    those who count towards a floor are still admitted: they make it no worse.
    """
    by_centre = Counter(count.by_centre)
    by_centre.update(entry.centre_id for entry in party if entry.centre_id is not None)
    women = count.women + sum(entry.woman for entry in party)
    needed = seats_needed(roster.floors, women, by_centre)
    return max(0, needed - (count.free - len(party))) > count.missing
