"""Appointments: commands in, wire form out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from services.common.clock import to_wire
from services.common.contracts.consultations import appointments as contract
from services.common.lists import after_time, by_time, page_to_wire
from services.common.rooms.requests import Place
from services.common.time.period import Period
from services.consultations.domain.appointments import Appointment, Mode, Room, RoomStatus
from services.consultations.schemas import Request

_list_appointments = contract.ListAppointments()
_agree_appointment = contract.AgreeAppointment()
_move_appointment = contract.MoveAppointment()
_hand_over = contract.HandOver()
_act_on_appointment = contract.ActOnAppointment()
_end_appointment = contract.EndAppointment()
_calendar_of = contract.CalendarOf()


@dataclass(frozen=True, slots=True)
class ListMeetings:
    """A page of appointments or visits."""

    case_id: str | None
    adviser_id: str | None
    status: str | None
    ends_after: datetime | None
    starts_before: datetime | None
    limit: int
    after: tuple[datetime, str] | None


@dataclass(frozen=True, slots=True)
class AgreeAppointment:
    case_id: str
    adviser_id: str | None
    mode: Mode
    period: Period
    place: str | None
    travel: timedelta


@dataclass(frozen=True, slots=True)
class MoveMeeting:
    id: str
    expected_version: int
    period: Period


@dataclass(frozen=True, slots=True)
class HandOver:
    id: str
    expected_version: int
    adviser_id: str


@dataclass(frozen=True, slots=True)
class ActOnMeeting:
    id: str
    expected_version: int


@dataclass(frozen=True, slots=True)
class EndMeeting:
    id: str
    expected_version: int
    reason: str | None


@dataclass(frozen=True, slots=True)
class CalendarOf:
    id: str
    language: str


@dataclass(frozen=True, slots=True)
class Shown:
    """What is known of an appointment beside itself.

    Attributes:
        time_zone: of its centre.
        room: of its own, if it requests one.
        place: the room of the consulting hours that it takes place in.
    """

    time_zone: str
    room: Room | None = None
    place: Place | None = None


def list_appointments(request: Request) -> ListMeetings:
    return meetings_of(_list_appointments.load(request))


def meetings_of(data: dict[str, Any]) -> ListMeetings:
    """The query of a list of appointments or visits, as it was loaded."""
    after = data.pop("after")
    return ListMeetings(**data, after=after_time(after))


def agree_appointment(request: Request) -> AgreeAppointment:
    data = _agree_appointment.load(request)
    return AgreeAppointment(
        case_id=data["case_id"],
        adviser_id=data["adviser_id"],
        mode=Mode(data["mode"]),
        period=Period(data["starts_at"], data["ends_at"]),
        place=data["place"],
        travel=timedelta(minutes=data["travel_minutes"]),
    )


def move_appointment(request: Request) -> MoveMeeting:
    return move_of(_move_appointment.load(request))


def move_of(data: dict[str, Any]) -> MoveMeeting:
    """The command that moves an appointment or a visit, as it was loaded."""
    period = Period(data["starts_at"], data["ends_at"])
    return MoveMeeting(data["id"], data["expected_version"], period)


def hand_over(request: Request) -> HandOver:
    return HandOver(**_hand_over.load(request))


def act_on_appointment(request: Request) -> ActOnMeeting:
    return ActOnMeeting(**_act_on_appointment.load(request))


def end_appointment(request: Request) -> EndMeeting:
    return EndMeeting(**_end_appointment.load(request))


def calendar_of(request: Request) -> CalendarOf:
    return CalendarOf(**_calendar_of.load(request))


def appointment(value: Appointment, shown: Shown) -> dict[str, Any]:
    return {
        "id": value.id,
        "case_id": value.case_id,
        "centre_id": value.centre_id,
        "adviser_id": value.adviser_id,
        "mode": value.mode.value,
        **period_to_wire(value.period),
        "time_zone": shown.time_zone,
        "place": value.content.place,
        "room": _room(value, shown),
        "status": value.status.value,
        "agreed_by": value.agreed_by,
        "agreed_at": to_wire(value.agreed_at),
        "reason": value.content.reason,
        "version": value.version,
    }


def appointment_page(
    values: Sequence[Appointment], shown: Mapping[str, Shown], limit: int
) -> dict[str, Any]:
    return page_to_wire(
        values,
        limit,
        lambda each: appointment(each, shown[each.id]),
        lambda each: by_time(each.period.starts_at, each.id),
    )


def period_to_wire(period: Period) -> dict[str, str]:
    return {"starts_at": to_wire(period.starts_at), "ends_at": to_wire(period.ends_at)}


def space_to_wire(place: Place | None) -> dict[str, Any] | None:
    """The room that is held."""
    if place is None:
        return None
    return {"space_id": place.space_id, "name": dict(place.space_name)}


def _room(value: Appointment, shown: Shown) -> dict[str, Any] | None:
    if shown.room is not None:
        room = shown.room
        return {
            "status": room.status.value,
            "since": to_wire(room.since),
            "asked": None if room.asked is None else period_to_wire(room.asked),
            "space": space_to_wire(room.place),
            "code": room.code,
            "alternatives": [dict(each) for each in room.alternatives],
        }
    if value.hours_id is None or not value.live:
        return None
    status = RoomStatus.LOST if shown.place is None else RoomStatus.GRANTED
    return {
        "status": status.value,
        "since": to_wire(value.agreed_at),
        "asked": None,
        "space": space_to_wire(shown.place),
        "code": None,
        "alternatives": [],
    }
