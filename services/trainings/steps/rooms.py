"""Requesting the rooms of a cohort, inside the transaction of what changes it."""

from __future__ import annotations

from typing import Any

from services.common.context import Caller
from services.common.rooms.requests import RoomRequest
from services.common.storage.mongo import Session
from services.trainings.app import App
from services.trainings.domain.cohort_states import HOLDS_ITS_SESSIONS
from services.trainings.domain.cohorts import Cohort
from services.trainings.domain.rooms import RoomStatus, items_of, rooms_of
from services.trainings.domain.tasks import TaskKind
from services.trainings.steps.tasks import update_tasks

ROOM_TASKS = (TaskKind.ROOMS_REFUSED, TaskKind.ROOMS_LOST, TaskKind.ROOMS_UNANSWERED)


def request_rooms(app: App, caller: Caller, session: Session, cohort: Cohort) -> None:
    """Request the rooms that a cohort wants now, and no others; what is the same stays."""
    request = app.rooms.of(cohort.id, session)
    items = items_of(cohort, request, _trainers(app, session, cohort), app.clock.now())
    after = app.rooms.request_rooms(session, cohort.id, cohort.title, items, caller)
    update_room_tasks(app, session, cohort, None if after and after.released else after)


def request_changed_rooms(
    app: App, caller: Caller, session: Session, before: Cohort, after: Cohort
) -> None:
    """Request rooms anew where a change of a cohort asks for others."""
    if _room_wishes(before) != _room_wishes(after):
        request_rooms(app, caller, session, after)


def release_rooms(app: App, caller: Caller, session: Session, cohort: Cohort) -> None:
    """Give all rooms of a cohort back, for good; there is nothing left to do about them."""
    app.rooms.release_rooms(session, cohort.id, caller)
    update_tasks(app, session, cohort, dict.fromkeys(ROOM_TASKS, ()))


def update_room_tasks(
    app: App, session: Session, cohort: Cohort, request: RoomRequest | None
) -> None:
    """Open and close the tasks that follow from where the rooms of a cohort stand."""
    wanted: dict[TaskKind, tuple[str, ...]] = dict.fromkeys(ROOM_TASKS, ())
    if cohort.status in HOLDS_ITS_SESSIONS:
        rooms = rooms_of(cohort, request)
        now = app.clock.now()
        to_come = [each.id for each in cohort.sessions if each.ends_at > now]
        by_status: dict[RoomStatus, list[str]] = {}
        for session_id in to_come:
            room = rooms[session_id]
            if room is not None:
                by_status.setdefault(room.status, []).append(session_id)
        wanted[TaskKind.ROOMS_REFUSED] = tuple(by_status.get(RoomStatus.REFUSED, ()))
        wanted[TaskKind.ROOMS_LOST] = tuple(by_status.get(RoomStatus.LOST, ()))
        if by_status.get(RoomStatus.AWAITING):
            # Only time opens this one; an answer closes it.
            del wanted[TaskKind.ROOMS_UNANSWERED]
    update_tasks(app, session, cohort, wanted)


def _trainers(app: App, session: Session, cohort: Cohort) -> dict[str, int]:
    """Session id → how many trainers come."""
    live = app.assignments.live_of(cohort.id, session)
    return {each.id: sum(it.teaches(each.id) for it in live) for each in cohort.sessions}


def _room_wishes(cohort: Cohort) -> Any:
    wanted = cohort.wanted.sessions
    return cohort.capacity, {
        each.id: (each.period, each.elsewhere, each.space_id, each.features) for each in wanted
    }
