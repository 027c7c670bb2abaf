"""RPC methods of spaces."""

from __future__ import annotations

from typing import Any

from services.bookings.operations import (
    approval,
    availability,
    centres,
    hours,
    outside_hours,
    spaces,
)
from services.bookings.schemas import approval as approval_schemas
from services.bookings.schemas import availability as availability_schemas
from services.bookings.schemas import centres as centre_schemas
from services.bookings.schemas import hours as hours_schemas
from services.bookings.schemas import id_of
from services.bookings.schemas import outside_hours as outside_schemas
from services.bookings.schemas import spaces as space_schemas
from services.bookings.service.methods import Methods
from services.common.history.wire import history_page, list_history
from services.common.messaging.rpc import rpc


class SpaceMethods(Methods):
    @rpc
    def list_spaces(self, request: dict[str, Any]) -> dict[str, Any]:
        query = centre_schemas.list_spaces(request)
        return centre_schemas.space_page(centres.find_spaces(self.app, query), query.limit)

    @rpc
    def get_space(self, request: dict[str, Any]) -> dict[str, Any]:
        return centre_schemas.space(centres.get_space(self.app, id_of(request)))

    @rpc
    def add_space(self, request: dict[str, Any]) -> dict[str, Any]:
        command = space_schemas.add_space(request)
        return centre_schemas.space(spaces.add(self.app, self.call, command))

    @rpc
    def change_space(self, request: dict[str, Any]) -> dict[str, Any]:
        command = space_schemas.change_space(request)
        return space_schemas.changed_space(*spaces.change(self.app, self.call, command))

    @rpc
    def space_history(self, request: dict[str, Any]) -> dict[str, Any]:
        query = list_history(request)
        found = spaces.history(self.app, self.call, query)
        return history_page(found, query.limit)

    @rpc
    def set_space_hours(self, request: dict[str, Any]) -> dict[str, Any]:
        command = hours_schemas.set_space_hours(request)
        space = hours.set_space_hours(self.app, self.call, command)
        found = outside_hours.of_space(self.app, space)
        return outside_schemas.changed_space(space, found, command.dry_run)

    @rpc
    def set_space_approval(self, request: dict[str, Any]) -> dict[str, Any]:
        command = approval_schemas.set_space_approval(request)
        return centre_schemas.space(approval.set_for_space(self.app, self.call, command))

    @rpc
    def find_availability(self, request: dict[str, Any]) -> dict[str, Any]:
        query = availability_schemas.find_availability(request)
        return availability_schemas.availability(availability.find(self.app, query))
