"""What two records of one person attended, counted once for each session."""

from __future__ import annotations

from dataclasses import replace

from services.common.context import Caller
from services.common.storage.mongo import Session
from services.trainings.app import App
from services.trainings.domain import merging
from services.trainings.domain.attendance import Entry, Settlement
from services.trainings.domain.merging import SETTLED_BY_MERGE, Move, Moved
from services.trainings.domain.settlements import StoredSettlement, settlement_id
from services.trainings.steps.known_attendance import attendance_in
from services.trainings.steps.settlements import save_settlement


def merge_attendance(
    app: App, caller: Caller, session: Session, kept: str, merged: str
) -> list[Move]:
    """Settle each session in which the record that goes was marked, for the one that stays. Marks
    keep the record that a phone sent, so that sending them again is no conflict.

    Returns:
        what became of each session.
    """
    moves: list[Move] = []
    for cohort_id in sorted(
        {each.cohort_id for each in app.applications.of_participant(merged, session)}
    ):
        mine = _entries(app, session, cohort_id, kept)
        theirs = _entries(app, session, cohort_id, merged)
        plan = merging.merge_attendance(
            mine, theirs, person_id=kept, now=app.clock.now(), by=caller.id
        )
        settled = {each.session_id: each for each in plan.settlements}
        for move in plan.moves:
            if move.moved is Moved.ATTENDANCE_MOVED and move.after is not None:
                seen = frozenset(each.id for each in theirs[move.of].marks)
                settled[move.of] = Settlement(
                    move.of, kept, move.after, caller.id, SETTLED_BY_MERGE, app.clock.now(), seen
                )
        for each in settled.values():
            _save(app, caller, session, cohort_id, each)
        # A session is found by its cohort alone.
        moves += [replace(each, cohort_id=cohort_id) for each in plan.moves]
    return moves


def _entries(app: App, session: Session, cohort_id: str, person_id: str) -> dict[str, Entry]:
    """What is known of a person in a cohort, by the session's id."""
    found = attendance_in(app, cohort_id, session, person_id=person_id).entries
    return {session_id: entry for (session_id, _), entry in found.items()}


def _save(
    app: App, caller: Caller, session: Session, cohort_id: str, settlement: Settlement
) -> None:
    key = settlement_id(settlement.session_id, settlement.person_id)
    before = app.settlements.look_up(key, session)
    said = (
        settlement.status,
        settlement.decided_by,
        settlement.reason,
        settlement.decided_at,
        tuple(sorted(settlement.seen)),
    )
    after = (
        before.next(*said)
        if before is not None
        else StoredSettlement(key, cohort_id, settlement.session_id, settlement.person_id, *said)
    )
    save_settlement(app, caller, session, before, after)
