"""Saving a campaign: its event, the entry of its history and its deadline go with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.common import clock
from services.common.context import Caller
from services.common.contracts.consultations import events
from services.common.contracts.registry import EventType
from services.common.history.steps import record_change
from services.common.storage.mongo import Session
from services.consultations.app import App
from services.consultations.domain.campaigns import Campaign
from services.consultations.domain.deadlines import DeadlineKind
from services.consultations.domain.needs import CampaignResult, RankedNeeds, rank_needs
from services.consultations.steps.campaign_requests import set_request_deadlines


def save_campaign(
    app: App,
    caller: Caller,
    session: Session,
    event_type: EventType,
    before: Campaign | None,
    after: Campaign,
    *,
    action: str,
    reason: str | None = None,
    found: Mapping[str, Any] | None = None,
) -> None:
    """Store a new version of a campaign, with all that follows from it.

    Args:
        before: nothing where it is new.
        action, reason: of the history.
        found: what the event says of its needs.

    Raises:
        errors.Stale: if the stored version is another one.
    """
    if before is None:
        app.campaigns.add(session, after)
    else:
        app.campaigns.save(session, after, before.version)
    set_campaign_deadline(app, session, after)
    set_request_deadlines(app, session, before, after)
    was = before.facts if before else None
    record_change(app, caller, session, after, was, after.facts, reason, action=action)
    data = {
        "campaign_id": after.id,
        "study_id": after.study_id,
        "title": dict(after.title),
        "centre_ids": list(after.centre_ids),
        "status": after.status.value,
        "closes_at": clock.to_wire(after.closes_at),
        "version": after.version,
        "changed_by": caller.id,
        **(found or {}),
    }
    app.outbox.record(
        session, event_type, subject=after.id, version=after.version, data=data, caller=caller
    )


def set_campaign_deadline(app: App, session: Session, campaign: Campaign) -> None:
    """Set the moment at which time changes it next, or clear it."""
    if campaign.due_at is None:
        app.deadlines.clear(session, DeadlineKind.CAMPAIGN, campaign.id)
    else:
        app.deadlines.set(session, DeadlineKind.CAMPAIGN, campaign.id, campaign.due_at)


def stop_campaign(app: App, caller: Caller, session: Session, campaign: Campaign) -> Campaign:
    """Take nothing but paper from now on.

    Raises:
        errors.Conflict: ``consultations.campaign_not_allowed_now``.
    """
    after = campaign.stopped(app.clock.now())
    event = events.CAMPAIGN_STOPPED
    save_campaign(app, caller, session, event, campaign, after, action="stop")
    return after


def close_campaign(app: App, caller: Caller, session: Session, campaign: Campaign) -> Campaign:
    """Take nothing any more, and rank what was said.

    Raises:
        errors.Conflict: ``consultations.campaign_not_allowed_now``.
    """
    now = app.clock.now()
    after = campaign.closed(now)
    assert after.edition is not None, "a campaign was open before it is closed"
    assert after.study is not None, "a campaign was open before it is closed"
    # No answer comes in beside it: both write the count.
    app.campaigns.end_count(session, campaign.id)
    form = app.forms.edition(after.form_id, after.edition, session)
    answers = [
        each.answers for each in app.forms.submissions(after.form_id, after.id, session=session)
    ]
    found = rank_needs(after.study, form, answers)
    app.campaign_results.add(session, CampaignResult(after.id, after.study_id, now, found))
    save_campaign(
        app,
        caller,
        session,
        events.CAMPAIGN_CLOSED,
        campaign,
        after,
        action="close",
        found=_found(found),
    )
    return after


def _found(needs: RankedNeeds) -> dict[str, Any]:
    return {
        "least": needs.least,
        "most": needs.most,
        "people": needs.people,
        "needs": [
            {
                "question_id": each.question_id,
                "topic_id": each.topic_id,
                "case_kind": each.case_kind,
                "need": each.need / 100,
                "rank": each.rank,
            }
            for each in needs.needs
            if each.need is not None
        ],
    }
