"""RPC methods of calendars."""

from __future__ import annotations

from typing import Any

from services.common.messaging.rpc import rpc
from services.trainings.operations import calendars
from services.trainings.schemas import calendars as schemas
from services.trainings.service.methods import Methods


class CalendarMethods(Methods):
    @rpc
    def calendar_entries(self, request: dict[str, Any]) -> dict[str, Any]:
        language = schemas.language_of_entries(request)
        return schemas.entry_list(calendars.calendar_entries(self.app, self.call, language))
