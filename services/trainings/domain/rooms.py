"""The rooms of a cohort's sessions: what is requested of bookings, and what its answer means.

A time is in force from its grant on: a session whose room moves keeps its old time and its old room
until bookings has granted the new ones, and keeps both where bookings refuses (docs/rooms.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from services.common.rooms.requests import Item, Place, RoomRequest, Status
from services.trainings.domain.cohort_states import HOLDS_ITS_SESSIONS
from services.trainings.domain.cohorts import Cohort, CohortSession, Move


class RoomStatus(StrEnum):
    """Where the room of a session stands."""

    AWAITING = "awaiting"
    GRANTED = "granted"
    REFUSED = "refused"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Room:
    """What is known of the room of one session.

    Attributes:
        since: when it was requested; ``None`` where nobody has noted it.
        asked: what is requested, or was and is refused; ``None`` where it is the session as it is.
        place: the room that is held at the time in force.
        code: why it was refused.
        alternatives: what could be had in place of a room that was refused or taken away.
        reason: why a room was taken away, in words.
    """

    status: RoomStatus
    since: datetime | None
    asked: Move | None = None
    place: Place | None = None
    code: str | None = None
    alternatives: tuple[Mapping[str, Any], ...] = ()
    reason: str | None = None


def items_of(
    cohort: Cohort, request: RoomRequest | None, trainers: Mapping[str, int], now: datetime
) -> tuple[Item, ...]:
    """What a cohort wants of bookings: a room for each session that is not elsewhere.

    What has begun cannot be moved: it is wanted word for word as before where it is held, and not
    at all where it is not.

    Args:
        request: the one that the cohort has.
        trainers: session id → how many trainers come; at least one is reckoned with.
    """
    before = {each.item_id: each for each in request.items} if request is not None else {}
    items = []
    for each in cohort.sessions:
        if each.starts_at <= now:
            if request is not None and request.place_of(each.id) and each.id in before:
                items.append(before[each.id])
            continue
        wanted = each.wanted
        if wanted.elsewhere is not None:
            continue
        items.append(
            Item(
                item_id=each.id,
                centre_id=cohort.centre_id,
                starts_at=wanted.starts_at,
                ends_at=wanted.ends_at,
                people=cohort.capacity + max(1, trainers.get(each.id, 0)),
                space_id=wanted.space_id,
                features=wanted.features,
            )
        )
    return tuple(items)


def holds_room(session: CohortSession, request: RoomRequest | None) -> bool:
    """Whether a room is held for a session at the time in force."""
    return _place_in_force(session, request) is not None


def sessions_without_room(cohort: Cohort, request: RoomRequest | None) -> list[CohortSession]:
    """The sessions that are to be in a room of the centre and have none."""
    return [
        each for each in cohort.sessions if each.elsewhere is None and not holds_room(each, request)
    ]


def follow_answer(cohort: Cohort, request: RoomRequest) -> Cohort:
    """The cohort after its request has come to rest; itself where no move was awaited.

    A move whose room is held is in force from now on. Any other is refused, and the session stays
    where it is.
    """
    if request.status is Status.AWAITING:
        return cohort
    sessions = tuple(_settled(each, request) for each in cohort.sessions)
    if sessions == cohort.sessions:
        return cohort
    ordered = tuple(sorted(sessions, key=lambda each: (each.starts_at, each.id)))
    return replace(cohort, sessions=ordered)


def room_of(session: CohortSession, request: RoomRequest | None) -> Room | None:
    """The room of a session; ``None`` for one that is elsewhere and stays there."""
    move = session.move
    place = _place_in_force(session, request)
    if move is not None:
        status = RoomStatus.REFUSED if move.refused else RoomStatus.AWAITING
        return Room(status, move.since, move, place, move.code, move.alternatives)
    if session.elsewhere is not None:
        return None
    since = session.room_asked_at
    if place is not None:
        return Room(RoomStatus.GRANTED, since, place=place)
    return _without_place(session, request, since)


def rooms_of(cohort: Cohort, request: RoomRequest | None) -> dict[str, Room | None]:
    """Session id → its room; ``None`` for all where the cohort holds no sessions any more."""
    holds = cohort.status in HOLDS_ITS_SESSIONS
    return {each.id: room_of(each, request) if holds else None for each in cohort.sessions}


def _without_place(
    session: CohortSession, request: RoomRequest | None, since: datetime | None
) -> Room:
    """The room of a session that has none."""
    answer = None if request is None else request.answer
    if request is None or answer is None:
        return Room(RoomStatus.LOST if request is None else RoomStatus.AWAITING, since)
    if request.status is Status.REFUSED:
        code, alternatives = _problem(session.id, request)
        return Room(RoomStatus.REFUSED, since, code=code, alternatives=alternatives)
    if request.status in (Status.LOST, Status.FREED):
        _, alternatives = _problem(session.id, request)
        return Room(RoomStatus.LOST, since, alternatives=alternatives, reason=answer.reason)
    return Room(RoomStatus.AWAITING, since)


def _settled(session: CohortSession, request: RoomRequest) -> CohortSession:
    move = session.move
    if move is None or move.refused:
        return session
    place = request.place_of(session.id)
    if place is not None and (place.starts_at, place.ends_at) == (move.starts_at, move.ends_at):
        return session.moved
    code, alternatives = _problem(session.id, request)
    refused = replace(move, refused=True, code=code, alternatives=alternatives)
    return replace(session, move=refused)


def _place_in_force(session: CohortSession, request: RoomRequest | None) -> Place | None:
    place = None if request is None else request.place_of(session.id)
    if place is None or session.elsewhere is not None:
        return None
    held = (place.starts_at, place.ends_at) == (session.starts_at, session.ends_at)
    return place if held else None


def _problem(
    session_id: str, request: RoomRequest
) -> tuple[str | None, tuple[Mapping[str, Any], ...]]:
    """Why this session has no room, and what could be had instead. Where the answer names other
    sessions alone, its code stands for all: a version is granted whole or not at all."""
    answer = request.answer
    if answer is None:
        return None, ()
    for each in answer.problems:
        if each["item_id"] == session_id:
            return each["code"], tuple(each["alternatives"])
    return answer.code, ()
