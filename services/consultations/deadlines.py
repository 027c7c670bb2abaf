"""What is done when something falls due: each kind of deadline, and its operation."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from services.common.storage.deadlines import Handler
from services.consultations.app import App
from services.consultations.domain.deadlines import DeadlineKind
from services.consultations.operations import (
    adviser_changes,
    campaign_requests,
    campaigns,
    case_deadlines,
    meeting_deadlines,
    milestones,
    room_answers,
    time_limits,
)


def handlers(app: App) -> Mapping[str, Handler]:
    """Kind of deadline → what is done about one."""
    return {
        DeadlineKind.CAMPAIGN: partial(campaigns.run_campaign_deadline, app),
        DeadlineKind.ADVISER: partial(adviser_changes.run_adviser_deadline, app),
        DeadlineKind.SEALED_CASE: partial(adviser_changes.run_sealed_case_deadline, app),
        DeadlineKind.CAMPAIGN_REQUESTS: partial(campaign_requests.update_requests, app),
        DeadlineKind.CAMPAIGN_REMINDER: partial(campaign_requests.remind_people, app),
        DeadlineKind.CASE: partial(case_deadlines.run_case_deadline, app),
        DeadlineKind.MILESTONE: partial(milestones.run_milestone_deadline, app),
        DeadlineKind.MILESTONE_REMINDER: partial(milestones.remind_of_milestone, app),
        DeadlineKind.RECOUNT_LIMITS: partial(time_limits.run_recount_deadline, app),
        DeadlineKind.TIME_LIMIT: partial(time_limits.run_time_limit_deadline, app),
        DeadlineKind.APPOINTMENT: partial(meeting_deadlines.remind_of_appointment, app),
        DeadlineKind.VISIT: partial(meeting_deadlines.remind_of_visit, app),
        DeadlineKind.ROOMS: partial(room_answers.repeat_room_request, app),
    }
