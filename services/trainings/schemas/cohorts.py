"""Cohorts and sessions: commands in, wire form out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from services.common import clock
from services.common.contracts.trainings import cohorts as contract
from services.common.lists import after_id, by_id, page_to_wire
from services.common.rooms.requests import RoomRequest
from services.trainings.domain.catalogue import Name
from services.trainings.domain.centres import Centre
from services.trainings.domain.cohorts import (
    CentreFloor,
    Cohort,
    Floors,
    Mode,
    eligibility_to_wire,
    floors_to_wire,
)
from services.trainings.domain.eligibility import Rule, RuleKind
from services.trainings.domain.rooms import Room, RoomStatus, rooms_of
from services.trainings.schemas import Request, instant

_list_cohorts = contract.ListCohorts()
_create_cohort = contract.CreateCohort()
_copy_cohort = contract.CopyCohort()
_change_cohort = contract.ChangeCohort()
_add_session = contract.AddSession()
_change_session = contract.ChangeSession()
_remove_session = contract.RemoveSession()
_act_on_cohort = contract.ActOnCohort()
_cancel_cohort = contract.CancelCohort()


@dataclass(frozen=True, slots=True)
class ListCohorts:
    centre_id: str | None
    topic_id: str | None
    course_id: str | None
    status: str | None
    search: str | None
    limit: int
    after: str | None


@dataclass(frozen=True, slots=True)
class SessionDetails:
    starts_at: datetime
    ends_at: datetime
    title: Name | None
    elsewhere: Name | None
    space_id: str | None
    features: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateCohort:
    course_id: str
    centre_id: str
    title: Name | None
    mode: Mode
    language: str
    capacity: int
    cap_per_organisation: int | None
    floors: Floors | None
    eligibility: tuple[Rule, ...]
    offer_hours: int
    applications_open_at: datetime | None
    applications_close_at: datetime | None
    sessions: tuple[SessionDetails, ...]


@dataclass(frozen=True, slots=True)
class CopyCohort:
    id: str
    starts_on: date
    centre_id: str | None


@dataclass(frozen=True, slots=True)
class ChangeCohort:
    """``changes`` holds what was said."""

    id: str
    expected_version: int
    changes: Mapping[str, Any]
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class AddSession:
    cohort_id: str
    session: SessionDetails


@dataclass(frozen=True, slots=True)
class ChangeSession:
    """``changes`` holds what was said."""

    id: str
    expected_version: int
    session_id: str
    changes: Mapping[str, Any]
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class RemoveSession:
    id: str
    expected_version: int
    session_id: str
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class ActOnCohort:
    id: str
    expected_version: int


@dataclass(frozen=True, slots=True)
class CancelCohort:
    id: str
    expected_version: int
    reason: Name


def list_cohorts(request: Request) -> ListCohorts:
    data = _list_cohorts.load(request)
    after = data.pop("after")
    return ListCohorts(**data, after=after_id(after))


def create_cohort(request: Request) -> CreateCohort:
    data = _create_cohort.load(request)
    sessions = tuple(_session(each) for each in data.pop("sessions"))
    return CreateCohort(**_domain(data), sessions=sessions)


def copy_cohort(request: Request) -> CopyCohort:
    return CopyCohort(**_copy_cohort.load(request))


def change_cohort(request: Request) -> ChangeCohort:
    data = _change_cohort.load(request)
    return ChangeCohort(
        id=data.pop("id"),
        expected_version=data.pop("expected_version"),
        reason=data.pop("reason"),
        changes=_domain(data),
    )


def add_session(request: Request) -> AddSession:
    data = _add_session.load(request)
    return AddSession(data.pop("cohort_id"), _session(data))


def change_session(request: Request) -> ChangeSession:
    data = _change_session.load(request)
    return ChangeSession(
        id=data.pop("id"),
        expected_version=data.pop("expected_version"),
        session_id=data.pop("session_id"),
        reason=data.pop("reason"),
        changes=_with_features(data),
    )


def remove_session(request: Request) -> RemoveSession:
    return RemoveSession(**_remove_session.load(request))


def act_on_cohort(request: Request) -> ActOnCohort:
    return ActOnCohort(**_act_on_cohort.load(request))


def cancel_cohort(request: Request) -> CancelCohort:
    return CancelCohort(**_cancel_cohort.load(request))


def _domain(data: Mapping[str, Any]) -> dict[str, Any]:
    """What was said, as a cohort has it."""
    said = dict(data)
    if "mode" in said:
        said["mode"] = Mode(said["mode"])
    if said.get("floors") is not None:
        said["floors"] = _floors(said["floors"])
    if "eligibility" in said:
        said["eligibility"] = tuple(
            Rule(RuleKind(each["kind"]), tuple(each["values"])) for each in said["eligibility"]
        )
    return said


def _floors(data: Mapping[str, Any]) -> Floors:
    centres = tuple(CentreFloor(**each) for each in data["centres"])
    return Floors(data["women"], centres, data["released_at"])


def _session(data: Mapping[str, Any]) -> SessionDetails:
    return SessionDetails(**_with_features(data))


def _with_features(data: Mapping[str, Any]) -> dict[str, Any]:
    said = dict(data)
    if "features" in said:
        said["features"] = tuple(sorted(set(said["features"])))
    return said


# -- wire form -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CohortShown:
    """A cohort as a caller may see it.

    Attributes:
        request: of its rooms.
        inside: whether all that is known of its rooms is shown, as to staff and trainers.
    """

    cohort: Cohort
    centre: Centre
    request: RoomRequest | None
    inside: bool


def cohort(shown: CohortShown) -> dict[str, Any]:
    value, centre = shown.cohort, shown.centre
    rooms = rooms_of(value, shown.request)
    return {
        "id": value.id,
        "course_id": value.course_id,
        "topic_id": value.topic_id,
        "centre_id": value.centre_id,
        "centre_name": dict(centre.name),
        "time_zone": centre.time_zone,
        "title": dict(value.title),
        "mode": value.mode.value,
        "language": value.language,
        "status": value.status.value,
        "sessions": [
            {
                "id": each.id,
                **each.facts,
                "room": _room(rooms[each.id], inside=shown.inside),
            }
            for each in value.sessions
        ],
        "capacity": value.capacity,
        "cap_per_organisation": value.cap_per_organisation,
        "floors": floors_to_wire(value.floors),
        "eligibility": eligibility_to_wire(value.eligibility),
        "offer_hours": value.offer_hours,
        "applications_open_at": instant(value.applications_open_at),
        "applications_close_at": instant(value.applications_close_at),
        "cancellation_reason": None
        if value.cancellation_reason is None
        else dict(value.cancellation_reason),
        "forms": dict(value.forms),
        "version": value.version,
    }


def _room(value: Room | None, *, inside: bool) -> dict[str, Any] | None:
    """The room of a session; for others than staff and trainers, one that is held or nothing."""
    if value is None:
        return None
    place = value.place
    space = (
        None
        if place is None
        else {
            "space_id": place.space_id,
            "name": dict(place.space_name),
            "booking_id": place.booking_id,
        }
    )
    if not inside:
        value = Room(RoomStatus.GRANTED, None)
        if space is None:
            return None
    asked = value.asked
    return {
        "status": value.status.value,
        "since": instant(value.since),
        "asked": None
        if asked is None
        else {
            "starts_at": clock.to_wire(asked.starts_at),
            "ends_at": clock.to_wire(asked.ends_at),
            "space_id": asked.space_id,
            "features": list(asked.features),
        },
        "space": space,
        "code": value.code,
        "alternatives": [dict(each) for each in value.alternatives],
        "reason": value.reason,
    }


def cohort_page(values: Sequence[CohortShown], limit: int) -> dict[str, Any]:
    return page_to_wire(values, limit, cohort, lambda each: by_id(each.cohort))


def event_sessions(value: Cohort) -> list[dict[str, Any]]:
    """The sessions as events have them."""
    return [
        {
            "session_id": each.id,
            "starts_at": clock.to_wire(each.starts_at),
            "ends_at": clock.to_wire(each.ends_at),
            "elsewhere": None if each.elsewhere is None else dict(each.elsewhere),
        }
        for each in value.sessions
    ]
