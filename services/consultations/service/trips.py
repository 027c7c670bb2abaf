"""RPC methods of trips."""

from __future__ import annotations

from typing import Any

from services.common.messaging.rpc import rpc
from services.consultations.operations import trips
from services.consultations.schemas import id_of
from services.consultations.schemas import trips as schemas
from services.consultations.service.methods import Methods


class TripMethods(Methods):
    @rpc
    def list_trips(self, request: dict[str, Any]) -> dict[str, Any]:
        query = schemas.list_trips(request)
        return schemas.trip_page(trips.find_trips(self.app, self.call, query), query.limit)

    @rpc
    def get_trip(self, request: dict[str, Any]) -> dict[str, Any]:
        return schemas.trip(trips.get_trip(self.app, self.call, id_of(request)))

    @rpc
    def plan_trip(self, request: dict[str, Any]) -> dict[str, Any]:
        return schemas.trip(trips.plan_trip(self.app, self.call, schemas.plan_trip(request)))

    @rpc
    def change_trip(self, request: dict[str, Any]) -> dict[str, Any]:
        return schemas.trip(trips.change_trip(self.app, self.call, schemas.change_trip(request)))

    @rpc
    def dissolve_trip(self, request: dict[str, Any]) -> dict[str, Any]:
        command = schemas.act_on_trip(request)
        return schemas.trip(trips.dissolve_trip(self.app, self.call, command))
