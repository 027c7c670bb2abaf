"""RPC methods of the catalogue: topics and courses."""

from __future__ import annotations

from typing import Any

from services.common.history.wire import history_page, list_history
from services.common.messaging.rpc import rpc
from services.trainings.operations import catalogue
from services.trainings.schemas import catalogue as catalogue_schemas
from services.trainings.schemas import id_of
from services.trainings.service.methods import Methods


class CatalogueMethods(Methods):
    @rpc
    def list_topics(self, request: dict[str, Any]) -> dict[str, Any]:
        return {
            "items": [catalogue_schemas.topic(each) for each in catalogue.find_topics(self.app)],
            "next": None,
        }

    @rpc
    def list_courses(self, request: dict[str, Any]) -> dict[str, Any]:
        query = catalogue_schemas.list_courses(request)
        return catalogue_schemas.course_page(catalogue.find_courses(self.app, query), query.limit)

    @rpc
    def get_course(self, request: dict[str, Any]) -> dict[str, Any]:
        return catalogue_schemas.course(catalogue.get_course(self.app, id_of(request)))

    @rpc
    def add_course(self, request: dict[str, Any]) -> dict[str, Any]:
        command = catalogue_schemas.add_course(request)
        return catalogue_schemas.course(catalogue.add_course(self.app, self.call, command))

    @rpc
    def change_course(self, request: dict[str, Any]) -> dict[str, Any]:
        command = catalogue_schemas.change_course(request)
        return catalogue_schemas.course(catalogue.change_course(self.app, self.call, command))

    @rpc
    def course_history(self, request: dict[str, Any]) -> dict[str, Any]:
        query = list_history(request)
        return history_page(catalogue.course_history(self.app, self.call, query), query.limit)
