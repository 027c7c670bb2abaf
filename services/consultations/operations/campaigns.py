"""Campaigns of needs studies: preparing, opening, stopping and closing them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict

from services.common import errors
from services.common.authorisation import check_is_manager, check_signed_in, is_staff
from services.common.context import SYSTEM, Call, Caller
from services.common.contracts.consultations import events
from services.common.contracts.consultations.campaign_errors import UNKNOWN_STUDY
from services.common.contracts.consultations.case_errors import UNKNOWN_CENTRE
from services.common.contracts.registry import EventType
from services.common.errors import FieldError
from services.common.history.changes import Change, subject_of
from services.common.history.wire import ListHistory
from services.common.lists import one_more
from services.common.storage.deadlines import Deadline
from services.common.storage.idempotency import Request
from services.common.storage.mongo import Session
from services.consultations.app import App
from services.consultations.domain.campaign_states import CampaignStatus
from services.consultations.domain.campaigns import (
    LINK_PURPOSE,
    Campaign,
    check_end,
    works_on,
)
from services.consultations.schemas.campaigns import (
    ActOnCampaign,
    CampaignShown,
    ChangeCampaign,
    CreateCampaign,
    ListCampaigns,
    SetCampaignLink,
)
from services.consultations.steps.campaign_answers import turn_of_campaign
from services.consultations.steps.save_campaign import (
    close_campaign,
    save_campaign,
    set_campaign_deadline,
    stop_campaign,
)


def find_campaigns(app: App, call: Call, query: ListCampaigns) -> list[Campaign]:
    """Campaigns by id, one more than a page where there are more; what only staff know of is for
    staff.

    Raises:
        errors.Unauthenticated: for a visitor.
    """
    check_signed_in(call.caller)
    return app.campaigns.find(
        known_only=not is_staff(call.caller),
        study_id=query.study_id,
        centre_id=query.centre_id,
        status=query.status,
        after=query.after,
        limit=one_more(query.limit),
    )


def get_campaign(app: App, call: Call, campaign_id: str) -> Campaign:
    """Raises:
    errors.Unauthenticated: for a visitor.
    errors.NotFound: if there is none, or it is one that only staff know of.
    """
    check_signed_in(call.caller)
    campaign = app.campaigns.get(campaign_id)
    if not (campaign.known or is_staff(call.caller)):
        raise errors.NotFound()
    return campaign


def show_campaigns(app: App, call: Call, found: Sequence[Campaign]) -> list[CampaignShown]:
    """Campaigns that the caller may see, with what the caller may know of them."""
    own = [each for each in found if works_on(call.caller, each)]
    answers = app.campaigns.answers_to([each.id for each in own]) if own else {}
    return [
        CampaignShown(each, answers.get(each.id), _link_token(app, call.caller, each))
        for each in found
    ]


def _link_token(app: App, caller: Caller, campaign: Campaign) -> str | None:
    if campaign.link_nonce is None or not works_on(caller, campaign):
        return None
    return app.links.lasting_token(LINK_PURPOSE, campaign.id, campaign.link_nonce)


def create_campaign(app: App, call: Call, command: CreateCampaign) -> Campaign:
    """Prepare a campaign, which only staff know of; the same key gives the same one again.

    Raises:
        errors.Unauthenticated, errors.Forbidden: for anybody but a manager.
        errors.Invalid: ``consultations.unknown_study``, ``consultations.unknown_centre``; and as
            of :func:`services.consultations.domain.campaigns.check_end`.
    """
    check_is_manager(call.caller)
    request = Request.of(call, "consultations.create_campaign", asdict(command))

    def work(session: Session) -> Campaign:
        now = app.clock.now()
        study = app.needs_studies.look_up(command.study_id, session)
        if study is None:
            raise UNKNOWN_STUDY(errors=[FieldError("/study_id", UNKNOWN_STUDY.code)])
        _check_centres(app, session, command.centre_ids)
        check_end(command.closes_at, now)
        campaign = Campaign(
            id=app.new_id(),
            study_id=study.id,
            form_id=study.form_id,
            title=command.title,
            centre_ids=command.centre_ids,
            closes_at=command.closes_at,
            created_by=call.caller.id,
            created_at=now,
        )
        event = events.CAMPAIGN_CREATED
        save_campaign(app, call.caller, session, event, None, campaign, action="add")
        return campaign

    return app.keys.once(
        request, work, save=app.campaigns.document_of, load=app.campaigns.aggregate_of
    )


def change_campaign(app: App, call: Call, command: ChangeCampaign) -> Campaign:
    """Change a campaign before its end.

    Raises:
        errors.Unauthenticated, errors.Forbidden: for anybody but a manager.
        errors.NotFound: if there is none.
        errors.Stale: it is not at the expected version any more.
        errors.Conflict: ``consultations.campaign_not_allowed_now``.
        errors.Invalid: ``consultations.unknown_centre``; and as of
            :func:`services.consultations.domain.campaigns.check_end`.
    """
    check_is_manager(call.caller)

    def work(session: Session) -> Campaign:
        before = _at(app, session, command.id, command.expected_version)
        after = before.changed(command.changes, app.clock.now())
        if after is before:
            return before
        _check_centres(app, session, after.centre_ids)
        _save(app, call, session, events.CAMPAIGN_CHANGED, before, after, "change", command.reason)
        return after

    return app.database.transact(work)


def open_campaign(app: App, call: Call, command: ActOnCampaign) -> Campaign:
    """Take answers from now on. The edition that is asked stays as it is from now on, too.

    Raises:
        as :func:`change_campaign`.
    """

    def work(session: Session) -> Campaign:
        before = _at(app, session, command.id, command.expected_version)
        study = app.needs_studies.get(before.study_id, session)
        form = app.forms.latest(before.form_id, session)
        after = before.opened(study, form.edition, app.clock.now(), command.closes_at)
        app.forms.freeze(session, app.forms.edition(after.form_id, after.edition or 1, session))
        _save(app, call, session, events.CAMPAIGN_OPENED, before, after, "open")
        return after

    return _act(app, call, command, work)


def stop_answers(app: App, call: Call, command: ActOnCampaign) -> Campaign:
    """Take nothing but paper from now on, before the set end.

    Raises:
        as :func:`change_campaign`.
    """

    def work(session: Session) -> Campaign:
        before = _at(app, session, command.id, command.expected_version)
        return stop_campaign(app, call.caller, session, before)

    return _act(app, call, command, work)


def close(app: App, call: Call, command: ActOnCampaign) -> Campaign:
    """Take nothing any more, and rank what was said.

    Raises:
        as :func:`change_campaign`.
    """

    def work(session: Session) -> Campaign:
        before = _at(app, session, command.id, command.expected_version)
        return close_campaign(app, call.caller, session, before)

    return _act(app, call, command, work)


def cancel_campaign(app: App, call: Call, command: ActOnCampaign) -> Campaign:
    """Give a campaign up, with a reason.

    Raises:
        as :func:`change_campaign`.
    """

    def work(session: Session) -> Campaign:
        before = _at(app, session, command.id, command.expected_version)
        after = before.cancelled(app.clock.now())
        event = events.CAMPAIGN_CANCELLED
        _save(app, call, session, event, before, after, "cancel", command.reason)
        return after

    return _act(app, call, command, work)


def set_campaign_link(app: App, call: Call, command: SetCampaignLink) -> Campaign:
    """Make a new link by which anybody answers, which makes the one before void; or have none.

    Raises:
        errors.Unauthenticated: for a visitor.
        errors.NotFound: if there is none that the caller sees.
        errors.Forbidden: for anybody but managers and the front desks of its centres.
        errors.Stale, errors.Conflict: as of :func:`change_campaign`.
    """
    if not works_on(call.caller, get_campaign(app, call, command.id)):
        raise errors.Forbidden()

    def work(session: Session) -> Campaign:
        before = _at(app, session, command.id, command.expected_version)
        after = before.linked(app.new_id() if command.wanted else None)
        _save(app, call, session, events.CAMPAIGN_CHANGED, before, after, "set_link")
        return after

    return app.database.transact(work)


def campaign_history(app: App, call: Call, query: ListHistory) -> list[Change]:
    """Who changed what of a campaign, when and why; oldest first, one more than a page where there
    are more.

    Raises:
        errors.Unauthenticated, errors.NotFound: as of :func:`get_campaign`.
        errors.Forbidden: for anybody but managers and the front desks of its centres.
    """
    campaign = get_campaign(app, call, query.id)
    if not works_on(call.caller, campaign):
        raise errors.Forbidden()
    return app.history.of(subject_of(campaign), after=query.after, limit=one_more(query.limit))


def run_campaign_deadline(app: App, deadline: Deadline) -> None:
    """Bring a campaign to where it stands now: people's answers end, then those on paper.

    Raises:
        LeaseLost: if the deadline was moved or is another worker's by now; nothing has changed.
    """

    def work(session: Session) -> None:
        app.deadlines.finish(session, deadline)
        campaign = app.campaigns.look_up(deadline.subject, session)
        if campaign is None or campaign.due_at is None:
            return
        if campaign.due_at > app.clock.now():
            set_campaign_deadline(app, session, campaign)
        elif campaign.status is CampaignStatus.OPEN:
            stop_campaign(app, SYSTEM, session, campaign)
        else:
            close_campaign(app, SYSTEM, session, campaign)

    app.database.transact(work, turn=turn_of_campaign(deadline.subject))


def _act(
    app: App, call: Call, command: ActOnCampaign, work: Callable[[Session], Campaign]
) -> Campaign:
    """Do what only managers do, in a transaction that meets no answer of the same process."""
    check_is_manager(call.caller)
    return app.database.transact(work, turn=turn_of_campaign(command.id))


def _at(app: App, session: Session, campaign_id: str, expected_version: int) -> Campaign:
    campaign = app.campaigns.get(campaign_id, session)
    if campaign.version != expected_version:
        raise errors.Stale()
    return campaign


def _save(
    app: App,
    call: Call,
    session: Session,
    event: EventType,
    before: Campaign,
    after: Campaign,
    action: str,
    reason: str | None = None,
) -> None:
    save_campaign(app, call.caller, session, event, before, after, action=action, reason=reason)


def _check_centres(app: App, session: Session, centre_ids: Iterable[str]) -> None:
    faults = [
        FieldError(f"/centre_ids/{number}", UNKNOWN_CENTRE.code)
        for number, each in enumerate(centre_ids)
        if app.centres.look_up(each, session) is None
    ]
    if faults:
        raise UNKNOWN_CENTRE(errors=faults)
