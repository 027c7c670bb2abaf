"""RPC methods of appointments."""

from __future__ import annotations

from typing import Any

from services.common.calendars import entries_to_wire
from services.common.contracts.calendars import EntriesOf
from services.common.messaging.rpc import rpc
from services.consultations.domain.appointments import Appointment
from services.consultations.operations import appointments, calendars
from services.consultations.operations.appointments import show_appointments
from services.consultations.schemas import appointments as schemas
from services.consultations.schemas import id_of
from services.consultations.service.methods import Methods

ENTRIES_OF = EntriesOf()


class AppointmentMethods(Methods):
    @rpc
    def list_appointments(self, request: dict[str, Any]) -> dict[str, Any]:
        query = schemas.list_appointments(request)
        found = appointments.find_appointments(self.app, self.call, query)
        return schemas.appointment_page(found, show_appointments(self.app, found), query.limit)

    @rpc
    def get_appointment(self, request: dict[str, Any]) -> dict[str, Any]:
        return self._appointment(appointments.get_appointment(self.app, self.call, id_of(request)))

    @rpc
    def agree_appointment(self, request: dict[str, Any]) -> dict[str, Any]:
        command = schemas.agree_appointment(request)
        return self._appointment(appointments.agree_appointment(self.app, self.call, command))

    @rpc
    def move_appointment(self, request: dict[str, Any]) -> dict[str, Any]:
        command = schemas.move_appointment(request)
        return self._appointment(appointments.move_appointment(self.app, self.call, command))

    @rpc
    def hand_over_appointment(self, request: dict[str, Any]) -> dict[str, Any]:
        command = schemas.hand_over(request)
        return self._appointment(appointments.hand_over_appointment(self.app, self.call, command))

    @rpc
    def complete_appointment(self, request: dict[str, Any]) -> dict[str, Any]:
        command = schemas.act_on_appointment(request)
        return self._appointment(appointments.complete_appointment(self.app, self.call, command))

    @rpc
    def miss_appointment(self, request: dict[str, Any]) -> dict[str, Any]:
        command = schemas.end_appointment(request)
        return self._appointment(appointments.miss_appointment(self.app, self.call, command))

    @rpc
    def cancel_appointment(self, request: dict[str, Any]) -> dict[str, Any]:
        command = schemas.end_appointment(request)
        return self._appointment(appointments.cancel_appointment(self.app, self.call, command))

    @rpc
    def appointment_calendar(self, request: dict[str, Any]) -> dict[str, Any]:
        query = schemas.calendar_of(request)
        return {"calendar": calendars.appointment_calendar(self.app, self.call, query)}

    @rpc
    def calendar_entries(self, request: dict[str, Any]) -> dict[str, Any]:
        language = ENTRIES_OF.load(request)["language"]
        return entries_to_wire(calendars.calendar_entries(self.app, self.call, language))

    def _appointment(self, value: Appointment) -> dict[str, Any]:
        return schemas.appointment(value, show_appointments(self.app, [value])[value.id])
