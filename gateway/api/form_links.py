"""Links of forms: staff make them, and their holders answer without an account."""

from __future__ import annotations

from gateway.api import branch
from gateway.api.answers import OF_TAKING
from gateway.web.endpoint import OPEN, SIGNED_IN, Answer, Incoming, endpoint
from gateway.web.openapi import Blueprint
from services.common.contracts import forms
from services.common.contracts.trainings import answers_errors, forms_errors, refusals
from services.common.contracts.trainings import form_links as contract
from services.common.contracts.trainings import forms as cohort_forms

blueprint = Blueprint("form_links", __name__, description="Forms answered by link")

_BRANCH = "trainings"
_NEVER_KEPT = "private, no-store"


@blueprint.route("/v1/applications/<id:application_id>/form-links", methods=["POST"])
@endpoint(
    body=contract.WantedLink,
    answer=contract.FormLink,
    access=SIGNED_IN,
    refuses=(403, 404, answers_errors.NO_SUCH_FORM, forms_errors.NO_SEAT_ANY_MORE),
    branch=_BRANCH,
    example={"occasion": "feedback"},
)
def make_form_link(incoming: Incoming, application_id: str) -> Answer:
    """Make a link by which a person answers a form without an account (staff of the centre).

    It is valid for 30 days, for this occasion and person alone; nothing is stored of it.
    """
    found = branch.ask(incoming, _BRANCH, "make_form_link", id=application_id, **incoming.body)
    return Answer(found, cache_control=_NEVER_KEPT)


@blueprint.route("/v1/form-links/<id:token>", methods=["GET"])
@endpoint(
    answer=contract.LinkedForm,
    access=OPEN,
    refuses=(404, *refusals.OF_FORM_LINK),
    branch=_BRANCH,
)
def open_form_link(incoming: Incoming, token: str) -> Answer:
    """The form behind a link. Nobody needs to sign in."""
    found = branch.ask(incoming, _BRANCH, "open_form_link", token=token)
    return Answer(found, cache_control=_NEVER_KEPT)


@blueprint.route("/v1/form-links/<id:token>/answers", methods=["POST"])
@endpoint(
    body=cohort_forms.CohortAnswers,
    answer=forms.Submission,
    access=OPEN,
    refuses=(404, *refusals.OF_FORM_LINK, *OF_TAKING),
    branch=_BRANCH,
    example={
        "form_id": "0198c0de-0000-7000-8000-00000000000f",
        "edition": 1,
        "answers": {"useful": 4},
    },
)
def answer_by_link(incoming: Incoming, token: str) -> Answer:
    """Answer the form behind a link, once; the same answers again change nothing."""
    found = branch.ask(incoming, _BRANCH, "answer_by_link", token=token, **incoming.body)
    return Answer(found, cache_control=_NEVER_KEPT)
