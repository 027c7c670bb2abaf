"""RPC methods of attendance."""

from __future__ import annotations

from typing import Any

from services.common.history.wire import history_page
from services.common.messaging.rpc import rpc
from services.trainings.operations import attendance
from services.trainings.schemas import attendance as schemas
from services.trainings.service.methods import Methods


class AttendanceMethods(Methods):
    @rpc
    def record_marks(self, request: dict[str, Any]) -> dict[str, Any]:
        command = schemas.record_marks(request)
        received = attendance.record_marks(self.app, self.call, command)
        return schemas.recorded_marks(command.marks, received)

    @rpc
    def session_attendance(self, request: dict[str, Any]) -> dict[str, Any]:
        cohort_id, session_id = schemas.session_of(request)
        found = attendance.session_attendance(self.app, self.call, cohort_id, session_id)
        return schemas.session_attendance(cohort_id, session_id, found)

    @rpc
    def cohort_attendance(self, request: dict[str, Any]) -> dict[str, Any]:
        cohort_id = schemas.cohort_of(request)
        found = attendance.cohort_attendance(self.app, self.call, cohort_id)
        return schemas.cohort_attendance(cohort_id, found)

    @rpc
    def my_attendance(self, request: dict[str, Any]) -> dict[str, Any]:
        cohort_id = schemas.cohort_of(request)
        return schemas.person(attendance.my_attendance(self.app, self.call, cohort_id))

    @rpc
    def list_contradictions(self, request: dict[str, Any]) -> dict[str, Any]:
        query = schemas.list_contradictions(request)
        found = attendance.find_contradictions(self.app, self.call, query)
        return schemas.entry_page(found, query.limit)

    @rpc
    def get_attendance(self, request: dict[str, Any]) -> dict[str, Any]:
        place = schemas.place_of(request)
        return schemas.entry(attendance.get_attendance(self.app, self.call, place))

    @rpc
    def settle_attendance(self, request: dict[str, Any]) -> dict[str, Any]:
        command = schemas.settle_attendance(request)
        return schemas.entry(attendance.settle_attendance(self.app, self.call, command))

    @rpc
    def attendance_history(self, request: dict[str, Any]) -> dict[str, Any]:
        place, query = schemas.list_history(request)
        found = attendance.attendance_history(self.app, self.call, place, query)
        return history_page(found, query.limit)
