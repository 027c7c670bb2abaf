"""Tests, feedback and follow-up of a cohort: answered by participants, counted for staff."""

from __future__ import annotations

from gateway.api import branch
from gateway.web import schemas
from gateway.web.endpoint import SIGNED_IN, Answer, Incoming, endpoint
from gateway.web.form_schemas import FormQuery
from gateway.web.openapi import Blueprint
from services.common.contracts.trainings import answers as contract
from services.common.contracts.trainings import answers_errors as errors
from services.common.contracts.trainings import refusals, roster_errors

blueprint = Blueprint("answers", __name__, description="Tests, feedback and follow-up of cohorts")

_BRANCH = "trainings"
#: Whatever way answers come.
OF_TAKING = (
    errors.NO_SUCH_FORM,
    errors.NOT_IN_COHORT,
    errors.ANSWERS_NOT_YET,
    errors.ANSWERS_OVER,
    roster_errors.COHORT_CANCELLED,
    *refusals.OF_ANSWERS,
)
_EXAMPLE = {
    "form_id": "019a7c1e-5b7e-7c4b-9d1a-3f2a6b8c9d0e",
    "edition": 1,
    "answers": {"useful": 5, "best_part": "التمارين العملية"},
}


@blueprint.route("/v1/cohorts/<id:cohort_id>/answers/<id:occasion>", methods=["GET"])
@endpoint(
    answer=contract.FormToAnswer,
    access=SIGNED_IN,
    refuses=(404, errors.NO_SUCH_FORM, errors.NOT_IN_COHORT),
    branch=_BRANCH,
)
def get_form_to_answer(incoming: Incoming, cohort_id: str, occasion: str) -> Answer:
    """The form that is answered: a participant's own, or to be entered from paper.

    The occasions: `pre_test`, `post_test`, `feedback`, `follow_up_3` and `follow_up_6`.
    """
    where = {"cohort_id": cohort_id, "occasion": occasion}
    return Answer(branch.ask(incoming, _BRANCH, "get_form_to_answer", **where))


@blueprint.route("/v1/cohorts/<id:cohort_id>/answers/<id:occasion>", methods=["POST"])
@endpoint(
    body=contract.AnswersOfParticipant,
    answer=contract.Answered,
    status=201,
    access=SIGNED_IN,
    creates=True,
    refuses=(403, 404, *OF_TAKING),
    branch=_BRANCH,
    example=_EXAMPLE,
)
def answer_form(incoming: Incoming, cohort_id: str, occasion: str) -> Answer:
    """Answer a form of the cohort, once; or enter what a participant answered on paper (staff,
    trainers, and advisers for feedback and follow-up)."""
    where = {"cohort_id": cohort_id, "occasion": occasion}
    taken = branch.ask(incoming, _BRANCH, "answer_form", **where, **incoming.body)
    return Answer(taken, location=f"/v1/cohorts/{cohort_id}/answers/{occasion}")


@blueprint.route("/v1/cohorts/<id:cohort_id>/answers/<id:occasion>/summary", methods=["GET"])
@endpoint(
    query=schemas.Selection,
    answer=contract.AnswersSummary,
    access=SIGNED_IN,
    refuses=(403, 404, errors.NO_SUCH_FORM),
    branch=_BRANCH,
)
def answers_summary(incoming: Incoming, cohort_id: str, occasion: str) -> Answer:
    """What was answered, without names: counts and means by question (staff and trainers)."""
    where = {"cohort_id": cohort_id, "occasion": occasion}
    return Answer(branch.ask(incoming, _BRANCH, "answers_summary", **where))


@blueprint.route("/v1/forms/<id:form_id>/key", methods=["GET"])
@endpoint(
    query=FormQuery,
    answer=contract.TestKey,
    access=SIGNED_IN,
    versioned=True,
    refuses=(403, 404),
    branch=_BRANCH,
)
def get_test_key(incoming: Incoming, form_id: str) -> Answer:
    """The right answers to an edition of a test (staff of its centre); the newest by default.

    Before they are set it is at version 0.
    """
    edition = incoming.query["edition"]
    return branch.one(incoming, _BRANCH, "get_test_key", id=form_id, edition=edition)


@blueprint.route("/v1/forms/<id:form_id>/key", methods=["PUT"])
@endpoint(
    body=contract.KeyDetails,
    answer=contract.TestKey,
    access=SIGNED_IN,
    changes=True,
    lowest_version=0,
    refuses=(403, 404, errors.KEY_UNFIT),
    branch=_BRANCH,
    example={
        "edition": 1,
        "questions": [{"question_id": "budget_first", "points": 5, "right": ["needs"]}],
    },
)
def set_test_key(incoming: Incoming, form_id: str) -> Answer:
    """Say which answers to an edition of a test are right, and what they are worth (staff of its
    centre). Participants are never shown them."""
    return branch.changed(incoming, _BRANCH, "set_test_key", form_id, **incoming.body)


@blueprint.route("/v1/cohorts/<id:cohort_id>/learning-gain", methods=["GET"])
@endpoint(
    query=schemas.Selection,
    answer=contract.CohortGain,
    access=SIGNED_IN,
    refuses=(403, 404),
    branch=_BRANCH,
)
def learning_gain(incoming: Incoming, cohort_id: str) -> Answer:
    """How much the cohort has learned between the tests, and each participant (staff, trainers).

    Only people who took both tests are paired. Where there is no number there is a reason.
    """
    return Answer(branch.ask(incoming, _BRANCH, "learning_gain", cohort_id=cohort_id))


@blueprint.route("/v1/cohorts/<id:cohort_id>/learning-gain/me", methods=["GET"])
@endpoint(
    answer=contract.PersonGain,
    access=SIGNED_IN,
    refuses=(404, errors.NOT_IN_COHORT),
    branch=_BRANCH,
)
def my_learning_gain(incoming: Incoming, cohort_id: str) -> Answer:
    """What the caller has scored in the tests, and learned between them."""
    return Answer(branch.ask(incoming, _BRANCH, "my_learning_gain", cohort_id=cohort_id))
