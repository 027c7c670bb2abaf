"""RPC methods of time limits."""

from __future__ import annotations

from typing import Any

from services.common.messaging.rpc import rpc
from services.consultations.operations import time_limits
from services.consultations.schemas import id_of
from services.consultations.schemas import time_limits as schemas
from services.consultations.service.methods import Methods


class TimeLimitMethods(Methods):
    @rpc
    def list_time_limits(self, request: dict[str, Any]) -> dict[str, Any]:
        found = time_limits.list_time_limits(self.app, self.call, id_of(request))
        return schemas.time_limits_of_case(found)
