"""RPC methods of series."""

from __future__ import annotations

from typing import Any

from services.bookings.operations import series, series_changes
from services.bookings.schemas import id_of
from services.bookings.schemas import series as series_schemas
from services.bookings.service.methods import Methods
from services.common.messaging.rpc import rpc


class SeriesMethods(Methods):
    @rpc
    def create_series(self, request: dict[str, Any]) -> dict[str, Any]:
        command = series_schemas.create_series(request)
        return series_schemas.schedule(series.create(self.app, self.call, command))

    @rpc
    def preview_series(self, request: dict[str, Any]) -> dict[str, Any]:
        command = series_schemas.create_series(request)
        return series_schemas.schedule(series.preview(self.app, self.call, command), dry_run=True)

    @rpc
    def get_series(self, request: dict[str, Any]) -> dict[str, Any]:
        return series_schemas.schedule(series.get(self.app, self.call, id_of(request)))

    @rpc
    def list_series(self, request: dict[str, Any]) -> dict[str, Any]:
        query = series_schemas.list_series(request)
        return series_schemas.series_page(series.find(self.app, self.call, query), query.limit)

    @rpc
    def change_series(self, request: dict[str, Any]) -> dict[str, Any]:
        command = series_schemas.change_series(request)
        return series_schemas.schedule(series_changes.change(self.app, self.call, command))

    @rpc
    def preview_series_change(self, request: dict[str, Any]) -> dict[str, Any]:
        command = series_schemas.change_series(request)
        found = series_changes.preview_change(self.app, self.call, command)
        return series_schemas.preview_to_wire(found, command.id)

    @rpc
    def cancel_series(self, request: dict[str, Any]) -> dict[str, Any]:
        command = series_schemas.cancel_series(request)
        return series_schemas.schedule(series_changes.cancel(self.app, self.call, command))

    @rpc
    def preview_series_cancel(self, request: dict[str, Any]) -> dict[str, Any]:
        command = series_schemas.cancel_series(request)
        found = series_changes.preview_cancel(self.app, self.call, command)
        return series_schemas.preview_to_wire(found, command.id)

    @rpc
    def retry_series(self, request: dict[str, Any]) -> dict[str, Any]:
        command = series_schemas.retry_series(request)
        return series_schemas.schedule(series_changes.retry(self.app, self.call, command))
