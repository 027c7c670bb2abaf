"""RPC methods of visits."""

from __future__ import annotations

from typing import Any

from services.common.messaging.rpc import rpc
from services.consultations.domain.visits import Visit
from services.consultations.operations import calendars, visits
from services.consultations.schemas import id_of
from services.consultations.schemas import visits as schemas
from services.consultations.schemas.appointments import calendar_of, hand_over
from services.consultations.service.methods import Methods


class VisitMethods(Methods):
    @rpc
    def list_visits(self, request: dict[str, Any]) -> dict[str, Any]:
        query = schemas.list_visits(request)
        found = visits.find_visits(self.app, self.call, query)
        return schemas.visit_page(found, visits.zones_of(self.app, found), query.limit)

    @rpc
    def get_visit(self, request: dict[str, Any]) -> dict[str, Any]:
        return self._visit(visits.get_visit(self.app, self.call, id_of(request)))

    @rpc
    def request_visit(self, request: dict[str, Any]) -> dict[str, Any]:
        command = schemas.request_visit(request)
        return self._visit(visits.request_visit(self.app, self.call, command))

    @rpc
    def move_visit(self, request: dict[str, Any]) -> dict[str, Any]:
        command = schemas.move_visit(request)
        return self._visit(visits.move_visit(self.app, self.call, command))

    @rpc
    def accept_visit(self, request: dict[str, Any]) -> dict[str, Any]:
        command = schemas.act_on_visit(request)
        return self._visit(visits.accept_visit(self.app, self.call, command))

    @rpc
    def decline_visit(self, request: dict[str, Any]) -> dict[str, Any]:
        command = schemas.end_visit(request)
        return self._visit(visits.decline_visit(self.app, self.call, command))

    @rpc
    def hand_over_visit(self, request: dict[str, Any]) -> dict[str, Any]:
        command = hand_over(request)
        return self._visit(visits.hand_over_visit(self.app, self.call, command))

    @rpc
    def complete_visit(self, request: dict[str, Any]) -> dict[str, Any]:
        command = schemas.act_on_visit(request)
        return self._visit(visits.complete_visit(self.app, self.call, command))

    @rpc
    def report_visit(self, request: dict[str, Any]) -> dict[str, Any]:
        command = schemas.report_visit(request)
        return self._visit(visits.report_visit(self.app, self.call, command))

    @rpc
    def return_report(self, request: dict[str, Any]) -> dict[str, Any]:
        command = schemas.return_report(request)
        return self._visit(visits.return_report(self.app, self.call, command))

    @rpc
    def approve_report(self, request: dict[str, Any]) -> dict[str, Any]:
        command = schemas.act_on_visit(request)
        return self._visit(visits.approve_report(self.app, self.call, command))

    @rpc
    def call_off_visit(self, request: dict[str, Any]) -> dict[str, Any]:
        command = schemas.call_off_visit(request)
        return self._visit(visits.call_off_visit(self.app, self.call, command))

    @rpc
    def visit_calendar(self, request: dict[str, Any]) -> dict[str, Any]:
        return {"calendar": calendars.visit_calendar(self.app, self.call, calendar_of(request))}

    def _visit(self, value: Visit) -> dict[str, Any]:
        return schemas.visit(value, visits.zones_of(self.app, [value])[value.centre_id])
