"""Forms: what staff make, and what the cohorts use; as JSON and as XLSForm workbooks."""

from __future__ import annotations

from gateway.api import branch
from gateway.web import form_schemas, schemas
from gateway.web.endpoint import PUBLIC, SIGNED_IN, Answer, Incoming, endpoint
from gateway.web.openapi import Blueprint
from gateway.web.problems import texts
from services.common import csv
from services.common.contracts.trainings import cohorts as cohort_contract
from services.common.contracts.trainings import errors, forms_errors, refusals, roster_errors
from services.common.contracts.trainings import forms as contract
from services.common.files.checking import TYPES
from services.common.files.wire import content_to_wire

blueprint = Blueprint("forms", __name__, description="Forms and answers")

_BRANCH = "trainings"
_XLSX = TYPES[".xlsx"]
_QUESTION = {
    "id": "why",
    "kind": "paragraph",
    "label": {"ar": "لماذا هذا التدريب؟", "en": "Why this training?"},
    "required": True,
}


@blueprint.route("/v1/forms", methods=["GET"])
@endpoint(
    query=form_schemas.FormsQuery,
    answer=form_schemas.FormPage,
    access=SIGNED_IN,
    refuses=(403,),
    branch=_BRANCH,
)
def list_forms(incoming: Incoming) -> Answer:
    """The forms that staff have made, each in its newest edition (staff)."""
    return branch.listed(incoming, _BRANCH, "list_forms")


@blueprint.route("/v1/forms/<id:form_id>", methods=["GET"])
@endpoint(
    query=form_schemas.FormQuery,
    answer=contract.Form,
    access=SIGNED_IN,
    versioned=True,
    refuses=(403, 404),
    branch=_BRANCH,
)
def get_form(incoming: Incoming, form_id: str) -> Answer:
    """A form, in its newest edition or the one that is named (staff)."""
    answer = branch.one(
        incoming, _BRANCH, "get_form", id=form_id, edition=incoming.query["edition"]
    )
    # A first answer freezes an edition without another version.
    answer.conditional = False
    return answer


@blueprint.route("/v1/forms", methods=["POST"])
@endpoint(
    body=contract.CreateForm,
    longest_body=contract.LARGEST_FORM,
    answer=contract.Form,
    status=201,
    access=SIGNED_IN,
    creates=True,
    versioned=True,
    refuses=(403, errors.UNKNOWN_CENTRE),
    branch=_BRANCH,
    example={
        "purpose": "application",
        "centre_id": "raqqa",
        "title": {"ar": "طلب التحاق", "en": "Application"},
        "questions": [_QUESTION],
    },
)
def create_form(incoming: Incoming) -> Answer:
    """Make a form (staff of the centre)."""
    return branch.created(incoming, _BRANCH, "create_form", "/v1/forms", **incoming.body)


@blueprint.route("/v1/forms/<id:form_id>", methods=["PATCH"])
@endpoint(
    body=contract.FormChanges,
    longest_body=contract.LARGEST_FORM,
    answer=contract.Form,
    access=SIGNED_IN,
    changes=True,
    refuses=(403, 404),
    branch=_BRANCH,
    example={"questions": [_QUESTION]},
)
def change_form(incoming: Incoming, form_id: str) -> Answer:
    """Change the words or questions of a form (staff of its centre).

    An edition that has been answered never changes: then the next one begins.
    """
    return branch.changed(incoming, _BRANCH, "change_form", form_id, **incoming.body)


@blueprint.route("/v1/forms/<id:form_id>/history", methods=["GET"])
@endpoint(
    query=schemas.ListQuery,
    answer=schemas.HistoryPage,
    access=SIGNED_IN,
    refuses=(403, 404),
    branch=_BRANCH,
)
def form_history(incoming: Incoming, form_id: str) -> Answer:
    """Who changed what of the form, when and why (staff). Oldest first."""
    return branch.listed(incoming, _BRANCH, "form_history", id=form_id)


@blueprint.route("/v1/forms/<id:form_id>/xlsform", methods=["GET"])
@endpoint(
    query=form_schemas.EditionQuery,
    media=(_XLSX,),
    access=SIGNED_IN,
    refuses=(403, 404),
    branch=_BRANCH,
)
def download_form(incoming: Incoming, form_id: str) -> Answer:
    """A form as an XLSForm workbook, for Kobo, ODK and the like (staff)."""
    edition = incoming.query["edition"]
    return branch.file(incoming, _BRANCH, "form_workbook", id=form_id, edition=edition)


@blueprint.route("/v1/forms/from-xlsform", methods=["POST"])
@endpoint(
    query=form_schemas.NewFormFileQuery,
    largest_file=contract.LARGEST_WORKBOOK,
    answer=contract.Form,
    status=201,
    access=SIGNED_IN,
    creates=True,
    versioned=True,
    refuses=(403, errors.UNKNOWN_CENTRE, *refusals.OF_WORKBOOK),
    branch=_BRANCH,
)
def upload_new_form(incoming: Incoming) -> Answer:
    """Make a form of an XLSForm workbook (staff of the centre).

    What forms here do not have is refused, and the answer names the rows.
    """
    sent = {**incoming.query, "file": content_to_wire(incoming.file)}
    return branch.created(incoming, _BRANCH, "create_form_of_workbook", "/v1/forms", **sent)


@blueprint.route("/v1/forms/<id:form_id>/xlsform", methods=["PUT"])
@endpoint(
    query=form_schemas.FileQuery,
    largest_file=contract.LARGEST_WORKBOOK,
    answer=contract.Form,
    access=SIGNED_IN,
    changes=True,
    refuses=(403, 404, *refusals.OF_WORKBOOK),
    branch=_BRANCH,
)
def upload_form(incoming: Incoming, form_id: str) -> Answer:
    """Put the questions of an XLSForm workbook in place of those of a form (staff of its centre).

    A question that is marked as identifying stays so.
    """
    sent = {**incoming.query, "file": content_to_wire(incoming.file)}
    return branch.changed(incoming, _BRANCH, "change_form_by_workbook", form_id, **sent)


@blueprint.route("/v1/cohorts/<id:cohort_id>/forms/<id:purpose>", methods=["GET"])
@endpoint(
    query=schemas.Selection,
    answer=contract.Form,
    access=PUBLIC,
    refuses=(404,),
    branch=_BRANCH,
)
def get_cohort_form(incoming: Incoming, cohort_id: str, purpose: str) -> Answer:
    """The form that a cohort uses for a purpose: `application` for all who see the cohort, the
    others for those who answer them and staff of the centre."""
    return Answer(branch.ask(incoming, _BRANCH, "get_cohort_form", id=cohort_id, purpose=purpose))


@blueprint.route("/v1/cohorts/<id:cohort_id>/forms/<id:purpose>", methods=["PUT"])
@endpoint(
    body=contract.CohortForm,
    answer=cohort_contract.Cohort,
    access=SIGNED_IN,
    changes=True,
    refuses=(
        403,
        404,
        forms_errors.UNKNOWN_FORM,
        forms_errors.FORM_OF_OTHER_PURPOSE,
        forms_errors.FORM_ANSWERED,
        roster_errors.COHORT_NOT_ALLOWED_NOW,
    ),
    branch=_BRANCH,
    example={"form_id": "0198c0de-0000-7000-8000-00000000000f"},
)
def set_cohort_form(incoming: Incoming, cohort_id: str, purpose: str) -> Answer:
    """Have a cohort use a form for a purpose, or none (staff of the centre). `If-Match` is the
    version of the cohort."""
    sent = {**incoming.body, "purpose": purpose}
    return branch.changed(incoming, _BRANCH, "set_cohort_form", cohort_id, **sent)


@blueprint.route("/v1/cohorts/<id:cohort_id>/forms/<id:purpose>/answers.csv", methods=["GET"])
@endpoint(media=(csv.CONTENT_TYPE,), access=SIGNED_IN, refuses=(403, 404), branch=_BRANCH)
def download_answers(incoming: Incoming, cohort_id: str, purpose: str) -> Answer:
    """What was answered to a form of a cohort, a row for each respondent (staff of the centre)."""
    found = branch.ask(incoming, _BRANCH, "cohort_form_answers", id=cohort_id, purpose=purpose)
    language = incoming.call.language
    own = [texts.text(f"answers.{name}", language) for name in ("respondent", "submitted_at")]
    headers = {"Content-Disposition": f'attachment; filename="answers-{purpose}.csv"'}
    text = csv.write([*own, *found["headings"]], found["rows"])
    return Answer(None, text=text, content_type=csv.CONTENT_TYPE, headers=headers)
