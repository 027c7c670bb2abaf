"""RPC methods of needs studies."""

from __future__ import annotations

from typing import Any

from services.common.messaging.rpc import rpc
from services.consultations.operations import needs_studies
from services.consultations.schemas import id_of
from services.consultations.schemas import needs_studies as schemas
from services.consultations.service.methods import Methods


class NeedsStudyMethods(Methods):
    @rpc
    def list_needs_studies(self, request: dict[str, Any]) -> dict[str, Any]:
        query = schemas.list_needs_studies(request)
        found = needs_studies.find_needs_studies(self.app, self.call, query)
        return schemas.needs_study_page(found, query.limit)

    @rpc
    def get_needs_study(self, request: dict[str, Any]) -> dict[str, Any]:
        found = needs_studies.get_needs_study(self.app, self.call, id_of(request))
        return schemas.needs_study(*found)

    @rpc
    def create_needs_study(self, request: dict[str, Any]) -> dict[str, Any]:
        command = schemas.create_needs_study(request)
        made = needs_studies.create_needs_study(self.app, self.call, command)
        return schemas.needs_study(*made)

    @rpc
    def change_needs_study(self, request: dict[str, Any]) -> dict[str, Any]:
        command = schemas.change_needs_study(request)
        changed = needs_studies.change_needs_study(self.app, self.call, command)
        return schemas.needs_study(*changed)
