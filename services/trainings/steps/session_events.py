"""What becomes of the sessions of an announced cohort: an event for each, with its people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from services.common import clock
from services.common.context import Caller
from services.common.contracts.registry import EventType
from services.common.contracts.trainings import events
from services.common.rooms.requests import Place, RoomRequest
from services.common.storage.mongo import Session
from services.trainings.app import App
from services.trainings.domain.cohorts import Cohort, CohortSession
from services.trainings.domain.rooms import rooms_of
from services.trainings.domain.roster import Roster


def record_session_events(
    app: App,
    caller: Caller,
    session: Session,
    before: Cohort,
    after: Cohort,
    reason: str | None = None,
    *,
    earlier: RoomRequest | None = None,
) -> None:
    """Record what became of each session, if anybody may know of it.

    Args:
        before, after: the cohort, at the version before and after the change.
        reason: why, where a person has said so.
        earlier: the request for its rooms before the answer that this follows from; without it the
            rooms are those of now.
    """
    if after.roster is None:
        return
    request = app.rooms.of(after.id, session)
    was = rooms_held(before, request if earlier is None else earlier)
    now = rooms_held(after, request)
    teaching = app.assignments.live_of(after.id, session)
    centre = app.centres.get(after.centre_id, session)
    common = {
        "cohort_id": after.id,
        "course_id": after.course_id,
        "centre_id": after.centre_id,
        "centre_name": dict(centre.name),
        "time_zone": centre.time_zone,
        "title": dict(after.title),
        "people": _people_to_inform(app, session, after.roster),
        **({} if reason is None else {"reason": reason}),
        "version": after.version,
        "changed_by": caller.id,
    }
    for event_type, session_id, facts in _changes(before, after, was, now):
        old, new = before.session(session_id), after.session(session_id)
        stays = old is not None and new is not None and old.period == new.period
        trainers = sorted(each.trainer_id for each in teaching if each.teaches(session_id))
        app.outbox.record(
            session,
            event_type,
            subject=session_id,
            version=after.version,
            data=common | facts | {"trainers": trainers if stays else []},
            caller=caller,
        )


def _people_to_inform(app: App, session: Session, roster: Roster) -> list[str]:
    """Who has a seat or is offered one, and has an account that messages can go to."""
    ids = {each.person_id for each in roster.entries if each.takes_seat}
    found = app.participants.named(ids, session)
    return sorted(each.id for each in found.values() if each.has_account and not each.erased)


def rooms_held(cohort: Cohort, request: RoomRequest | None) -> dict[str, Place]:
    """Session id → the room that is held for it, where there is one."""
    return {
        session_id: room.place
        for session_id, room in rooms_of(cohort, request).items()
        if room is not None and room.place is not None
    }


def _changes(
    before: Cohort, after: Cohort, was: dict[str, Place], now: dict[str, Place]
) -> Iterator[tuple[EventType, str, dict[str, Any]]]:
    """What became of each session: the event, the session's id, and its facts.

    Args:
        was, now: the rooms that are held, by session.
    """
    for each in after.sessions:
        old, room = before.session(each.id), now.get(each.id)
        if old is None:
            yield events.SESSION_ADDED, each.id, _facts(each, room)
            continue
        left = was.get(each.id)
        # A room that is lost is a task of staff; people get a message about the one in its place.
        elsewhere = room is not None and (left is None or left.space_id != room.space_id)
        if elsewhere or (old.period, old.elsewhere) != (each.period, each.elsewhere):
            previous = {
                f"previous_{name}": value
                for name, value in _facts(old, left).items()
                if name != "session_id"
            }
            yield events.SESSION_MOVED, each.id, _facts(each, room) | previous
    for each in before.sessions:
        if after.session(each.id) is None:
            yield events.SESSION_REMOVED, each.id, _facts(each, was.get(each.id))


def _facts(session: CohortSession, room: Place | None) -> dict[str, Any]:
    return {
        "session_id": session.id,
        "starts_at": clock.to_wire(session.starts_at),
        "ends_at": clock.to_wire(session.ends_at),
        "elsewhere": None if session.elsewhere is None else dict(session.elsewhere),
        "room": None if room is None else dict(room.space_name),
    }
