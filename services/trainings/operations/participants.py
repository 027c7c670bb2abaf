"""Participants: what staff see and correct, and which records may be of one person."""

from __future__ import annotations

from services.common import authorisation, errors
from services.common.context import Call
from services.common.contracts.trainings.participants_errors import PARTICIPANT_GONE, SAME_RECORD
from services.common.errors import FieldError
from services.common.history.changes import Change, subject_of
from services.common.history.wire import ListHistory
from services.common.lists import one_more
from services.common.storage.mongo import Session
from services.trainings.app import App
from services.trainings.domain import permissions
from services.trainings.domain.duplicates import (
    DifferentPeople,
    Proposal,
    propose_duplicates,
)
from services.trainings.domain.participants import Participant
from services.trainings.schemas.participants import (
    ChangeParticipant,
    ListDuplicates,
    ListParticipants,
    MarkDifferent,
)
from services.trainings.steps.participant_events import save_participant
from services.trainings.store.participants import different_people_of, record_of


def find_participants(app: App, call: Call, query: ListParticipants) -> list[Participant]:
    """Participants by id, one more than a page where there are more; without the records that were
    merged or erased.

    Raises:
        errors.Unauthenticated, errors.Forbidden: for anybody but staff.
    """
    authorisation.check_is_staff(call.caller)
    return app.participants.find(
        organisation_id=query.organisation_id,
        search=query.search,
        after=query.after,
        limit=one_more(query.limit),
    )


def get_participant(app: App, call: Call, participant_id: str) -> Participant:
    """One participant, for staff and the person.

    Raises:
        errors.Unauthenticated: for a visitor.
        errors.NotFound: if there is none, or the caller may not see it.
    """
    permissions.check_may_see_participant(call.caller, participant_id)
    return app.participants.get(participant_id)


def change_participant(app: App, call: Call, command: ChangeParticipant) -> Participant:
    """Correct what is known of a participant. A request that changes nothing gives it as it is.

    Raises:
        errors.Unauthenticated, errors.Forbidden: for anybody but staff.
        errors.NotFound: if there is none.
        errors.Stale: it is not at the expected version any more.
        errors.Conflict: ``trainings.participant_gone``.
    """
    authorisation.check_is_staff(call.caller)

    def work(session: Session) -> Participant:
        before = app.participants.get(command.id, session)
        if before.version != command.expected_version:
            raise errors.Stale()
        after = before.changed(command.changes)
        if after is not before:
            save_participant(app, call.caller, session, before, after, command.reason)
        return after

    return app.database.transact(work)


def participant_history(app: App, call: Call, query: ListHistory) -> list[Change]:
    """Who changed what of a participant, when and why; oldest first, one more than a page where
    there are more.

    Raises:
        errors.Unauthenticated, errors.Forbidden: for anybody but staff.
        errors.NotFound: if there is none.
    """
    authorisation.check_is_staff(call.caller)
    participant = app.participants.get(query.id)
    return app.history.of(subject_of(participant), after=query.after, limit=one_more(query.limit))


def find_duplicates(
    app: App, call: Call, query: ListDuplicates
) -> tuple[list[Proposal], dict[str, Participant]]:
    """Pairs of records that may be of one person, the strongest reason first, and the records by
    id; one pair more than a page where there are more.

    Raises:
        errors.Unauthenticated, errors.Forbidden: for anybody but staff.
    """
    authorisation.check_is_staff(call.caller)
    alike = {each.id: each for each in app.participants.alike()}
    different = [each.pair for each in app.different_people.of(alike)]
    found = propose_duplicates((record_of(each) for each in alike.values()), different)
    if query.after is not None:
        position = query.after
        found = [each for each in found if each.position > position]
    return found[: one_more(query.limit)], alike


def mark_different(app: App, call: Call, command: MarkDifferent) -> DifferentPeople:
    """Remember that two records are of two people, so that nobody is asked again. Said twice, the
    first decision stands.

    Raises:
        errors.Unauthenticated, errors.Forbidden: for anybody but staff.
        errors.NotFound: if there is no such record.
        errors.Invalid: ``trainings.same_record``.
        errors.Conflict: ``trainings.participant_gone``: one was merged, perhaps with the other at
            the same time, or erased.
    """
    authorisation.check_is_staff(call.caller)

    def work(session: Session) -> DifferentPeople:
        pair = (command.id, command.other_id)
        # A merge writes both records, and would not see the decision.
        app.participants.lock(session, pair)
        records = [app.participants.get(each, session) for each in pair]
        if command.id == command.other_id:
            raise SAME_RECORD(errors=[FieldError("/other_id", SAME_RECORD.code)])
        if not all(each.is_current for each in records):
            raise PARTICIPANT_GONE()
        app.different_people.put(
            session, different_people_of(pair, call.caller.id, app.clock.now())
        )
        return app.different_people.of_pair(command.id, command.other_id, session)

    return app.database.transact(work)
