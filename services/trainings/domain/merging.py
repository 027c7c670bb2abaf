"""Two records of one person become one, and nothing that the person has done is lost.

- Attendance counts once for each session. Where the records differ, the one that attended is right:
  nobody is absent where they were seen.
- A person has one seat in a cohort, as the roster decides
  (:func:`services.trainings.domain.departures.merge_people`).
- Certificates and tests are not touched: each code verifies as before, and what was taken is read
  under the record that is left.
- Marks keep the person's id with which a phone sent them, so that sending them again is no
  conflict. :func:`marks_of_people` reads them under the id that is left.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from services.trainings.domain.attendance import Entry, Mark, Settlement, Status
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
    APPLICATION_MOVED = "application_moved"


@dataclass(frozen=True, slots=True)
class Move:
    """One line of the explanation.

    Attributes:
        of: id of the seat, session or application.
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
class MergedAttendance:
    """What becomes of the attendance of two records in one cohort.

    Attributes:
        settlements: to be saved, for the sessions in which the records differ.
        moves: the explanation, for people.
    """

    settlements: tuple[Settlement, ...]
    moves: tuple[Move, ...]


def merge_refusal(kept: str, merged: str, different: Collection[Pair]) -> MergeRefusal | None:
    """Why two records may not be merged; ``None`` if they may."""
    if kept == merged:
        return MergeRefusal.SAME_RECORD
    if pair_of(kept, merged) in {pair_of(*each) for each in different}:
        return MergeRefusal.KNOWN_AS_DIFFERENT
    return None


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


def merge_attendance(
    kept: Mapping[str, Entry],
    merged: Mapping[str, Entry],
    *,
    person_id: str,
    now: datetime,
    by: str,
) -> MergedAttendance:
    """What counts of two records' attendance in one cohort.

    Args:
        kept, merged: of the record that stays and of the one that goes, by the session's id.
        person_id: of the record that stays.
        by: id of the person who merges.
    """
    moves: list[Move] = []
    settlements = []
    for session, entry in sorted(merged.items()):
        mine = kept.get(session)
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
                Settlement(session, person_id, right, by, SETTLED_BY_MERGE, now, marks)
            )
    return MergedAttendance(tuple(settlements), tuple(moves))


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
