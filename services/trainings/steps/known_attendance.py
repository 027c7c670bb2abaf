"""What is known of attendance in a cohort, under the records of people that count now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from services.common.storage.mongo import Session
from services.trainings.app import App
from services.trainings.domain.attendance import Entry, Mark, Place, entries_of
from services.trainings.domain.merging import (
    current_id,
    marks_of_people,
    settlements_of_people,
)
from services.trainings.domain.settlements import StoredSettlement
from services.trainings.steps.current_participant import all_records


@dataclass(frozen=True, slots=True)
class KnownAttendance:
    """What is known, by session and person.

    Attributes:
        settlements: as they are stored, the latest last: records that were merged may each have
            one.
    """

    entries: Mapping[Place, Entry]
    settlements: Mapping[Place, tuple[StoredSettlement, ...]]


def attendance_in(
    app: App,
    cohort_id: str,
    session: Session | None = None,
    *,
    session_id: str | None = None,
    person_id: str | None = None,
) -> KnownAttendance:
    """What is known of attendance in a cohort: of all, or of a session, of a person, or of both.

    Marks and settlements keep the record that they were made for; those of merged records count
    for the one that stays.

    Args:
        person_id: of the record that counts.
    """
    marks: list[Mark] = []
    stored: list[StoredSettlement] = []
    wanted = [None] if person_id is None else all_records(app, person_id, session)
    for each in wanted:
        marks += app.marks.of(cohort_id, session_id=session_id, person_id=each, session=session)
        stored += app.settlements.of(
            cohort_id, session_id=session_id, person_id=each, session=session
        )
    people = {each.person_id for each in marks} | {each.person_id for each in stored}
    merged = app.participants.current_ids(people, session)
    settlements: dict[Place, list[StoredSettlement]] = defaultdict(list)
    for one in sorted(stored, key=lambda each: (each.decided_at, each.id)):
        settlements[one.session_id, current_id(one.person_id, merged)].append(one)
    in_order = [one.settlement for several in settlements.values() for one in several]
    return KnownAttendance(
        entries_of(marks_of_people(marks, merged), settlements_of_people(in_order, merged)),
        {place: tuple(several) for place, several in settlements.items()},
    )
