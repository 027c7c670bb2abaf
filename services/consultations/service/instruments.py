"""RPC methods of instruments."""

from __future__ import annotations

from typing import Any

from services.common.history.wire import history_page, list_history
from services.common.messaging.rpc import rpc
from services.consultations.operations import instruments
from services.consultations.schemas import id_of
from services.consultations.schemas import instruments as instrument_schemas
from services.consultations.service.methods import Methods


class InstrumentMethods(Methods):
    @rpc
    def list_instruments(self, request: dict[str, Any]) -> dict[str, Any]:
        query = instrument_schemas.list_instruments(request)
        found = instruments.find_instruments(self.app, self.call, query)
        return instrument_schemas.instrument_page(found, query.limit)

    @rpc
    def get_instrument(self, request: dict[str, Any]) -> dict[str, Any]:
        found = instruments.get_instrument(self.app, self.call, id_of(request))
        return instrument_schemas.instrument(found)

    @rpc
    def add_instrument(self, request: dict[str, Any]) -> dict[str, Any]:
        command = instrument_schemas.add_instrument(request)
        return instrument_schemas.instrument(
            instruments.add_instrument(self.app, self.call, command)
        )

    @rpc
    def change_instrument(self, request: dict[str, Any]) -> dict[str, Any]:
        command = instrument_schemas.change_instrument(request)
        return instrument_schemas.instrument(
            instruments.change_instrument(self.app, self.call, command)
        )

    @rpc
    def publish_instrument(self, request: dict[str, Any]) -> dict[str, Any]:
        command = instrument_schemas.move_instrument(request)
        return instrument_schemas.instrument(
            instruments.publish_instrument(self.app, self.call, command)
        )

    @rpc
    def retire_instrument(self, request: dict[str, Any]) -> dict[str, Any]:
        command = instrument_schemas.move_instrument(request)
        return instrument_schemas.instrument(
            instruments.retire_instrument(self.app, self.call, command)
        )

    @rpc
    def instrument_history(self, request: dict[str, Any]) -> dict[str, Any]:
        query = list_history(request)
        found = instruments.instrument_history(self.app, self.call, query)
        return history_page(found, query.limit)
