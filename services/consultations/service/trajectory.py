"""RPC method of the trajectory of an organisation."""

from __future__ import annotations

from typing import Any

from services.common.messaging.rpc import rpc
from services.consultations.operations import trajectory
from services.consultations.schemas import trajectory as trajectory_schemas
from services.consultations.service.methods import Methods


class TrajectoryMethods(Methods):
    @rpc
    def get_trajectory(self, request: dict[str, Any]) -> dict[str, Any]:
        query = trajectory_schemas.get_trajectory(request)
        points = trajectory.get_trajectory(self.app, self.call, query)
        return trajectory_schemas.trajectory(query.organisation_id, points)
