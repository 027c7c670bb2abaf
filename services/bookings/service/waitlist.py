"""RPC methods of waitlists."""

from __future__ import annotations

from typing import Any

from services.bookings.operations import waitlist
from services.bookings.schemas import id_of
from services.bookings.schemas import waitlist as waitlist_schemas
from services.bookings.service.methods import Methods
from services.common.messaging.rpc import rpc


class WaitlistMethods(Methods):
    @rpc
    def join_waitlist(self, request: dict[str, Any]) -> dict[str, Any]:
        command = waitlist_schemas.join_waitlist(request)
        return waitlist_schemas.entry(waitlist.join(self.app, self.call, command))

    @rpc
    def get_waitlist_entry(self, request: dict[str, Any]) -> dict[str, Any]:
        return waitlist_schemas.entry(waitlist.get(self.app, self.call, id_of(request)))

    @rpc
    def list_waitlist_entries(self, request: dict[str, Any]) -> dict[str, Any]:
        query = waitlist_schemas.list_entries(request)
        return waitlist_schemas.entry_page(waitlist.find(self.app, self.call, query), query.limit)

    @rpc
    def accept_offer(self, request: dict[str, Any]) -> dict[str, Any]:
        command = waitlist_schemas.change_entry(request)
        return waitlist_schemas.entry(waitlist.accept(self.app, self.call, command))

    @rpc
    def decline_offer(self, request: dict[str, Any]) -> dict[str, Any]:
        command = waitlist_schemas.change_entry(request)
        return waitlist_schemas.entry(waitlist.decline(self.app, self.call, command))

    @rpc
    def cancel_waitlist_entry(self, request: dict[str, Any]) -> dict[str, Any]:
        command = waitlist_schemas.change_entry(request)
        return waitlist_schemas.entry(waitlist.cancel(self.app, self.call, command))
