"""The record of a participant that counts, over any number of merges."""

from __future__ import annotations

from services.common.storage.mongo import Session
from services.trainings.app import App
from services.trainings.domain.participants import Participant


def current_participant(
    app: App, participant_id: str, session: Session | None = None
) -> Participant | None:
    """The record that counts in place of this one; none where there is no such record, or it is
    erased."""
    found = app.participants.look_up(participant_id, session)
    seen = {participant_id}
    while found is not None and found.merged_into is not None and found.merged_into not in seen:
        seen.add(found.merged_into)
        found = app.participants.look_up(found.merged_into, session)
    return None if found is None or found.erased else found


def all_records(app: App, participant_id: str, session: Session | None = None) -> list[str]:
    """The ids of all records of a person: the one that counts first, then those that were merged
    into it."""
    return [participant_id, *sorted(app.participants.merged_into(participant_id, session))]
