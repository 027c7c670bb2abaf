"""Appointments: an adviser and the people of a case meet, at the centre, on site or remotely."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from services.common.clock import to_wire
from services.common.rooms.requests import Item, Place, RoomRequest, Status
from services.common.time.period import Period
from services.common.time.slots import on_whole_slots
from services.consultations.domain.adviser_times import Buffers
from services.consultations.domain.appointment_states import (
    LIVE,
    TRANSITIONS,
    AppointmentAction,
    AppointmentStatus,
)

# All rooms of consultations are requested alike, so that a request tells nothing of its case.
ROOM_LABEL = {"ar": "استشارات", "en": "Consultations"}
ROOM_PEOPLE = 6
ROOM_ITEM = "room"


class Mode(StrEnum):
    """Where an appointment takes place."""

    AT_CENTRE = "at_centre"
    ON_SITE = "on_site"
    REMOTE = "remote"


class RoomStatus(StrEnum):
    """Where the room of an appointment stands."""

    AWAITING = "awaiting"
    GRANTED = "granted"
    REFUSED = "refused"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Move:
    """A time that an appointment is to have and has not: bookings decides about its room.

    Attributes:
        refused: whether bookings has refused it; the appointment stays where it is.
        code, alternatives: why, and what could be had instead.
    """

    period: Period
    since: datetime
    refused: bool = False
    code: str | None = None
    alternatives: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Room:
    """What is known of the room of an appointment.

    Attributes:
        since: when it was requested.
        asked: the time that is requested, where it is not the one in force.
        code: why it was refused.
        alternatives: what could be had in place of a room that was refused or taken away.
    """

    status: RoomStatus
    since: datetime
    asked: Period | None = None
    place: Place | None = None
    code: str | None = None
    alternatives: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class AppointmentContent:
    """What people wrote: the part that a reader of the database is not to read.

    Attributes:
        place: where to meet on site, or how to meet remotely.
        reason: why it was cancelled, or was not held.
    """

    place: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Appointment:
    """One meeting of a case.

    Attributes:
        period: the time in force.
        buffers: taken around it.
        hours_id: the consulting hours that it takes place in, if it has no room of its own.
        move: a time that waits for its room.
        room_asked_at: when a room was requested first.
        agreed_by: who has made it.
        reminded_at: when its people were reminded of the time in force.
        changed_at: when what a calendar shows of it was changed last.
        sequence: how often that was (RFC 5545, 3.8.7.4).
    """

    kind: ClassVar[str] = "appointment"

    id: str
    case_id: str
    centre_id: str
    adviser_id: str
    mode: Mode
    period: Period
    buffers: Buffers
    agreed_by: str
    agreed_at: datetime
    changed_at: datetime
    content: AppointmentContent = AppointmentContent()
    hours_id: str | None = None
    move: Move | None = None
    room_asked_at: datetime | None = None
    status: AppointmentStatus = AppointmentStatus.AGREED
    reminded_at: datetime | None = None
    sequence: int = 0
    version: int = 1

    @property
    def live(self) -> bool:
        return self.status in LIVE

    @property
    def wants_room(self) -> bool:
        """Whether a room is requested for it."""
        return self.live and self.mode is Mode.AT_CENTRE and self.hours_id is None

    @property
    def pending(self) -> Move | None:
        """The move that bookings has not decided about."""
        return None if self.move is None or self.move.refused else self.move

    @property
    def times(self) -> tuple[Period, ...]:
        """When the adviser is claimed: while a move waits for its room, at both times."""
        if not self.live:
            return ()
        wanted = self.period if self.pending is None else self.pending.period
        return tuple(dict.fromkeys((self.period, wanted)))

    @property
    def facts(self) -> dict[str, Any]:
        """What its history speaks of, in wire form: no text."""
        return {
            "adviser_id": self.adviser_id,
            "mode": self.mode.value,
            "starts_at": to_wire(self.period.starts_at),
            "ends_at": to_wire(self.period.ends_at),
            "status": self.status.value,
        }

    def with_reason(self, reason: str | None) -> AppointmentContent:
        """Its content with why it was cancelled, or was not held."""
        return replace(self.content, reason=reason)

    def after(self, action: AppointmentAction, **changes: Any) -> Appointment:
        """The appointment after an action, one version further.

        Raises:
            errors.Conflict: ``consultations.appointment_not_allowed_now``.
        """
        status = TRANSITIONS.after(self.status, action)
        return replace(self, status=status, version=self.version + 1, **changes)

    def shown_anew(self, now: datetime) -> Appointment:
        """The appointment once a calendar shows something else."""
        return replace(self, sequence=self.sequence + 1, changed_at=now)

    def items(self) -> tuple[Item, ...]:
        """What is requested of bookings: one room, for whole quarters of an hour."""
        if not self.wants_room:
            return ()
        wanted = on_whole_slots(self.period if self.pending is None else self.pending.period)
        return (Item(ROOM_ITEM, self.centre_id, wanted.starts_at, wanted.ends_at, ROOM_PEOPLE),)


def follow_answer(before: Appointment, request: RoomRequest, now: datetime) -> Appointment:
    """The appointment after its request has come to rest; itself where no move was awaited.

    A move whose room is held is in force from now on. Any other is refused, and the appointment
    stays where it is.
    """
    pending = before.pending
    if pending is None or request.status is Status.AWAITING:
        return before
    if _place_at(request, pending.period) is not None:
        moved = before.after(
            AppointmentAction.ANSWER_ROOM, period=pending.period, move=None, reminded_at=None
        )
        return moved.shown_anew(now)
    code, alternatives = _problem(request)
    refused = replace(pending, refused=True, code=code, alternatives=alternatives)
    return before.after(AppointmentAction.ANSWER_ROOM, move=refused)


def room_of(appointment: Appointment, request: RoomRequest | None) -> Room | None:
    """The room of an appointment that requests one of its own; ``None`` for any other."""
    if not appointment.wants_room:
        return None
    since = appointment.room_asked_at or appointment.agreed_at
    place = None if request is None else _place_at(request, appointment.period)
    move = appointment.move
    if move is not None:
        status = RoomStatus.REFUSED if move.refused else RoomStatus.AWAITING
        return Room(status, move.since, move.period, place, move.code, move.alternatives)
    if place is not None:
        return Room(RoomStatus.GRANTED, since, place=place)
    if request is None or request.answer is None or request.status is Status.AWAITING:
        return Room(RoomStatus.AWAITING, since)
    if request.status is Status.REFUSED:
        code, alternatives = _problem(request)
        return Room(RoomStatus.REFUSED, since, code=code, alternatives=alternatives)
    _, alternatives = _problem(request)
    return Room(RoomStatus.LOST, since, alternatives=alternatives)


def place_of(appointment: Appointment, request: RoomRequest | None) -> Place | None:
    """The room that a calendar shows: of its own, held at the time in force."""
    room = room_of(appointment, request)
    return None if room is None else room.place


def _place_at(request: RoomRequest, period: Period) -> Place | None:
    place = request.place_of(ROOM_ITEM)
    wanted = on_whole_slots(period)
    held = place is not None and (place.starts_at, place.ends_at) == (
        wanted.starts_at,
        wanted.ends_at,
    )
    return place if held else None


def _problem(request: RoomRequest) -> tuple[str | None, tuple[Mapping[str, Any], ...]]:
    """Why there is no room, and what could be had instead."""
    answer = request.answer
    if answer is None:
        return None, ()
    for each in answer.problems:
        return each["code"], tuple(each["alternatives"])
    return answer.code, ()
