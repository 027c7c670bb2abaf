"""RPC methods of calendar feeds."""

from __future__ import annotations

from typing import Any

from services.bookings.operations import calendars
from services.bookings.schemas import calendars as calendar_schemas
from services.bookings.schemas import id_of
from services.bookings.service.methods import Methods
from services.common.messaging.rpc import rpc


class CalendarMethods(Methods):
    @rpc
    def create_calendar(self, request: dict[str, Any]) -> dict[str, Any]:
        command = calendar_schemas.create_calendar(request)
        return calendar_schemas.new_calendar(*calendars.create(self.app, self.call, command))

    @rpc
    def list_calendars(self, request: dict[str, Any]) -> dict[str, Any]:
        return calendar_schemas.calendar_list(calendars.find(self.app, self.call))

    @rpc
    def delete_calendar(self, request: dict[str, Any]) -> dict[str, Any]:
        calendars.delete(self.app, self.call, id_of(request))
        return {}

    @rpc
    def calendar_owner(self, request: dict[str, Any]) -> dict[str, Any]:
        found = calendars.owner(self.app, calendar_schemas.owner_token(request))
        return calendar_schemas.owner(found)

    @rpc
    def calendar_feed(self, request: dict[str, Any]) -> dict[str, Any]:
        query = calendar_schemas.feed(request)
        return {"calendar": calendars.feed(self.app, self.call, query)}
