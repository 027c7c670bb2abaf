"""RPC methods of centres: their hours, day sheets and statistics."""

from __future__ import annotations

from typing import Any

from services.bookings.operations import centres, day_sheet, hours, outside_hours, statistics
from services.bookings.schemas import centres as centre_schemas
from services.bookings.schemas import day_sheet as day_sheet_schemas
from services.bookings.schemas import hours as hours_schemas
from services.bookings.schemas import id_of
from services.bookings.schemas import outside_hours as outside_schemas
from services.bookings.schemas import statistics as statistics_schemas
from services.bookings.service.methods import Methods
from services.common.messaging.rpc import rpc


class CentreMethods(Methods):
    @rpc
    def list_centres(self, request: dict[str, Any]) -> dict[str, Any]:
        return {
            "items": [centre_schemas.centre(each) for each in centres.find(self.app)],
            "next": None,
        }

    @rpc
    def get_centre(self, request: dict[str, Any]) -> dict[str, Any]:
        return centre_schemas.centre(centres.get(self.app, id_of(request)))

    @rpc
    def set_hours(self, request: dict[str, Any]) -> dict[str, Any]:
        command = hours_schemas.set_hours(request)
        centre = hours.set_hours(self.app, self.call, command)
        found = outside_hours.of_centre(self.app, centre)
        return outside_schemas.changed_centre(centre, found, command.dry_run)

    @rpc
    def list_outside_hours(self, request: dict[str, Any]) -> dict[str, Any]:
        query = outside_schemas.list_outside(request)
        found = outside_hours.find(self.app, self.call, query)
        return outside_schemas.outside_page(found, query.limit)

    @rpc
    def resolve_outside_hours(self, request: dict[str, Any]) -> dict[str, Any]:
        command = outside_schemas.resolve_outside(request)
        return outside_schemas.resolution(*outside_hours.resolve(self.app, self.call, command))

    @rpc
    def day_sheet(self, request: dict[str, Any]) -> dict[str, Any]:
        query = day_sheet_schemas.get_day_sheet(request)
        return day_sheet_schemas.day_sheet(day_sheet.get(self.app, self.call, query))

    @rpc
    def day_sheets(self, request: dict[str, Any]) -> dict[str, Any]:
        query = day_sheet_schemas.get_day_sheets(request)
        sheets = day_sheet.get_several(self.app, self.call, query)
        return {"items": [day_sheet_schemas.day_sheet(each) for each in sheets]}

    @rpc
    def report_utilisation(self, request: dict[str, Any]) -> dict[str, Any]:
        query = statistics_schemas.report_utilisation(request)
        report = statistics.utilisation(self.app, self.call, query)
        return statistics_schemas.utilisation(report)
