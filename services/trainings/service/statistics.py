"""RPC methods of reports about trainees."""

from __future__ import annotations

from typing import Any

from services.common.messaging.rpc import rpc
from services.common.report_periods import period_to_wire
from services.trainings.operations import statistics
from services.trainings.schemas import id_of
from services.trainings.schemas import statistics as statistics_schemas
from services.trainings.service.methods import Methods


class StatisticsMethods(Methods):
    @rpc
    def report_trainings(self, request: dict[str, Any]) -> dict[str, Any]:
        query = statistics_schemas.report_trainings(request)
        return _shown(statistics.report_trainings(self.app, self.call, query))

    @rpc
    def freeze_period(self, request: dict[str, Any]) -> dict[str, Any]:
        command = statistics_schemas.freeze(request)
        return period_to_wire(statistics.freeze(self.app, self.call, command))

    @rpc
    def list_frozen_periods(self, request: dict[str, Any]) -> dict[str, Any]:
        query = statistics_schemas.list_frozen_periods(request)
        found = statistics.find_frozen_periods(self.app, self.call, query)
        return statistics_schemas.frozen_period_page(found, query.limit)

    @rpc
    def get_frozen_period(self, request: dict[str, Any]) -> dict[str, Any]:
        period, report = statistics.get_frozen_period(self.app, self.call, id_of(request))
        return {**period_to_wire(period), "report": _shown(report)}


def _shown(report: statistics.Report) -> dict[str, Any]:
    return statistics_schemas.report(
        report.first_day,
        report.last_day,
        report.centre_id,
        report.statistics,
        report.public,
        report.names,
    )
