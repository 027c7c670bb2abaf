"""Importing attendance: rows become marks, one for each person and session that nobody has marked
so."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.common.context import Caller
from services.common.contracts.trainings.attendance_errors import (
    NOT_ENROLLED,
    SESSION_NOT_BEGUN,
)
from services.common.errors import FieldError
from services.common.storage.mongo import Session
from services.trainings.app import App
from services.trainings.domain.attendance import Mark, opening_of
from services.trainings.domain.attendance_rows import (
    AttendanceTable,
    Enrolled,
    MarkToMake,
    read_attendance,
)
from services.trainings.domain.cohorts import Cohort
from services.trainings.domain.imports import Import, RowsImported, row_of
from services.trainings.steps.enrolments import enrolments_in
from services.trainings.steps.known_attendance import attendance_in
from services.trainings.steps.marks import save_marks, sessions_of

Rows = Sequence[tuple[int, Mapping[str, str]]]

DEVICE = "import"
"""What marks of a table say in place of a device."""


@dataclass(frozen=True, slots=True)
class _Understood:
    """The rows of a table: new ones, known ones, and the faults of the others."""

    new: tuple[MarkToMake, ...]
    known: tuple[MarkToMake, ...]
    faults: tuple[FieldError, ...]

    def counted(self, numbers: Sequence[int]) -> RowsImported:
        """What becomes of rows, all new ones saved."""
        wanted = set(numbers)
        return RowsImported(
            through=max(numbers, default=0),
            rows=len(numbers),
            saved=sum(each.row in wanted for each in self.new),
            repeated=sum(each.row in wanted for each in self.known),
            faults=tuple(each for each in self.faults if row_of(each) in wanted),
        )


def check_attendance(app: App, session: Session, cohort: Cohort, rows: Rows) -> RowsImported:
    """What would become of all rows; writes nothing."""
    return _understand(app, session, cohort, rows).counted([number for number, _ in rows])


def import_attendance(
    app: App, session: Session, cohort: Cohort, before: Import, rows: Rows, through: int
) -> RowsImported:
    """Import the rows after the last one that is done.

    Args:
        rows: all of the table; one row may repeat an earlier one.
        through: number of the last row to import now.
    """
    understood = _understand(app, session, cohort, rows)
    numbers = [number for number, _ in rows if before.through < number <= through]
    wanted = set(numbers)
    now = app.clock.now()
    marks = [
        Mark(
            id=mark_id(each),
            session_id=each.session_id,
            person_id=each.person_id,
            status=each.status,
            marked_at=now,
            device_id=DEVICE,
            marked_by=before.asked_by,
            received_at=now,
        )
        for each in understood.new
        if each.row in wanted
    ]
    save_marks(app, Caller(id=before.asked_by), session, cohort, marks)
    return understood.counted(numbers)


def mark_id(row: MarkToMake) -> str:
    """The same for the same person, session and status, so that no table is imported twice."""
    said = f"{row.session_id}|{row.person_id}|{row.status.value}"
    return f"{DEVICE}-{hashlib.sha256(said.encode()).hexdigest()[:40]}"


def _understand(app: App, session: Session, cohort: Cohort, rows: Rows) -> _Understood:
    enrolments = enrolments_in(app, cohort.id, session)
    people = app.participants.named(enrolments, session)
    sessions = sessions_of(cohort)
    table: AttendanceTable = read_attendance(
        rows,
        list(sessions),
        [Enrolled(each.id, each.name, each.phone) for each in people.values() if not each.erased],
    )
    entries = attendance_in(app, cohort.id, session).entries
    now = app.clock.now()
    new: list[MarkToMake] = []
    known: list[MarkToMake] = []
    faults = list(table.errors)
    for each in table.marks:
        entry = entries.get((each.session_id, each.person_id))
        if not enrolments[each.person_id].touches(sessions[each.session_id]):
            faults.append(FieldError(f"/rows/{each.row}/session", NOT_ENROLLED.code))
        elif now < opening_of(sessions[each.session_id], each.status):
            faults.append(FieldError(f"/rows/{each.row}/session", SESSION_NOT_BEGUN.code))
        elif entry is not None and (
            entry.status is each.status or mark_id(each) in {mark.id for mark in entry.marks}
        ):
            known.append(each)
        else:
            new.append(each)
    return _Understood(tuple(new), tuple(known), tuple(sorted(faults, key=row_of)))
