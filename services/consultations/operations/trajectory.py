"""The trajectory of an organisation, read."""

from __future__ import annotations

from datetime import UTC

from services.common import errors
from services.common.context import Call
from services.consultations.app import App
from services.consultations.domain.assessment_permissions import check_may_see_organisation
from services.consultations.domain.trajectory import Month, Point, trace_trajectory
from services.consultations.schemas.trajectory import GetTrajectory


def get_trajectory(app: App, call: Call, query: GetTrajectory) -> list[Point]:
    """Where an organisation stood at the end of each quarter, and stands now; empty where nothing
    is known of it.

    Raises:
        errors.Unauthenticated: for a visitor.
        errors.NotFound: if there is no such organisation, or for anybody but its people, advisers
            and managers.
    """
    check_may_see_organisation(call.caller, query.organisation_id)
    known = app.directory.organisation(query.organisation_id)
    if known is None and not call.caller.belongs_to(query.organisation_id):
        raise errors.NotFound()
    return trace_trajectory(
        app.trajectory_facts.count_by_month(query.organisation_id),
        app.trajectory_facts.levels_of(query.organisation_id),
        Month.of_day(app.clock.now().astimezone(UTC).date()),
    )
