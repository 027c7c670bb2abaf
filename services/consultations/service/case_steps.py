"""RPC methods of the steps of a case."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from services.common.context import Call
from services.common.messaging.rpc import rpc
from services.consultations.app import App
from services.consultations.domain.cases import Case
from services.consultations.operations import case_steps
from services.consultations.schemas import case_steps as schemas
from services.consultations.schemas.case_steps import StepOfCase
from services.consultations.schemas.cases import case
from services.consultations.service.methods import Methods


class CaseStepMethods(Methods):
    @rpc
    def change_case(self, request: dict[str, Any]) -> dict[str, Any]:
        command = schemas.change_case(request)
        return case(case_steps.change_case(self.app, self.call, command))

    @rpc
    def triage_case(self, request: dict[str, Any]) -> dict[str, Any]:
        command = schemas.triage_case(request)
        return case(case_steps.triage_case(self.app, self.call, command))

    @rpc
    def decline_case(self, request: dict[str, Any]) -> dict[str, Any]:
        return self._step(case_steps.decline_case, schemas.end_case(request))

    @rpc
    def withdraw_case(self, request: dict[str, Any]) -> dict[str, Any]:
        return self._step(case_steps.withdraw_case, schemas.withdraw_case(request))

    @rpc
    def start_case(self, request: dict[str, Any]) -> dict[str, Any]:
        return self._step(case_steps.start_case, schemas.step_of_case(request))

    @rpc
    def ask_organisation(self, request: dict[str, Any]) -> dict[str, Any]:
        return self._step(case_steps.ask_organisation, schemas.ask_organisation(request))

    @rpc
    def resume_case(self, request: dict[str, Any]) -> dict[str, Any]:
        return self._step(case_steps.resume_case, schemas.step_of_case(request))

    @rpc
    def resolve_case(self, request: dict[str, Any]) -> dict[str, Any]:
        return self._step(case_steps.resolve_case, schemas.resolve_case(request))

    @rpc
    def close_case(self, request: dict[str, Any]) -> dict[str, Any]:
        return self._step(case_steps.close_case, schemas.step_of_case(request))

    @rpc
    def reopen_case(self, request: dict[str, Any]) -> dict[str, Any]:
        return self._step(case_steps.reopen_case, schemas.end_case(request))

    @rpc
    def add_person(self, request: dict[str, Any]) -> dict[str, Any]:
        command = schemas.person_of_case(request)
        return case(case_steps.add_person(self.app, self.call, command))

    @rpc
    def remove_person(self, request: dict[str, Any]) -> dict[str, Any]:
        command = schemas.person_of_case(request)
        return case(case_steps.remove_person(self.app, self.call, command))

    def _step(
        self, do: Callable[[App, Call, StepOfCase], Case], command: StepOfCase
    ) -> dict[str, Any]:
        return case(do(self.app, self.call, command))
