"""RPC methods of the selection: rules, reviewers, reviews, ranking."""

from __future__ import annotations

from typing import Any

from services.common.messaging.rpc import rpc
from services.trainings.operations import application_lists, reviewing, selection_rules
from services.trainings.schemas import applications as application_schemas
from services.trainings.schemas import id_of
from services.trainings.schemas import selection as schemas
from services.trainings.service.methods import Methods


class SelectionMethods(Methods):
    @rpc
    def get_selection(self, request: dict[str, Any]) -> dict[str, Any]:
        cohort, staff = selection_rules.get_selection(self.app, self.call, id_of(request))
        return schemas.selection(cohort, staff=staff)

    @rpc
    def set_selection(self, request: dict[str, Any]) -> dict[str, Any]:
        command = schemas.set_selection(request)
        cohort = selection_rules.set_selection(self.app, self.call, command)
        return schemas.selection(cohort, staff=True)

    @rpc
    def set_reviewers(self, request: dict[str, Any]) -> dict[str, Any]:
        command = schemas.set_reviewers(request)
        cohort = selection_rules.set_reviewers(self.app, self.call, command)
        return schemas.selection(cohort, staff=True)

    @rpc
    def list_review_tasks(self, request: dict[str, Any]) -> dict[str, Any]:
        query = schemas.list_review_tasks(request)
        found = reviewing.find_review_tasks(self.app, self.call, query)
        return schemas.review_task_page(found, query.limit)

    @rpc
    def get_review(self, request: dict[str, Any]) -> dict[str, Any]:
        return schemas.review(reviewing.get_review(self.app, self.call, id_of(request)))

    @rpc
    def put_review(self, request: dict[str, Any]) -> dict[str, Any]:
        command = schemas.put_review(request)
        return schemas.review(reviewing.put_review(self.app, self.call, command))

    @rpc
    def cohort_ranking(self, request: dict[str, Any]) -> dict[str, Any]:
        cohort_id = id_of(request)
        found = selection_rules.cohort_ranking(self.app, self.call, cohort_id)
        return schemas.ranking(cohort_id, found)

    @rpc
    def shortlist_best(self, request: dict[str, Any]) -> dict[str, Any]:
        command = schemas.shortlist_best(request)
        found = selection_rules.shortlist_best(self.app, self.call, command)
        context = application_lists.context_of(self.app, found)
        return application_schemas.applications(found, context)
