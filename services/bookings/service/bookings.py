"""RPC methods of bookings."""

from __future__ import annotations

from typing import Any

from services.bookings.operations import approval, bookings, centres, check_in, ending, invitations
from services.bookings.schemas import approval as approval_schemas
from services.bookings.schemas import bookings as booking_schemas
from services.bookings.schemas import check_in as check_in_schemas
from services.bookings.schemas import id_of
from services.bookings.schemas import invitations as invitation_schemas
from services.bookings.service.methods import Methods
from services.common.history.wire import history
from services.common.messaging.rpc import rpc


class BookingMethods(Methods):
    @rpc
    def create_booking(self, request: dict[str, Any]) -> dict[str, Any]:
        command = booking_schemas.create_booking(request)
        booking = bookings.create(self.app, self.call, command)
        return booking_schemas.booking(booking, self.call.caller)

    @rpc
    def get_booking(self, request: dict[str, Any]) -> dict[str, Any]:
        query = booking_schemas.get_booking(request)
        booking = bookings.get(self.app, self.call, query.booking_id)
        names = centres.read_place_names(self.app) if query.names else None
        return booking_schemas.booking(booking, self.call.caller, names)

    @rpc
    def list_bookings(self, request: dict[str, Any]) -> dict[str, Any]:
        query = booking_schemas.list_bookings(request)
        found = bookings.find(self.app, self.call, query)
        names = centres.read_place_names(self.app) if query.names else None
        return booking_schemas.booking_page(found, query.limit, self.call.caller, names)

    @rpc
    def change_booking(self, request: dict[str, Any]) -> dict[str, Any]:
        command = booking_schemas.change_booking(request)
        booking = bookings.change(self.app, self.call, command)
        return booking_schemas.booking(booking, self.call.caller)

    @rpc
    def cancel_booking(self, request: dict[str, Any]) -> dict[str, Any]:
        command = booking_schemas.cancel_booking(request)
        booking = bookings.cancel(self.app, self.call, command)
        return booking_schemas.booking(booking, self.call.caller)

    @rpc
    def booking_history(self, request: dict[str, Any]) -> dict[str, Any]:
        return history(bookings.history(self.app, self.call, id_of(request)))

    @rpc
    def approve_booking(self, request: dict[str, Any]) -> dict[str, Any]:
        command = approval_schemas.approve_booking(request)
        booking = approval.approve(self.app, self.call, command)
        return booking_schemas.booking(booking, self.call.caller)

    @rpc
    def reject_booking(self, request: dict[str, Any]) -> dict[str, Any]:
        command = approval_schemas.reject_booking(request)
        booking = approval.reject(self.app, self.call, command)
        return booking_schemas.booking(booking, self.call.caller)

    @rpc
    def check_in(self, request: dict[str, Any]) -> dict[str, Any]:
        command = check_in_schemas.check_in(request)
        booking = check_in.check_in(self.app, self.call, command)
        return booking_schemas.booking(booking, self.call.caller)

    @rpc
    def end_booking(self, request: dict[str, Any]) -> dict[str, Any]:
        command = check_in_schemas.end_booking(request)
        booking = ending.end_booking(self.app, self.call, command)
        return booking_schemas.booking(booking, self.call.caller)

    @rpc
    def undo_check_in(self, request: dict[str, Any]) -> dict[str, Any]:
        command = check_in_schemas.undo_check_in(request)
        booking = ending.undo_check_in(self.app, self.call, command)
        return booking_schemas.booking(booking, self.call.caller)

    @rpc
    def correct_no_show(self, request: dict[str, Any]) -> dict[str, Any]:
        command = check_in_schemas.correct_no_show(request)
        booking = check_in.correct_no_show(self.app, self.call, command)
        return booking_schemas.booking(booking, self.call.caller)

    @rpc
    def count_heads(self, request: dict[str, Any]) -> dict[str, Any]:
        command = invitation_schemas.count_heads(request)
        booking = invitations.count_heads(self.app, self.call, command)
        return booking_schemas.booking(booking, self.call.caller)
