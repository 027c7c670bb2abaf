"""Two records of one person become one, in one transaction."""

from __future__ import annotations

from dataclasses import replace

from services.common import authorisation, errors
from services.common.context import Call
from services.common.contracts.trainings.participants_errors import (
    ACCOUNT_STAYS,
    KNOWN_AS_DIFFERENT,
    PARTICIPANT_GONE,
    SAME_RECORD,
)
from services.common.errors import FieldError
from services.common.storage.mongo import Session
from services.trainings.app import App
from services.trainings.domain.duplicates import different_after_merge
from services.trainings.domain.merging import MergeRefusal, Move, merge_refusal
from services.trainings.domain.participants import Participant
from services.trainings.schemas.participants import MergeParticipants
from services.trainings.steps.merge_progress import merge_progress
from services.trainings.steps.participant_events import save_participant
from services.trainings.store.participants import different_people_of

_REFUSALS = {
    MergeRefusal.SAME_RECORD: SAME_RECORD,
    MergeRefusal.KNOWN_AS_DIFFERENT: KNOWN_AS_DIFFERENT,
}


def merge_participants(
    app: App, call: Call, command: MergeParticipants
) -> tuple[Participant, tuple[Move, ...]]:
    """Make one record of two that are of one person. It cannot be undone.

    Returns:
        the record that stays, and what became of all that the other had.

    Raises:
        errors.Unauthenticated, errors.Forbidden: for anybody but a manager.
        errors.NotFound: if there is no such record.
        errors.Stale: the record that stays is not at the expected version any more.
        errors.Invalid: ``trainings.same_record``.
        errors.Conflict: ``trainings.participant_gone``, ``trainings.known_as_different``,
            ``trainings.account_stays``.
    """
    authorisation.check_is_manager(call.caller)

    def work(session: Session) -> tuple[Participant, tuple[Move, ...]]:
        kept = app.participants.get(command.id, session)
        merged = app.participants.get(command.merged_id, session)
        if kept.version != command.expected_version:
            raise errors.Stale()
        _check_may_merge(app, session, kept, merged)
        moves = merge_progress(app, call.caller, session, kept, merged)
        after = kept.completed_by(merged)
        save_participant(app, call.caller, session, kept, after, command.reason, action="merge")
        gone = replace(merged, merged_into=kept.id, version=merged.version + 1)
        save_participant(app, call.caller, session, merged, gone, command.reason, action="merge")
        _keep_decisions(app, session, kept.id, merged.id)
        return after, moves

    return app.database.transact(work)


def _check_may_merge(app: App, session: Session, kept: Participant, merged: Participant) -> None:
    """Raises:
    errors.Invalid, errors.Conflict: as of :func:`merge_participants`.
    """
    known = [each.pair for each in app.different_people.of([kept.id], session)]
    refusal = merge_refusal(kept.id, merged.id, known)
    if refusal is not None:
        code = _REFUSALS[refusal]
        raise code(errors=[FieldError("/merged_id", code.code)])
    if not (kept.is_current and merged.is_current):
        raise PARTICIPANT_GONE()
    if merged.has_account and not kept.has_account:
        raise ACCOUNT_STAYS(errors=[FieldError("/merged_id", ACCOUNT_STAYS.code)])


def _keep_decisions(app: App, session: Session, kept: str, merged: str) -> None:
    """Move to the record that stays who is known to be different from the one that goes."""
    known = {each.pair: each for each in app.different_people.of([merged], session)}
    app.different_people.remove(session, [each.id for each in known.values()])
    for before in known.values():
        (pair,) = different_after_merge([before.pair], kept, merged)
        app.different_people.put(
            session, different_people_of(pair, before.decided_by, before.decided_at)
        )
