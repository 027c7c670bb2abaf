"""Two records of one person become one, and nothing that the person has done is lost.

- Attendance counts once for each session. Where the records differ, the one that attended is right:
  nobody is absent where they were seen.
- A person has one seat in a cohort. The one held first is kept, the other is given back; the time
  in which the person was enrolled is that of both.
- Certificates are not touched: each code verifies as before.
- Marks keep the person's id with which a phone sent them, so that sending them again is no
  conflict. :func:`marks_of_people` reads them under the id that is left.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from services.trainings.domain.attendance import Enrolment, Entry, Mark, Settlement, Status
from services.trainings.domain.duplicates import Pair, pair_of
from services.trainings.domain.roster import Change, Outcome, Roster

#: Of two statuses of one person in one session the first of these is right.
_RIGHT = (Status.PRESENT, Status.LATE, Status.EXCUSED, Status.ABSENT)
#: Why a settlement is there that a merge has made.
SETTLED_BY_MERGE = "merge"


class MergeRefusal(StrEnum):
    """Why two records are not merged."""

    SAME_RECORD = "same_record"
    KNOWN_AS_DIFFERENT = "known_as_different"


class Moved(StrEnum):
    """What happens to one thing of the record that goes."""

    SEAT_MOVED = "seat_moved"
    SEAT_GIVEN_BACK = "seat_given_back"
    ATTENDANCE_MOVED = "attendance_moved"
    ATTENDANCE_COUNTED_ONCE = "attendance_counted_once"
    ATTENDANCE_SETTLED = "attendance_settled"
    ATTENDANCE_TO_SETTLE = "attendance_to_settle"
    TEST_MOVED = "test_moved"
    #: The record that stays has this test of this cohort too; the earlier one counts.
    TEST_NOT_COUNTED = "test_not_counted"
    CERTIFICATE_MOVED = "certificate_moved"
    #: A second certificate of one cohort; it verifies as before, and is counted once.
    CERTIFICATE_COUNTED_ONCE = "certificate_counted_once"
    APPLICATION_MOVED = "application_moved"


@dataclass(frozen=True, slots=True)
class Seat:
    """A seat in a cohort, at present or before.

    Attributes:
        periods: as of :class:`Enrolment`.
    """

    id: str
    cohort_id: str
    periods: tuple[tuple[datetime, datetime | None], ...]

    @property
    def is_held(self) -> bool:
        """Whether it takes a place of the cohort now."""
        return any(ends is None for _, ends in self.periods)

    @property
    def held_since(self) -> datetime:
        """When it was first had."""
        return min(begins for begins, _ in self.periods)


@dataclass(frozen=True, slots=True)
class TakenTest:
    """A test that was taken.

    Attributes:
        kind: ``pre`` or ``post``.
    """

    id: str
    cohort_id: str
    kind: str
    taken_at: datetime


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate that was issued, whatever its state."""

    code: str
    cohort_id: str
    issued_at: datetime


@dataclass(frozen=True, slots=True)
class Progress:
    """All that one record has.

    Attributes:
        entries: by the session's id.
        applications: ids.
    """

    person_id: str
    seats: tuple[Seat, ...] = ()
    entries: Mapping[str, Entry] = field(default_factory=dict)
    tests: tuple[TakenTest, ...] = ()
    certificates: tuple[Certificate, ...] = ()
    applications: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Move:
    """One line of the explanation.

    Attributes:
        of: id of the seat, session, test or application, or the certificate's code.
        cohort_id: where the thing says its own.
        before: of an attendance, what the record that stays had.
        after: of an attendance, what counts now.
    """

    moved: Moved
    of: str
    cohort_id: str | None = None
    before: Status | None = None
    after: Status | None = None


@dataclass(frozen=True, slots=True)
class Merge:
    """What a merge does.

    Attributes:
        enrolments: of the record that stays, by cohort: the time in both seats.
        given_back: ids of seats that become free; each promotes the next in its cohort.
        settlements: to be saved, for the sessions in which the records differ.
        moves: the explanation, for people.
    """

    kept: str
    merged: str
    enrolments: Mapping[str, Enrolment]
    given_back: tuple[str, ...]
    settlements: tuple[Settlement, ...]
    certificates: tuple[Certificate, ...]
    moves: tuple[Move, ...]


def merge_refusal(kept: str, merged: str, different: Collection[Pair]) -> MergeRefusal | None:
    """Why two records may not be merged; ``None`` if they may."""
    if kept == merged:
        return MergeRefusal.SAME_RECORD
    if pair_of(kept, merged) in {pair_of(*each) for each in different}:
        return MergeRefusal.KNOWN_AS_DIFFERENT
    return None


def plan_merge(kept: Progress, merged: Progress, *, now: datetime, by: str) -> Merge:
    """What becomes of everything that the two records have.

    Args:
        kept: the record that stays.
        merged: the record that goes.
        by: id of the person who merges.

    Raises:
        ValueError: both are the same record.
    """
    pair_of(kept.person_id, merged.person_id)
    moves: list[Move] = []
    enrolments, given_back = _merge_seats(kept, merged, moves)
    settlements = _merge_entries(kept, merged, moves, now, by)
    _merge_tests(kept, merged, moves)
    certified = {each.cohort_id for each in kept.certificates}
    for each in merged.certificates:
        twice = each.cohort_id in certified
        moved = Moved.CERTIFICATE_COUNTED_ONCE if twice else Moved.CERTIFICATE_MOVED
        moves.append(Move(moved, each.code, each.cohort_id))
    moves.extend(Move(Moved.APPLICATION_MOVED, each) for each in merged.applications)
    return Merge(
        kept.person_id,
        merged.person_id,
        enrolments,
        given_back,
        settlements,
        (*kept.certificates, *merged.certificates),
        tuple(moves),
    )


def moves_of_seats(cohort_id: str, before: Roster, change: Change, merged: str) -> list[Move]:
    """What became of the seats, offers and waiting entries of one cohort, as its roster decided
    (:func:`services.trainings.domain.departures.merge_people`).

    Args:
        merged: the record that goes.
    """
    moves = [
        Move(Moved.SEAT_GIVEN_BACK, each.entry_id, cohort_id)
        for each in change.decisions
        if each.outcome is Outcome.MERGED
    ]
    entry = before.entry_of(merged)
    if entry is not None and all(each.of != entry.id for each in moves):
        moves.append(Move(Moved.SEAT_MOVED, entry.id, cohort_id))
    return moves


def _merge_seats(
    kept: Progress, merged: Progress, moves: list[Move]
) -> tuple[dict[str, Enrolment], tuple[str, ...]]:
    own = {seat.id for seat in kept.seats}
    given_back: list[str] = []
    enrolments: dict[str, Enrolment] = {}
    seats = (*kept.seats, *merged.seats)
    for cohort in sorted({seat.cohort_id for seat in seats}):
        here = [seat for seat in seats if seat.cohort_id == cohort]
        periods = join_periods([period for seat in here for period in seat.periods])
        enrolments[cohort] = Enrolment(kept.person_id, periods)
        held = sorted(
            (seat for seat in here if seat.is_held), key=lambda seat: (seat.held_since, seat.id)
        )
        spare = {seat.id for seat in held[1:]}
        given_back.extend(seat.id for seat in held[1:])
        for seat in here:
            if seat.id in spare:
                moves.append(Move(Moved.SEAT_GIVEN_BACK, seat.id, cohort))
            elif seat.id not in own:
                moves.append(Move(Moved.SEAT_MOVED, seat.id, cohort))
    return enrolments, tuple(given_back)


def join_periods(
    periods: Iterable[tuple[datetime, datetime | None]],
) -> tuple[tuple[datetime, datetime | None], ...]:
    """The same time in periods that neither overlap nor touch, in order."""
    found: list[tuple[datetime, datetime | None]] = []
    for begins, ends in sorted(periods, key=lambda period: period[0]):
        if found:
            first, last = found[-1]
            if last is None or begins <= last:
                found[-1] = (first, None if last is None or ends is None else max(last, ends))
                continue
        found.append((begins, ends))
    return tuple(found)


def _merge_entries(
    kept: Progress, merged: Progress, moves: list[Move], now: datetime, by: str
) -> tuple[Settlement, ...]:
    settlements = []
    for session, entry in sorted(merged.entries.items()):
        mine = kept.entries.get(session)
        if mine is None:
            moves.append(Move(Moved.ATTENDANCE_MOVED, session, after=entry.status))
            continue
        said = (mine.status, entry.status)
        if None in said:
            # What a person has settled for one record is settled for both.
            settled = mine.settlement or entry.settlement
            moved = Moved.ATTENDANCE_SETTLED if settled else Moved.ATTENDANCE_TO_SETTLE
            after = settled.status if settled else None
            moves.append(Move(moved, session, before=mine.status, after=after))
            continue
        right = next(each for each in _RIGHT if each in said)
        same = said[0] is said[1] and mine.settlement is None and entry.settlement is None
        moved = Moved.ATTENDANCE_COUNTED_ONCE if said[0] is said[1] else Moved.ATTENDANCE_SETTLED
        moves.append(Move(moved, session, before=mine.status, after=right))
        if not same:
            # A settlement that one record had would not know the marks of the other.
            marks = frozenset(mark.id for mark in (*mine.marks, *entry.marks))
            settlements.append(
                Settlement(session, kept.person_id, right, by, SETTLED_BY_MERGE, now, marks)
            )
    return tuple(settlements)


def _merge_tests(kept: Progress, merged: Progress, moves: list[Move]) -> None:
    own = {(test.cohort_id, test.kind): test for test in kept.tests}
    for test in merged.tests:
        mine = own.get((test.cohort_id, test.kind))
        if mine is None:
            moves.append(Move(Moved.TEST_MOVED, test.id, test.cohort_id))
            continue
        # The first try is the one that was not prepared by the other.
        later = max(mine, test, key=lambda each: (each.taken_at, each.id))
        if later is mine:
            moves.append(Move(Moved.TEST_MOVED, test.id, test.cohort_id))
        moves.append(Move(Moved.TEST_NOT_COUNTED, later.id, test.cohort_id))


# -- reading under the id that is left ------------------------------------------------------------


def current_id(person_id: str, merged_into: Mapping[str, str]) -> str:
    """The id of the record that is left, over any number of merges.

    Args:
        merged_into: from each record that went to the one that stayed.
    """
    seen = {person_id}
    while (into := merged_into.get(person_id)) is not None and into not in seen:
        seen.add(into)
        person_id = into
    return person_id


def marks_of_people(marks: Iterable[Mark], merged_into: Mapping[str, str]) -> list[Mark]:
    """The marks under the ids of the records that are left, to be counted; never to be stored."""
    return [replace(each, person_id=current_id(each.person_id, merged_into)) for each in marks]


def settlements_of_people(
    settlements: Iterable[Settlement], merged_into: Mapping[str, str]
) -> list[Settlement]:
    """Likewise the settlements."""
    return [
        replace(each, person_id=current_id(each.person_id, merged_into)) for each in settlements
    ]
