"""RPC methods of forms, and of the forms of a cohort."""

from __future__ import annotations

from typing import Any

from services.common.files.wire import file_to_wire
from services.common.history.wire import history_page, list_history
from services.common.messaging.rpc import rpc
from services.trainings.operations import cohort_forms, cohorts, forms
from services.trainings.schemas import cohorts as cohort_schemas
from services.trainings.schemas import forms as form_schemas
from services.trainings.service.methods import Methods


class FormMethods(Methods):
    @rpc
    def list_forms(self, request: dict[str, Any]) -> dict[str, Any]:
        query = form_schemas.list_forms(request)
        return form_schemas.form_page(forms.find_forms(self.app, self.call, query), query.limit)

    @rpc
    def get_form(self, request: dict[str, Any]) -> dict[str, Any]:
        query = form_schemas.get_form(request)
        return form_schemas.form(forms.get_form(self.app, self.call, query))

    @rpc
    def create_form(self, request: dict[str, Any]) -> dict[str, Any]:
        command = form_schemas.create_form(request)
        return form_schemas.form(forms.create_form(self.app, self.call, command))

    @rpc
    def change_form(self, request: dict[str, Any]) -> dict[str, Any]:
        command = form_schemas.change_form(request)
        return form_schemas.form(forms.change_form(self.app, self.call, command))

    @rpc
    def form_history(self, request: dict[str, Any]) -> dict[str, Any]:
        query = list_history(request)
        return history_page(forms.form_history(self.app, self.call, query), query.limit)

    @rpc
    def form_workbook(self, request: dict[str, Any]) -> dict[str, Any]:
        query = form_schemas.get_form(request)
        file = forms.form_workbook(self.app, self.call, query)
        return file_to_wire(file.name, file.content_type, file.data)

    @rpc
    def create_form_of_workbook(self, request: dict[str, Any]) -> dict[str, Any]:
        command = form_schemas.create_form_of_workbook(request)
        return form_schemas.form(forms.create_form_of_workbook(self.app, self.call, command))

    @rpc
    def change_form_by_workbook(self, request: dict[str, Any]) -> dict[str, Any]:
        command = form_schemas.change_form_by_workbook(request)
        return form_schemas.form(forms.change_form_by_workbook(self.app, self.call, command))

    @rpc
    def set_cohort_form(self, request: dict[str, Any]) -> dict[str, Any]:
        command = form_schemas.set_cohort_form(request)
        cohort = cohort_forms.set_cohort_form(self.app, self.call, command)
        return cohort_schemas.cohort(cohorts.show_cohorts(self.app, self.call, [cohort])[0])

    @rpc
    def get_cohort_form(self, request: dict[str, Any]) -> dict[str, Any]:
        query = form_schemas.of_cohort(request)
        return form_schemas.form(cohort_forms.get_cohort_form(self.app, self.call, query))

    @rpc
    def cohort_form_answers(self, request: dict[str, Any]) -> dict[str, Any]:
        query = form_schemas.of_cohort(request)
        return cohort_forms.cohort_form_answers(self.app, self.call, query)
