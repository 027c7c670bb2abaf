"""RPC methods of timelines."""

from __future__ import annotations

from typing import Any

from services.common.messaging.rpc import rpc
from services.trainings.operations import timeline
from services.trainings.schemas import timeline as timeline_schemas
from services.trainings.service.methods import Methods


class TimelineMethods(Methods):
    @rpc
    def participant_timeline(self, request: dict[str, Any]) -> dict[str, Any]:
        query = timeline_schemas.of_participant(request)
        found = timeline.participant_timeline(self.app, self.call, query)
        return timeline_schemas.timeline_page(found.lines, found.cohorts, found.people, query.limit)

    @rpc
    def organisation_timeline(self, request: dict[str, Any]) -> dict[str, Any]:
        query = timeline_schemas.of_organisation(request)
        found = timeline.organisation_timeline(self.app, self.call, query)
        return timeline_schemas.timeline_page(found.lines, found.cohorts, found.people, query.limit)
