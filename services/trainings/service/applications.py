"""RPC methods of applications, and of the seats that they are for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from services.common.history.wire import history_page, list_history
from services.common.messaging.rpc import rpc
from services.trainings.domain.applications import Application
from services.trainings.operations import (
    application_answers,
    application_forms,
    application_lists,
    applying,
    audit,
    selection,
)
from services.trainings.schemas import applications as schemas
from services.trainings.schemas import id_of
from services.trainings.service.methods import Methods


class ApplicationMethods(Methods):
    @rpc
    def apply_for_cohort(self, request: dict[str, Any]) -> dict[str, Any]:
        command = schemas.apply_for_cohort(request)
        return self._application(applying.apply_for_cohort(self.app, self.call, command))

    @rpc
    def nominate_people(self, request: dict[str, Any]) -> dict[str, Any]:
        command = schemas.nominate_people(request)
        return self._applications(applying.nominate_people(self.app, self.call, command))

    @rpc
    def list_applications(self, request: dict[str, Any]) -> dict[str, Any]:
        query = schemas.list_applications(request)
        found = application_lists.find_applications(self.app, self.call, query)
        context = application_lists.context_of(self.app, found)
        return schemas.application_page(found, context, query.limit)

    @rpc
    def get_application(self, request: dict[str, Any]) -> dict[str, Any]:
        return self._application(
            application_lists.get_application(self.app, self.call, id_of(request))
        )

    @rpc
    def application_history(self, request: dict[str, Any]) -> dict[str, Any]:
        query = list_history(request)
        found = application_lists.application_history(self.app, self.call, query)
        return history_page(found, query.limit)

    @rpc
    def application_answers(self, request: dict[str, Any]) -> dict[str, Any]:
        found = application_forms.application_answers(self.app, self.call, id_of(request))
        return schemas.answered_form(found)

    @rpc
    def change_answers(self, request: dict[str, Any]) -> dict[str, Any]:
        command = schemas.change_answers(request)
        return self._application(application_forms.change_answers(self.app, self.call, command))

    @rpc
    def accept_offer(self, request: dict[str, Any]) -> dict[str, Any]:
        command = schemas.act_on_application(request)
        return self._application(application_answers.accept_offer(self.app, self.call, command))

    @rpc
    def decline_offer(self, request: dict[str, Any]) -> dict[str, Any]:
        command = schemas.act_on_application(request)
        return self._application(application_answers.decline_offer(self.app, self.call, command))

    @rpc
    def withdraw_application(self, request: dict[str, Any]) -> dict[str, Any]:
        command = schemas.act_on_application(request)
        return self._application(
            application_answers.withdraw_application(self.app, self.call, command)
        )

    @rpc
    def shortlist_application(self, request: dict[str, Any]) -> dict[str, Any]:
        command = schemas.act_on_application(request)
        return self._application(selection.shortlist_application(self.app, self.call, command))

    @rpc
    def waitlist_application(self, request: dict[str, Any]) -> dict[str, Any]:
        command = schemas.act_on_application(request)
        return self._application(selection.waitlist_application(self.app, self.call, command))

    @rpc
    def decline_application(self, request: dict[str, Any]) -> dict[str, Any]:
        command = schemas.decline_application(request)
        return self._application(selection.decline_application(self.app, self.call, command))

    @rpc
    def reconsider_application(self, request: dict[str, Any]) -> dict[str, Any]:
        command = schemas.decide_on_application(request)
        return self._application(selection.reconsider_application(self.app, self.call, command))

    @rpc
    def admit_application(self, request: dict[str, Any]) -> dict[str, Any]:
        command = schemas.admit_application(request)
        return self._application(selection.admit_application(self.app, self.call, command))

    @rpc
    def admit_person(self, request: dict[str, Any]) -> dict[str, Any]:
        command = schemas.admit_person(request)
        return self._application(selection.admit_person(self.app, self.call, command))

    @rpc
    def offer_seats(self, request: dict[str, Any]) -> dict[str, Any]:
        command = schemas.offer_seats(request)
        return self._applications(selection.offer_seats(self.app, self.call, command))

    @rpc
    def cohort_seats(self, request: dict[str, Any]) -> dict[str, Any]:
        cohort_id = id_of(request)
        count, details = application_lists.cohort_seats(self.app, self.call, cohort_id)
        return schemas.seats(cohort_id, count, details=details)

    @rpc
    def audit_cohort(self, request: dict[str, Any]) -> dict[str, Any]:
        return schemas.audit_report(audit.audit_cohort(self.app, self.call, id_of(request)))

    def _application(self, application: Application) -> dict[str, Any]:
        context = application_lists.context_of(self.app, [application])
        return schemas.application(application, context)

    def _applications(self, found: Sequence[Application]) -> dict[str, Any]:
        return schemas.applications(found, application_lists.context_of(self.app, found))
