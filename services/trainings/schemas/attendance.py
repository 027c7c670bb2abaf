"""Attendance: commands in, wire form out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.common import clock, errors
from services.common.contracts.trainings import attendance as contract
from services.common.contracts.trainings.attendance_errors import (
    MARK_CONFLICT,
    NOT_ENROLLED,
    SESSION_NOT_BEGUN,
    SESSION_UNKNOWN,
)
from services.common.errors import ErrorCode
from services.common.history.wire import ListHistory
from services.common.lists import after_version, page_to_wire
from services.trainings.domain import attendance
from services.trainings.domain.attendance import Attendance, Mark, Received, Refusal, Status
from services.trainings.domain.settlements import StoredSettlement, settlement_id
from services.trainings.schemas import Request

#: The code that a mark is refused with, as the answer to its batch names it.
_CODES: Mapping[Refusal, ErrorCode] = {
    Refusal.CONFLICT: MARK_CONFLICT,
    Refusal.NOT_ENROLLED: NOT_ENROLLED,
    Refusal.NOT_BEGUN: SESSION_NOT_BEGUN,
    Refusal.NO_SUCH_SESSION: SESSION_UNKNOWN,
}

_record_marks = contract.RecordMarks()
_of_cohort = contract.OfCohort()
_of_session = contract.OfSession()
_of_place = contract.OfPlace()
_settle = contract.SettleAttendance()
_list_contradictions = contract.ListContradictions()
_list_history = contract.ListHistoryOfPlace()


@dataclass(frozen=True, slots=True)
class MarkDetails:
    id: str
    session_id: str
    person_id: str
    status: Status
    marked_at: datetime


@dataclass(frozen=True, slots=True)
class RecordMarks:
    cohort_id: str
    device_id: str
    marks: tuple[MarkDetails, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """One person in one session."""

    cohort_id: str
    session_id: str
    person_id: str


@dataclass(frozen=True, slots=True)
class SettleAttendance:
    place: Place
    expected_version: int
    status: Status
    reason: str


@dataclass(frozen=True, slots=True)
class ListContradictions:
    cohort_id: str
    limit: int
    after: tuple[str, str] | None


@dataclass(frozen=True, slots=True)
class KnownEntry:
    """What is known of one person in one session, for staff.

    Attributes:
        name: ``None`` of a person who is not known any more.
        entry: ``None`` where there is neither a mark nor a settlement.
        session: ``None`` where the cohort has it no more.
    """

    session_id: str
    person_id: str
    name: str | None
    entry: attendance.Entry | None
    session: attendance.Session | None
    settled: StoredSettlement | None
    version: int


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """What the marks of a person add up to."""

    person_id: str
    name: str | None
    attendance: Attendance


def record_marks(request: Request) -> RecordMarks:
    data = _record_marks.load(request)
    marks = tuple(
        MarkDetails(
            each["id"],
            each["session_id"],
            each["person_id"],
            Status(each["status"]),
            each["marked_at"],
        )
        for each in data["marks"]
    )
    return RecordMarks(data["cohort_id"], data["device_id"], marks)


def cohort_of(request: Request) -> str:
    cohort_id: str = _of_cohort.load(request)["cohort_id"]
    return cohort_id


def session_of(request: Request) -> tuple[str, str]:
    data = _of_session.load(request)
    return data["cohort_id"], data["session_id"]


def place_of(request: Request) -> Place:
    return Place(**_of_place.load(request))


def settle_attendance(request: Request) -> SettleAttendance:
    data = _settle.load(request)
    place = Place(data["cohort_id"], data["session_id"], data["person_id"])
    return SettleAttendance(place, data["expected_version"], Status(data["status"]), data["reason"])


def list_contradictions(request: Request) -> ListContradictions:
    data = _list_contradictions.load(request)
    return ListContradictions(data["cohort_id"], data["limit"], _after_place(data["after"]))


def list_history(request: Request) -> tuple[Place, ListHistory]:
    data = _list_history.load(request)
    limit, after = data.pop("limit"), after_version(data.pop("after"))
    place = Place(**data)
    return place, ListHistory(settlement_id(place.session_id, place.person_id), limit, after)


def _after_place(position: list[Any] | None) -> tuple[str, str] | None:
    match position:
        case None:
            return None
        case [str(session_id), str(person_id)]:
            return session_id, person_id
    raise errors.Malformed(detail="not a position of this list")


# -- wire form -------------------------------------------------------------------------------------


def recorded_marks(sent: Sequence[MarkDetails], received: Sequence[Received]) -> dict[str, Any]:
    outcomes = [each.outcome for each in received]
    return {
        "marks": [
            {
                "id": mark.id,
                "outcome": each.outcome.value,
                "code": None if each.refusal is None else _CODES[each.refusal].code,
                "clock_suspect": each.clock_suspect,
            }
            for mark, each in zip(sent, received, strict=True)
        ],
        **{each.value: outcomes.count(each) for each in attendance.Outcome},
    }


def entry(value: KnownEntry) -> dict[str, Any]:
    known = value.entry
    marks = () if known is None else known.marks
    stored = [_stored(each, value.session) for each in marks]
    settled = value.settled
    status = None if known is None else known.status
    return {
        "session_id": value.session_id,
        "person_id": value.person_id,
        "name": value.name,
        "status": None if status is None else status.value,
        "contradictory": known is not None and known.is_contradiction,
        "clock_suspect": any(each["clock_suspect"] for each in stored),
        "late_minutes": _late_minutes(value, status),
        "marks": stored,
        "settlement": None
        if settled is None
        else {
            "status": settled.status.value,
            "decided_by": settled.decided_by,
            "decided_at": clock.to_wire(settled.decided_at),
            "reason": settled.reason,
        },
        "unseen": [] if known is None else list(known.unseen),
        "version": value.version,
    }


def _late_minutes(value: KnownEntry, status: Status | None) -> int | None:
    """By the mark that says least; ``None`` unless the person counts as late."""
    if value.entry is None or value.session is None or status is not Status.LATE:
        return None
    said = [attendance.lateness(each, value.session) for each in value.entry.marks]
    minutes = [each.total_seconds() // 60 for each in said if each is not None]
    return int(min(minutes)) if minutes else None


def _stored(mark: Mark, session: attendance.Session | None) -> dict[str, Any]:
    return {
        "id": mark.id,
        "status": mark.status.value,
        "marked_at": clock.to_wire(mark.marked_at),
        "received_at": clock.to_wire(mark.received_at),
        "device_id": mark.device_id,
        "marked_by": mark.marked_by,
        "clock_suspect": session is not None and attendance.is_clock_suspect(mark, session),
    }


def session_attendance(
    cohort_id: str, session_id: str, entries: Sequence[KnownEntry]
) -> dict[str, Any]:
    return {
        "cohort_id": cohort_id,
        "session_id": session_id,
        "items": [entry(each) for each in entries],
    }


def entry_page(entries: Sequence[KnownEntry], limit: int) -> dict[str, Any]:
    return page_to_wire(entries, limit, entry, lambda each: [each.session_id, each.person_id])


def person(value: KnownPerson) -> dict[str, Any]:
    of = value.attendance
    return {
        "person_id": value.person_id,
        "name": value.name,
        "attended": list(of.attended),
        "missed": list(of.missed),
        "excused": list(of.excused),
        "not_enrolled": list(of.not_enrolled),
        "open": list(of.open),
        "counted": of.counted,
        "percent": None if of.share is None else round(float(of.share * 100), 1),
    }


def cohort_attendance(cohort_id: str, people: Sequence[KnownPerson]) -> dict[str, Any]:
    return {"cohort_id": cohort_id, "items": [person(each) for each in people]}
