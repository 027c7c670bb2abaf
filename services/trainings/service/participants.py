"""RPC methods of participants."""

from __future__ import annotations

from typing import Any

from services.common.history.wire import history_page, list_history
from services.common.messaging.rpc import rpc
from services.trainings.operations import merging, participants
from services.trainings.schemas import id_of
from services.trainings.schemas import participants as participant_schemas
from services.trainings.service.methods import Methods


class ParticipantMethods(Methods):
    @rpc
    def list_participants(self, request: dict[str, Any]) -> dict[str, Any]:
        query = participant_schemas.list_participants(request)
        found = participants.find_participants(self.app, self.call, query)
        return participant_schemas.participant_page(found, query.limit)

    @rpc
    def get_participant(self, request: dict[str, Any]) -> dict[str, Any]:
        found = participants.get_participant(self.app, self.call, id_of(request))
        return participant_schemas.participant(found)

    @rpc
    def change_participant(self, request: dict[str, Any]) -> dict[str, Any]:
        command = participant_schemas.change_participant(request)
        changed = participants.change_participant(self.app, self.call, command)
        return participant_schemas.participant(changed)

    @rpc
    def participant_history(self, request: dict[str, Any]) -> dict[str, Any]:
        query = list_history(request)
        found = participants.participant_history(self.app, self.call, query)
        return history_page(found, query.limit)

    @rpc
    def list_duplicates(self, request: dict[str, Any]) -> dict[str, Any]:
        query = participant_schemas.list_duplicates(request)
        found, people = participants.find_duplicates(self.app, self.call, query)
        return participant_schemas.duplicate_page(found, people, query.limit)

    @rpc
    def mark_different(self, request: dict[str, Any]) -> dict[str, Any]:
        command = participant_schemas.mark_different(request)
        decision = participants.mark_different(self.app, self.call, command)
        return participant_schemas.different_people(decision)

    @rpc
    def merge_participants(self, request: dict[str, Any]) -> dict[str, Any]:
        command = participant_schemas.merge_participants(request)
        kept, moves = merging.merge_participants(self.app, self.call, command)
        return participant_schemas.merge(kept, command.merged_id, moves)
