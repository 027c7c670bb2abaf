"""What a change of a session does at once, and what waits for its room."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from services.common.contracts.trainings.room_errors import MOVE_AWAITED
from services.trainings.domain.cohorts import CohortSession, Move

_OF_ROOM = ("starts_at", "ends_at", "elsewhere", "space_id", "features")


def change_session_of_cohort(
    session: CohortSession, changes: Mapping[str, Any], *, stays: bool, now: datetime
) -> CohortSession:
    """The session after a change; itself where nothing differs.

    Args:
        changes: what was said.
        stays: whether it keeps its time and its room until bookings has granted the new ones.

    Raises:
        errors.Conflict: ``trainings.move_awaited``, if one move of it awaits its room.
    """
    before = session.wanted
    after = replace(before, **changes)
    said = [name for name in _OF_ROOM if name in changes]
    if all(getattr(after, name) == getattr(before, name) for name in said):
        # What was refused is dismissed as soon as a person says where the session is.
        dismissed = bool(said) and session.move is not None and session.move.refused
        return replace(session, title=after.title, move=None if dismissed else session.move)
    if after.elsewhere is not None:
        return replace(after, move=None, room_asked_at=None)
    if session.awaits_room:
        raise MOVE_AWAITED()
    if not stays:
        return replace(after, move=None, room_asked_at=now)
    move = Move(after.starts_at, after.ends_at, after.space_id, after.features, since=now)
    return replace(
        session, title=after.title, move=move, room_asked_at=session.room_asked_at or now
    )
