"""RPC methods of cases."""

from __future__ import annotations

from typing import Any

from services.common.history.wire import history_page, list_history
from services.common.messaging.rpc import rpc
from services.consultations.operations import case_drafts, cases
from services.consultations.schemas import case_drafts as draft_schemas
from services.consultations.schemas import cases as schemas
from services.consultations.schemas import id_of
from services.consultations.service.methods import Methods


class CaseMethods(Methods):
    @rpc
    def list_cases(self, request: dict[str, Any]) -> dict[str, Any]:
        query = schemas.list_cases(request)
        return schemas.case_page(cases.find_cases(self.app, self.call, query), query.limit)

    @rpc
    def get_case(self, request: dict[str, Any]) -> dict[str, Any]:
        return schemas.case(cases.get_case(self.app, self.call, id_of(request)))

    @rpc
    def case_history(self, request: dict[str, Any]) -> dict[str, Any]:
        query = list_history(request)
        return history_page(cases.case_history(self.app, self.call, query), query.limit)

    @rpc
    def submit_case(self, request: dict[str, Any]) -> dict[str, Any]:
        command = schemas.submit_case(request)
        return schemas.case(cases.submit_case(self.app, self.call, command))

    @rpc
    def draft_case(self, request: dict[str, Any]) -> dict[str, Any]:
        query = draft_schemas.draft_case(request)
        found = case_drafts.draft_case(self.app, self.call, query)
        return draft_schemas.draft(found, self.call.language)
