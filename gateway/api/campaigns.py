"""Campaigns of needs studies: what staff prepare, and people with an account answer."""

from __future__ import annotations

from gateway.api import branch
from gateway.web import campaign_schemas, schemas
from gateway.web.endpoint import SIGNED_IN, Answer, Incoming, endpoint
from gateway.web.openapi import Blueprint
from services.common.contracts import forms, forms_errors
from services.common.contracts.consultations import campaign_errors as errors
from services.common.contracts.consultations import campaigns as contract
from services.common.contracts.consultations.case_errors import UNKNOWN_CENTRE

blueprint = Blueprint("campaigns", __name__, description="Campaigns of needs studies")

_BRANCH = "consultations"
_OF_END = (errors.CLOSES_TOO_EARLY, errors.CLOSES_TOO_LATE)
#: Whatever way answers come.
OF_TAKING = (
    errors.CAMPAIGN_NOT_ALLOWED_NOW,
    errors.CAMPAIGN_OVER,
    errors.CAMPAIGN_FULL,
    forms_errors.UNKNOWN_EDITION,
    forms_errors.ANSWERED_ALREADY,
)
ANSWERS = {
    "edition": 1,
    "answers": {"centre": "raqqa", "project_management": 4, "legal_support": "not_applicable"},
}


@blueprint.route("/v1/campaigns", methods=["GET"])
@endpoint(
    query=campaign_schemas.CampaignsQuery,
    answer=campaign_schemas.CampaignPage,
    access=SIGNED_IN,
    branch=_BRANCH,
)
def list_campaigns(incoming: Incoming) -> Answer:
    """Campaigns that are open, or were; staff see those too that are prepared or cancelled."""
    return branch.listed(incoming, _BRANCH, "list_campaigns")


@blueprint.route("/v1/campaigns/<id:campaign_id>", methods=["GET"])
@endpoint(
    query=schemas.Selection,
    answer=contract.Campaign,
    access=SIGNED_IN,
    versioned=True,
    refuses=(404,),
    branch=_BRANCH,
)
def get_campaign(incoming: Incoming, campaign_id: str) -> Answer:
    """One campaign; staff of its centres see how many have answered, and its link."""
    answer = branch.one(incoming, _BRANCH, "get_campaign", id=campaign_id)
    # Answers come without a new version.
    answer.conditional = False
    return answer


@blueprint.route("/v1/campaigns", methods=["POST"])
@endpoint(
    body=contract.CreateCampaign,
    answer=contract.Campaign,
    status=201,
    access=SIGNED_IN,
    creates=True,
    versioned=True,
    refuses=(403, errors.UNKNOWN_STUDY, UNKNOWN_CENTRE, *_OF_END),
    branch=_BRANCH,
    example={
        "study_id": "needs-of-organisations",
        "title": {"ar": "دراسة الاحتياج لربيع 2027", "en": "Needs, spring 2027"},
        "centre_ids": ["raqqa", "tabqa"],
        "closes_at": "2027-03-31T14:00:00Z",
    },
)
def create_campaign(incoming: Incoming) -> Answer:
    """Prepare a campaign of a study (managers). Only staff know of it until it is opened."""
    return branch.created(incoming, _BRANCH, "create_campaign", "/v1/campaigns", **incoming.body)


@blueprint.route("/v1/campaigns/<id:campaign_id>", methods=["PATCH"])
@endpoint(
    body=contract.CampaignChanges,
    answer=contract.Campaign,
    access=SIGNED_IN,
    changes=True,
    refuses=(403, 404, errors.CAMPAIGN_NOT_ALLOWED_NOW, UNKNOWN_CENTRE, *_OF_END),
    branch=_BRANCH,
    example={"closes_at": "2027-04-15T14:00:00Z", "reason": "ردود قليلة من الطبقة"},
)
def change_campaign(incoming: Incoming, campaign_id: str) -> Answer:
    """Change the words, centres or end of a campaign that is not over (managers)."""
    return branch.changed(incoming, _BRANCH, "change_campaign", campaign_id, **incoming.body)


@blueprint.route("/v1/campaigns/<id:campaign_id>/open", methods=["POST"])
@endpoint(
    body=contract.CampaignOpening,
    body_optional=True,
    answer=contract.Campaign,
    access=SIGNED_IN,
    changes=True,
    refuses=(403, 404, errors.CAMPAIGN_NOT_ALLOWED_NOW, *_OF_END),
    branch=_BRANCH,
)
def open_campaign(incoming: Incoming, campaign_id: str) -> Answer:
    """Take answers from now on (managers); again, with a later end, where too few have come."""
    return branch.changed(incoming, _BRANCH, "open_campaign", campaign_id, **incoming.body)


@blueprint.route("/v1/campaigns/<id:campaign_id>/stop", methods=["POST"])
@endpoint(
    body=schemas.Empty,
    answer=contract.Campaign,
    access=SIGNED_IN,
    changes=True,
    refuses=(403, 404, errors.CAMPAIGN_NOT_ALLOWED_NOW),
    branch=_BRANCH,
)
def stop_campaign(incoming: Incoming, campaign_id: str) -> Answer:
    """Take nothing but what is on paper from now on (managers). By itself it stops at its end."""
    return branch.changed(incoming, _BRANCH, "stop_campaign", campaign_id)


@blueprint.route("/v1/campaigns/<id:campaign_id>/close", methods=["POST"])
@endpoint(
    body=schemas.Empty,
    answer=contract.Campaign,
    access=SIGNED_IN,
    changes=True,
    refuses=(403, 404, errors.CAMPAIGN_NOT_ALLOWED_NOW),
    branch=_BRANCH,
)
def close_campaign(incoming: Incoming, campaign_id: str) -> Answer:
    """Take no more, and rank what was said (managers). By itself it closes 30 days after its
    end."""
    return branch.changed(incoming, _BRANCH, "close_campaign", campaign_id)


@blueprint.route("/v1/campaigns/<id:campaign_id>/cancel", methods=["POST"])
@endpoint(
    body=contract.CampaignCancellation,
    answer=contract.Campaign,
    access=SIGNED_IN,
    changes=True,
    refuses=(403, 404, errors.CAMPAIGN_NOT_ALLOWED_NOW),
    branch=_BRANCH,
    example={"reason": "تؤجَّل إلى الخريف"},
)
def cancel_campaign(incoming: Incoming, campaign_id: str) -> Answer:
    """Give a campaign up, with a reason (managers): nothing is ranked."""
    return branch.changed(incoming, _BRANCH, "cancel_campaign", campaign_id, **incoming.body)


@blueprint.route("/v1/campaigns/<id:campaign_id>/link", methods=["PUT"])
@endpoint(
    body=contract.CampaignLink,
    answer=contract.Campaign,
    access=SIGNED_IN,
    changes=True,
    refuses=(403, 404, errors.CAMPAIGN_NOT_ALLOWED_NOW),
    branch=_BRANCH,
    example={"wanted": True},
)
def set_campaign_link(incoming: Incoming, campaign_id: str) -> Answer:
    """Make a link by which anybody answers without an account, or have none (staff of its
    centres). A new one makes the one before void."""
    return branch.changed(incoming, _BRANCH, "set_campaign_link", campaign_id, **incoming.body)


@blueprint.route("/v1/campaigns/<id:campaign_id>/history", methods=["GET"])
@endpoint(
    query=schemas.ListQuery,
    answer=schemas.HistoryPage,
    access=SIGNED_IN,
    refuses=(403, 404),
    branch=_BRANCH,
)
def campaign_history(incoming: Incoming, campaign_id: str) -> Answer:
    """Who changed what of the campaign, when and why (staff of its centres). Oldest first."""
    return branch.listed(incoming, _BRANCH, "campaign_history", id=campaign_id)


@blueprint.route("/v1/campaigns/<id:campaign_id>/form", methods=["GET"])
@endpoint(answer=contract.CampaignForm, access=SIGNED_IN, refuses=(404,), branch=_BRANCH)
def get_campaign_form(incoming: Incoming, campaign_id: str) -> Answer:
    """What the campaign asks, and whether the caller has answered."""
    return Answer(branch.ask(incoming, _BRANCH, "get_campaign_form", id=campaign_id))


@blueprint.route("/v1/campaigns/<id:campaign_id>/answers", methods=["POST"])
@endpoint(
    body=contract.CampaignAnswers,
    answer=forms.Submission,
    status=201,
    access=SIGNED_IN,
    creates=True,
    refuses=(403, 404, errors.SHEET_ENTERED, *OF_TAKING),
    branch=_BRANCH,
    example=ANSWERS,
)
def answer_campaign(incoming: Incoming, campaign_id: str) -> Answer:
    """Answer a campaign, once; or enter a sheet of paper (staff of its centres, and advisers).

    A sheet is entered once for its mark, up to 30 days longer than people answer.
    """
    taken = branch.ask(incoming, _BRANCH, "answer_campaign", id=campaign_id, **incoming.body)
    return Answer(taken, location=f"/v1/campaigns/{campaign_id}/form")
