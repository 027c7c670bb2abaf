"""Entrypoints of bookings: translate, call, return. No decisions here."""

from __future__ import annotations

from typing import Any

from services.bookings import schemas
from services.bookings.app import NAME, build
from services.bookings.operations import availability, bookings, centres
from services.common.messaging import AppProvider, CallProvider
from services.common.messaging.rpc import rpc


class BookingsService:
    """RPC of the bookings branch; the contract is ``services.common.contracts.bookings.rpc``."""

    name = NAME
    app = AppProvider(build)
    call = CallProvider()

    @rpc
    def list_centres(self, request: dict[str, Any]) -> dict[str, Any]:
        return {"items": [schemas.centre(each) for each in centres.find(self.app)], "next": None}

    @rpc
    def get_centre(self, request: dict[str, Any]) -> dict[str, Any]:
        return schemas.centre(centres.get(self.app, schemas.id_of(request)))

    @rpc
    def set_hours(self, request: dict[str, Any]) -> dict[str, Any]:
        command = schemas.set_hours(request)
        return schemas.centre(centres.set_hours(self.app, self.call, command))

    @rpc
    def list_spaces(self, request: dict[str, Any]) -> dict[str, Any]:
        query = schemas.list_spaces(request)
        return schemas.space_page(centres.find_spaces(self.app, query), query.limit)

    @rpc
    def get_space(self, request: dict[str, Any]) -> dict[str, Any]:
        return schemas.space(centres.get_space(self.app, schemas.id_of(request)))

    @rpc
    def find_availability(self, request: dict[str, Any]) -> dict[str, Any]:
        query = schemas.find_availability(request)
        return schemas.availability(availability.find(self.app, query))

    @rpc
    def create_booking(self, request: dict[str, Any]) -> dict[str, Any]:
        command = schemas.create_booking(request)
        return schemas.booking(bookings.create(self.app, self.call, command))

    @rpc
    def get_booking(self, request: dict[str, Any]) -> dict[str, Any]:
        return schemas.booking(bookings.get(self.app, self.call, schemas.id_of(request)))

    @rpc
    def list_bookings(self, request: dict[str, Any]) -> dict[str, Any]:
        query = schemas.list_bookings(request)
        return schemas.booking_page(bookings.find(self.app, self.call, query), query.limit)

    @rpc
    def change_booking(self, request: dict[str, Any]) -> dict[str, Any]:
        command = schemas.change_booking(request)
        return schemas.booking(bookings.change(self.app, self.call, command))

    @rpc
    def cancel_booking(self, request: dict[str, Any]) -> dict[str, Any]:
        command = schemas.cancel_booking(request)
        return schemas.booking(bookings.cancel(self.app, self.call, command))

    @rpc
    def booking_history(self, request: dict[str, Any]) -> dict[str, Any]:
        return schemas.history(bookings.history(self.app, self.call, schemas.id_of(request)))


SERVICE = BookingsService
