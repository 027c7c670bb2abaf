"""When people are asked to answer a campaign, and reminded."""

from __future__ import annotations

from services.common.storage.mongo import Session
from services.consultations.app import App
from services.consultations.domain.campaign_requests import reminder_at
from services.consultations.domain.campaign_states import CampaignStatus
from services.consultations.domain.campaigns import Campaign
from services.consultations.domain.deadlines import DeadlineKind


def set_request_deadlines(
    app: App, session: Session, before: Campaign | None, after: Campaign
) -> None:
    """Set when people are asked, reminded, or need not answer any more, as a campaign stands."""
    now, due_at = app.clock.now(), reminder_at(after)
    was_open = before is not None and before.status is CampaignStatus.OPEN
    is_open = after.status is CampaignStatus.OPEN
    if is_open is not was_open:
        app.deadlines.set(session, DeadlineKind.CAMPAIGN_REQUESTS, after.id, now)
    if not is_open:
        app.deadlines.clear(session, DeadlineKind.CAMPAIGN_REMINDER, after.id)
    elif not was_open or before is None or before.closes_at != after.closes_at:
        if due_at is not None and due_at > now:
            app.deadlines.set(session, DeadlineKind.CAMPAIGN_REMINDER, after.id, due_at)
        else:
            app.deadlines.clear(session, DeadlineKind.CAMPAIGN_REMINDER, after.id)
