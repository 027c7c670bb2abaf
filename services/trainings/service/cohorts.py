"""RPC methods of cohorts and their sessions."""

from __future__ import annotations

from typing import Any

from services.common.history.wire import history_page, list_history
from services.common.messaging.rpc import rpc
from services.trainings.domain.cohorts import Cohort
from services.trainings.operations import cohorts, copying, sessions
from services.trainings.schemas import cohorts as cohort_schemas
from services.trainings.schemas import id_of
from services.trainings.service.methods import Methods


class CohortMethods(Methods):
    @rpc
    def list_cohorts(self, request: dict[str, Any]) -> dict[str, Any]:
        query = cohort_schemas.list_cohorts(request)
        found = cohorts.find_cohorts(self.app, self.call, query)
        shown = cohorts.show_cohorts(self.app, self.call, found)
        return cohort_schemas.cohort_page(shown, query.limit)

    @rpc
    def get_cohort(self, request: dict[str, Any]) -> dict[str, Any]:
        return self._shown(cohorts.get_cohort(self.app, self.call, id_of(request)))

    @rpc
    def create_cohort(self, request: dict[str, Any]) -> dict[str, Any]:
        command = cohort_schemas.create_cohort(request)
        return self._shown(cohorts.create_cohort(self.app, self.call, command))

    @rpc
    def copy_cohort(self, request: dict[str, Any]) -> dict[str, Any]:
        command = cohort_schemas.copy_cohort(request)
        return self._shown(copying.copy_cohort(self.app, self.call, command))

    @rpc
    def change_cohort(self, request: dict[str, Any]) -> dict[str, Any]:
        command = cohort_schemas.change_cohort(request)
        return self._shown(cohorts.change_cohort(self.app, self.call, command))

    @rpc
    def add_session(self, request: dict[str, Any]) -> dict[str, Any]:
        command = cohort_schemas.add_session(request)
        return self._shown(sessions.add_session(self.app, self.call, command))

    @rpc
    def change_session(self, request: dict[str, Any]) -> dict[str, Any]:
        command = cohort_schemas.change_session(request)
        return self._shown(sessions.change_session(self.app, self.call, command))

    @rpc
    def remove_session(self, request: dict[str, Any]) -> dict[str, Any]:
        command = cohort_schemas.remove_session(request)
        return self._shown(sessions.remove_session(self.app, self.call, command))

    @rpc
    def announce_cohort(self, request: dict[str, Any]) -> dict[str, Any]:
        command = cohort_schemas.act_on_cohort(request)
        return self._shown(cohorts.announce_cohort(self.app, self.call, command))

    @rpc
    def open_applications(self, request: dict[str, Any]) -> dict[str, Any]:
        command = cohort_schemas.act_on_cohort(request)
        return self._shown(cohorts.open_applications(self.app, self.call, command))

    @rpc
    def close_applications(self, request: dict[str, Any]) -> dict[str, Any]:
        command = cohort_schemas.act_on_cohort(request)
        return self._shown(cohorts.close_applications(self.app, self.call, command))

    @rpc
    def request_rooms(self, request: dict[str, Any]) -> dict[str, Any]:
        command = cohort_schemas.act_on_cohort(request)
        return self._shown(cohorts.request_rooms_again(self.app, self.call, command))

    @rpc
    def close_cohort(self, request: dict[str, Any]) -> dict[str, Any]:
        command = cohort_schemas.act_on_cohort(request)
        return self._shown(cohorts.close_cohort(self.app, self.call, command))

    @rpc
    def cancel_cohort(self, request: dict[str, Any]) -> dict[str, Any]:
        command = cohort_schemas.cancel_cohort(request)
        return self._shown(cohorts.cancel_cohort(self.app, self.call, command))

    @rpc
    def cohort_history(self, request: dict[str, Any]) -> dict[str, Any]:
        query = list_history(request)
        return history_page(cohorts.cohort_history(self.app, self.call, query), query.limit)

    def _shown(self, cohort: Cohort) -> dict[str, Any]:
        return cohort_schemas.cohort(cohorts.show_cohorts(self.app, self.call, [cohort])[0])
