"""RPC methods of assessments."""

from __future__ import annotations

from typing import Any

from services.common.history.wire import history_page, list_history
from services.common.messaging.rpc import rpc
from services.consultations.operations import assessments
from services.consultations.schemas import assessments as assessment_schemas
from services.consultations.schemas import id_of
from services.consultations.service.methods import Methods


class AssessmentMethods(Methods):
    @rpc
    def list_assessments(self, request: dict[str, Any]) -> dict[str, Any]:
        query = assessment_schemas.list_assessments(request)
        found = assessments.find_assessments(self.app, self.call, query)
        return assessment_schemas.assessment_page(found, query.limit)

    @rpc
    def get_assessment(self, request: dict[str, Any]) -> dict[str, Any]:
        return assessment_schemas.assessment(
            *assessments.get_assessment(self.app, self.call, id_of(request))
        )

    @rpc
    def start_assessment(self, request: dict[str, Any]) -> dict[str, Any]:
        command = assessment_schemas.start_assessment(request)
        return assessment_schemas.assessment(
            *assessments.start_assessment(self.app, self.call, command)
        )

    @rpc
    def change_assessment(self, request: dict[str, Any]) -> dict[str, Any]:
        command = assessment_schemas.change_assessment(request)
        return assessment_schemas.assessment(
            *assessments.change_assessment(self.app, self.call, command)
        )

    @rpc
    def agree_assessment(self, request: dict[str, Any]) -> dict[str, Any]:
        command = assessment_schemas.act_on_assessment(request)
        return assessment_schemas.assessment(
            *assessments.agree_assessment(self.app, self.call, command)
        )

    @rpc
    def note_evidence(self, request: dict[str, Any]) -> dict[str, Any]:
        command = assessment_schemas.note_evidence(request)
        return assessment_schemas.assessment(
            *assessments.note_evidence(self.app, self.call, command)
        )

    @rpc
    def verify_assessment(self, request: dict[str, Any]) -> dict[str, Any]:
        command = assessment_schemas.act_on_assessment(request)
        return assessment_schemas.assessment(
            *assessments.verify_assessment(self.app, self.call, command)
        )

    @rpc
    def withdraw_assessment(self, request: dict[str, Any]) -> dict[str, Any]:
        command = assessment_schemas.withdraw_assessment(request)
        return assessment_schemas.assessment(
            *assessments.withdraw_assessment(self.app, self.call, command)
        )

    @rpc
    def compare_assessments(self, request: dict[str, Any]) -> dict[str, Any]:
        query = assessment_schemas.compare_assessments(request)
        found = assessments.compare_assessments(self.app, self.call, query)
        return assessment_schemas.comparison(query, found)

    @rpc
    def assessment_history(self, request: dict[str, Any]) -> dict[str, Any]:
        query = list_history(request)
        found = assessments.assessment_history(self.app, self.call, query)
        return history_page(found, query.limit)
