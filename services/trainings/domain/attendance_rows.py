"""A table of attendance, as a trainer keeps it on paper or in a spreadsheet: rows become marks to
make, or named faults. Nothing is saved here, so a dry run and the import itself read alike."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from services.common.errors import FieldError
from services.common.folding import fold
from services.trainings.domain.applicant_rows import NAME_HEADINGS, PHONE_HEADINGS, meaning_of
from services.trainings.domain.attendance import Status
from services.trainings.domain.duplicates import name_key, normalise_phone

#: Name of a column → the headings that it may have.
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "session": ("Session", "Session number", "الجلسة", "رقم الجلسة"),
    "name": NAME_HEADINGS,
    "phone": PHONE_HEADINGS,
    "status": ("Status", "Attendance", "الحالة", "الحضور", "حالة الحضور"),
}

#: What a cell may say; women, men and the form for both.
STATUSES: Mapping[str, tuple[str, ...]] = {
    Status.PRESENT: ("present", "p", "حاضر", "حاضرة", "حاضر/ة"),
    Status.LATE: ("late", "l", "متأخر", "متأخرة", "متأخّر/ة"),
    Status.EXCUSED: (
        *("excused", "e", "غائب بعذر", "غائبة بعذر", "غائب/ة بعذر"),
        *("بعذر", "معذور", "معذورة"),
    ),
    Status.ABSENT: ("absent", "a", "غائب", "غائبة", "غائب/ة"),
}


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A person who may be in the table."""

    person_id: str
    name: str
    phone: str | None = None


@dataclass(frozen=True, slots=True)
class MarkToMake:
    """One row, understood.

    Attributes:
        row: number of the line, as a spreadsheet counts.
    """

    row: int
    session_id: str
    person_id: str
    status: Status


@dataclass(frozen=True, slots=True)
class AttendanceTable:
    """The rows that can be imported, and what is wrong with the others.

    Attributes:
        errors: each with the pointer ``/rows/<number of the line>/<name of the column>``.
    """

    marks: tuple[MarkToMake, ...]
    errors: tuple[FieldError, ...]


def read_attendance(
    rows: Iterable[tuple[int, Mapping[str, str]]],
    sessions: Sequence[str],
    people: Iterable[Enrolled],
) -> AttendanceTable:
    """Every row as a mark or with its faults; a fault in one row leaves the others.

    Codes: ``required`` (of a telephone: several people have the name), ``choice``, ``number``,
    ``range`` (no such session), ``invalid`` (a telephone number), ``unknown`` (nobody of this name
    is enrolled), ``repeated`` (an earlier row is for the same person and session).

    Args:
        rows: of ``services.common.csv.Table.by_name`` with :data:`COLUMNS`.
        sessions: ids in the order of their times; a table counts them from 1.
        people: who has or had a seat in the cohort.
    """
    by_name: dict[str, list[Enrolled]] = defaultdict(list)
    for person in people:
        by_name[name_key(person.name)].append(person)
    found: list[MarkToMake] = []
    errors: list[FieldError] = []
    before: dict[tuple[str, str], int] = {}
    for number, cells in rows:
        faults: list[FieldError] = []
        session_id = _session(number, cells.get("session", ""), sessions, faults)
        person_id = _person(number, cells, by_name, faults)
        status = _status(number, cells.get("status", ""), faults)
        if session_id and person_id and status:
            first = before.setdefault((session_id, person_id), number)
            if first != number:
                faults.append(_fault(number, "name", "repeated", str(first)))
            else:
                found.append(MarkToMake(number, session_id, person_id, status))
        errors.extend(faults)
    return AttendanceTable(tuple(found), tuple(errors))


def _session(
    number: int, text: str, sessions: Sequence[str], faults: list[FieldError]
) -> str | None:
    digits = fold(text)
    if not digits:
        faults.append(_fault(number, "session", "required"))
    elif not (digits.isascii() and digits.isdecimal() and len(digits) <= 4):
        faults.append(_fault(number, "session", "number"))
    elif not 1 <= int(digits) <= len(sessions):
        faults.append(_fault(number, "session", "range", f"1–{len(sessions)}"))
    else:
        return sessions[int(digits) - 1]
    return None


def _person(
    number: int,
    cells: Mapping[str, str],
    by_name: Mapping[str, Sequence[Enrolled]],
    faults: list[FieldError],
) -> str | None:
    name, typed = name_key(cells.get("name", "")), cells.get("phone", "").strip()
    phone = normalise_phone(typed)
    namesakes = by_name.get(name, ())
    if not name:
        faults.append(_fault(number, "name", "required"))
    elif typed and phone is None:
        faults.append(_fault(number, "phone", "invalid"))
    elif not namesakes:
        faults.append(_fault(number, "name", "unknown"))
    elif len(namesakes) == 1:
        # One person of this name: a telephone that was changed since does not matter.
        return namesakes[0].person_id
    elif phone is None:
        faults.append(_fault(number, "phone", "required"))
    else:
        having = [each for each in namesakes if normalise_phone(each.phone) == phone]
        if len(having) == 1:
            return having[0].person_id
        faults.append(_fault(number, "phone", "unknown"))
    return None


def _status(number: int, text: str, faults: list[FieldError]) -> Status | None:
    if not text.strip():
        faults.append(_fault(number, "status", "required"))
        return None
    meaning = meaning_of(text, STATUSES)
    if meaning is None:
        faults.append(_fault(number, "status", "choice"))
        return None
    return Status(meaning)


def _fault(row: int, column: str, code: str, detail: str = "") -> FieldError:
    return FieldError(f"/rows/{row}/{column}", code, detail)
