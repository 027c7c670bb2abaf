"""The link of a campaign: anybody who has it answers without an account."""

from __future__ import annotations

from gateway.api import branch, form_pages
from gateway.api.campaigns import ANSWERS, OF_TAKING
from gateway.web.endpoint import OPEN, Answer, Incoming, endpoint
from gateway.web.openapi import Blueprint
from services.common.contracts import forms
from services.common.contracts.consultations import campaign_errors as errors
from services.common.contracts.consultations import campaigns as contract

blueprint = Blueprint("campaign_links", __name__, description="Campaigns answered by link")

_BRANCH = "consultations"
_NEVER_KEPT = "private, no-store"


@blueprint.route("/v1/campaign-links/<id:token>", methods=["GET"])
@endpoint(
    answer=contract.CampaignForm,
    access=OPEN,
    refuses=(errors.CAMPAIGN_LINK_UNKNOWN, errors.CAMPAIGN_OVER, errors.CAMPAIGN_NOT_ALLOWED_NOW),
    branch=_BRANCH,
)
def open_campaign_link(incoming: Incoming, token: str) -> Answer:
    """What the campaign behind a link asks. Nobody needs to sign in."""
    found = branch.ask(incoming, _BRANCH, "open_campaign_link", token=token)
    return Answer(found, cache_control=_NEVER_KEPT)


@blueprint.route("/v1/campaign-links/<id:token>/answers", methods=["POST"])
@endpoint(
    body=forms.AnswersGiven,
    answer=forms.Submission,
    status=201,
    access=OPEN,
    creates=True,
    refuses=(errors.CAMPAIGN_LINK_UNKNOWN, *OF_TAKING),
    branch=_BRANCH,
    example=ANSWERS,
)
def answer_campaign_link(incoming: Incoming, token: str) -> Answer:
    """Answer the campaign behind a link. The key stands for the person: sent again with the same
    answers it changes nothing."""
    found = branch.ask(incoming, _BRANCH, "answer_campaign_link", token=token, **incoming.body)
    path = f"/v1/campaign-links/{token}"
    return Answer(found, location=path, cache_control=_NEVER_KEPT)


form_pages.add_pages(
    "/campaign-links",
    form_pages.FormLinks(
        _BRANCH, "open_campaign_link", "answer_campaign_link", "title", names_form=False
    ),
)
