"""The record of a participant that counts, over any number of merges."""

from __future__ import annotations

from services.common.storage.mongo import Session
from services.trainings.app import App
from services.trainings.domain.merging import current_id
from services.trainings.domain.participants import Participant


def current_record(
    app: App, participant_id: str, session: Session | None = None
) -> Participant | None:
    """The record that counts in place of this one, erased or not; none where there is no such
    record."""
    return app.participants.look_up(current_id_of(app, participant_id, session), session)


def current_id_of(app: App, participant_id: str, session: Session | None = None) -> str:
    """The id of the record that counts in place of this one; the same id where nothing is known
    of it."""
    return current_id(participant_id, app.participants.current_ids([participant_id], session))


def current_participant(
    app: App, participant_id: str, session: Session | None = None
) -> Participant | None:
    """The record that counts in place of this one; none where there is no such record, or it is
    erased."""
    found = current_record(app, participant_id, session)
    return None if found is None or found.erased else found


def all_records(app: App, participant_id: str, session: Session | None = None) -> list[str]:
    """The ids of all records of a person: the one that counts first, then those that were merged
    into it."""
    return [participant_id, *sorted(app.participants.merged_into(participant_id, session))]
