"""Answering a campaign: with an account, by its link, or entered from paper."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from services.common import errors
from services.common.context import Call, Caller
from services.common.contracts.consultations.campaign_errors import (
    CAMPAIGN_LINK_UNKNOWN,
    SHEET_ENTERED,
)
from services.common.contracts.form_words import Source
from services.common.contracts.forms_errors import ANSWERED_ALREADY
from services.common.forms.questions import Submission
from services.common.forms.validation import load_answers
from services.common.storage.idempotency import Request
from services.common.storage.mongo import Document, Session
from services.consultations.app import App
from services.consultations.domain.campaign_requests import REQUEST_PURPOSE
from services.consultations.domain.campaigns import (
    LINK_PURPOSE,
    Campaign,
    respondent_of_link,
    respondent_of_sheet,
    works_on,
)
from services.consultations.operations.campaigns import get_campaign
from services.consultations.schemas.campaigns import (
    AnswerCampaign,
    AnswerCampaignLink,
    CampaignForm,
)
from services.consultations.steps.campaign_answers import (
    form_of,
    take_answers,
    turn_of_campaign,
)


def get_campaign_form(app: App, call: Call, campaign_id: str) -> CampaignForm:
    """The form of a campaign that the caller sees, and whether the caller has answered it.

    Raises:
        errors.Unauthenticated, errors.NotFound: as of
            :func:`services.consultations.operations.campaigns.get_campaign`.
    """
    campaign = get_campaign(app, call, campaign_id)
    given = app.forms.answered(campaign.form_id, campaign.id, call.caller.id)
    return CampaignForm(campaign, form_of(app, campaign), given is not None)


def answer_campaign(app: App, call: Call, command: AnswerCampaign) -> Submission:
    """Take the caller's own answers, or those of a sheet of paper; the same key gives the same
    answers again.

    Raises:
        errors.Unauthenticated, errors.NotFound: as of :func:`get_campaign_form`.
        errors.Forbidden: for a sheet, for anybody but staff of its centres and advisers.
        errors.Conflict: ``consultations.sheet_entered``; and as of
            :func:`services.consultations.steps.campaign_answers.take_answers`.
        errors.Invalid: as of the same.
    """
    campaign = get_campaign(app, call, command.id)
    on_paper = command.sheet is not None
    if on_paper and not may_enter_sheets(call.caller, campaign):
        raise errors.Forbidden()
    request = Request.of(call, "consultations.answer_campaign", asdict(command))

    def work(session: Session) -> Submission:
        return take_answers(
            app,
            session,
            campaign.id,
            respondent=respondent_of_sheet(command.sheet) if command.sheet else call.caller.id,
            sent=command.sent,
            source=Source.PAPER if on_paper else Source.SIGNED_IN,
            entered_by=call.caller.id if on_paper else None,
        )

    def load(document: Document) -> Submission:
        found = app.forms.submission(document["submission_id"])
        if found is None:
            raise errors.NotFound()
        return found

    try:
        return app.keys.once(
            request,
            work,
            # What was answered is kept in one place alone.
            save=lambda submission: {"submission_id": submission.id},
            load=load,
            turn=turn_of_campaign(campaign.id),
        )
    except errors.Conflict as error:
        if on_paper and error.code == ANSWERED_ALREADY.code:
            raise SHEET_ENTERED() from error
        raise


def may_enter_sheets(caller: Caller, campaign: Campaign) -> bool:
    """Whether the caller enters what was answered on paper: staff of its centres, and advisers,
    who bring it from their visits."""
    return works_on(caller, campaign) or "adviser" in caller.roles


def open_campaign_link(app: App, call: Call, token: str) -> CampaignForm:
    """The form behind the link of a campaign, for anybody.

    Raises:
        errors.NotFound: ``consultations.campaign_link_unknown``.
        errors.Conflict: ``consultations.campaign_over``.
    """
    campaign, person_id = _opened(app, token)
    given = None
    if person_id is not None:
        given = app.forms.answered(campaign.form_id, campaign.id, person_id)
    if given is None:
        campaign.check_takes(app.clock.now(), on_paper=False)
    return CampaignForm(campaign, form_of(app, campaign), answered=given is not None)


def answer_campaign_link(app: App, call: Call, command: AnswerCampaignLink) -> Submission:
    """Take the answers of the holder of a link. By the link of a request they are those of the
    person who was asked, and come once. By the link for everybody the key stands for the
    respondent. The same answers of one respondent are the same submission.

    Raises:
        errors.Malformed: without a key.
        errors.NotFound: ``consultations.campaign_link_unknown``.
        errors.Conflict, errors.Invalid: as of
            :func:`services.consultations.steps.campaign_answers.take_answers`.
    """
    if not call.idempotency_key:
        raise errors.Malformed("idempotency.key_missing")
    campaign, person_id = _opened(app, command.token)
    respondent = person_id or respondent_of_link(campaign.id, call.idempotency_key)

    def work(session: Session) -> Submission:
        given = app.forms.answered(campaign.form_id, campaign.id, respondent, session)
        if given is not None and _is_same(app, given, command.sent, session):
            return given
        # The link may have been replaced since.
        _opened(app, command.token, session)
        return take_answers(
            app,
            session,
            campaign.id,
            respondent=respondent,
            sent=command.sent,
            source=Source.LINK,
        )

    return app.database.transact(work, turn=turn_of_campaign(campaign.id))


def _is_same(app: App, given: Submission, sent: Mapping[str, Any], session: Session) -> bool:
    if given.edition != sent["edition"]:
        return False
    form = app.forms.edition(given.form_id, given.edition, session)
    return bool(given.answers == load_answers(form, sent["answers"]))


def _opened(app: App, token: str, session: Session | None = None) -> tuple[Campaign, str | None]:
    """The campaign whose link it is; and who was asked, where the link is of a request.

    Raises:
        errors.NotFound: ``consultations.campaign_link_unknown``.
    """
    subject = app.links.subject_of(token)
    request = app.campaign_requests.look_up(subject, session) if subject else None
    if request is not None and app.links.opens(
        token, REQUEST_PURPOSE, request.id, request.campaign_id
    ):
        return app.campaigns.get(request.campaign_id, session), request.person_id
    campaign = app.campaigns.look_up(subject, session) if subject else None
    if (
        campaign is None
        or campaign.link_nonce is None
        or not app.links.opens(token, LINK_PURPOSE, campaign.id, campaign.link_nonce)
    ):
        raise CAMPAIGN_LINK_UNKNOWN()
    return campaign, None
