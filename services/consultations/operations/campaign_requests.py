"""Asking people to answer a campaign, and reminding those who have not: a few at a time, so that
none of these transactions is long, and once however often a worker dies between them."""

from __future__ import annotations

from collections.abc import Mapping

from services.common import clock
from services.common.context import SYSTEM
from services.common.contracts.consultations import events
from services.common.contracts.registry import EventType
from services.common.storage.deadlines import Deadline
from services.common.storage.mongo import Session
from services.consultations.app import App
from services.consultations.domain.campaign_requests import (
    REQUEST_PURPOSE,
    CampaignRequest,
    people_to_ask,
    reminder_at,
)
from services.consultations.domain.campaign_states import CampaignStatus
from services.consultations.domain.campaigns import Campaign
from services.consultations.steps.plans import next_opening

AT_ONCE = 100
"""How many people are written to in one transaction."""


def update_requests(app: App, deadline: Deadline) -> None:
    """Ask everybody who represents an approved organisation to answer a campaign that is open, and
    withdraw the requests of one that is open no more.

    Raises:
        LeaseLost: if the deadline was moved or is another worker's by now; nothing has changed.
    """

    def work(session: Session) -> None:
        app.deadlines.finish(session, deadline)
        campaign = app.campaigns.look_up(deadline.subject, session)
        if campaign is None:
            return
        is_open = campaign.status is CampaignStatus.OPEN
        if (_ask if is_open else _withdraw)(app, session, campaign):
            app.deadlines.set(session, deadline.kind, campaign.id, app.clock.now())

    app.database.transact(work)


def _ask(app: App, session: Session, campaign: Campaign) -> bool:
    """Ask some people; whether there are more."""
    now = app.clock.now()
    again = app.campaign_requests.withdrawn(campaign.id, session, limit=AT_ONCE + 1)
    if again:
        for each in again[:AT_ONCE]:
            after = each.repeated(now)
            app.campaign_requests.save(session, after, each.version)
            if not app.forms.answered(campaign.form_id, campaign.id, each.person_id, session):
                _record(app, session, events.CAMPAIGN_REQUEST_SENT, campaign, after)
        return True
    waiting = _not_asked(app, session, campaign)
    for person_id, organisation_id in list(waiting.items())[:AT_ONCE]:
        request = CampaignRequest(
            id=app.new_id(),
            campaign_id=campaign.id,
            organisation_id=organisation_id,
            person_id=person_id,
            asked_at=now,
        )
        app.campaign_requests.add(session, request)
        _record(app, session, events.CAMPAIGN_REQUEST_SENT, campaign, request)
    return len(waiting) > AT_ONCE


def _withdraw(app: App, session: Session, campaign: Campaign) -> bool:
    """Withdraw some requests, so that no mail which waits asks for what is not taken any more;
    whether there are more."""
    standing = app.campaign_requests.standing(campaign.id, session, limit=AT_ONCE + 1)
    for each in standing[:AT_ONCE]:
        after = each.ended()
        app.campaign_requests.save(session, after, each.version)
        _record(app, session, events.CAMPAIGN_REQUEST_WITHDRAWN, campaign, after)
    return len(standing) > AT_ONCE


def remind_people(app: App, deadline: Deadline) -> None:
    """Remind those who were asked and have not answered, in the working time of the campaign's
    first centre; nobody where that does not open before the end.

    Raises:
        LeaseLost: if the deadline was moved or is another worker's by now; nothing has changed.
    """

    def work(session: Session) -> None:
        app.deadlines.finish(session, deadline)
        campaign = app.campaigns.look_up(deadline.subject, session)
        due_at = None if campaign is None else reminder_at(campaign)
        if campaign is None or due_at is None:
            return
        now = app.clock.now()
        opening = max(due_at, next_opening(app, session, campaign.centre_ids[0], now))
        if opening >= campaign.closes_at:
            return
        if opening > now:
            app.deadlines.set(session, deadline.kind, campaign.id, opening, deadline.data)
            return
        page = app.campaign_requests.to_remind(
            campaign.id,
            campaign.closes_at,
            session,
            after=deadline.data.get("after"),
            limit=AT_ONCE + 1,
        )
        for each in page[:AT_ONCE]:
            if app.forms.answered(campaign.form_id, campaign.id, each.person_id, session):
                continue
            after = each.reminded(campaign.closes_at)
            app.campaign_requests.save(session, after, each.version)
            _record(app, session, events.CAMPAIGN_REQUEST_REMINDED, campaign, after)
        if len(page) > AT_ONCE:
            position = {"after": page[AT_ONCE - 1].id}
            app.deadlines.set(session, deadline.kind, campaign.id, now, position)

    app.database.transact(work)


def _not_asked(app: App, session: Session, campaign: Campaign) -> Mapping[str, str]:
    """Person → organisation, of those who are to be asked and were not."""
    organisations = app.directory.all_organisations(session)
    approved = [each.organisation_id for each in organisations if each.approved]
    asked = app.campaign_requests.asked(campaign.id, session)
    everybody = people_to_ask(app.directory.members(approved, session))
    return {who: of for who, of in everybody.items() if who not in asked}


def _record(
    app: App,
    session: Session,
    event_type: EventType,
    campaign: Campaign,
    request: CampaignRequest,
) -> None:
    app.outbox.record(
        session,
        event_type,
        subject=request.id,
        version=request.version,
        data={
            "request_id": request.id,
            "campaign_id": campaign.id,
            "organisation_id": request.organisation_id,
            "person_id": request.person_id,
            "title": dict(campaign.title),
            "closes_at": clock.to_wire(campaign.closes_at),
            "link_purpose": REQUEST_PURPOSE,
            "version": request.version,
        },
        caller=SYSTEM,
    )
