"""Cases: organisations ask for support, and follow what comes of it."""

from __future__ import annotations

from gateway.api import branch
from gateway.web import consultation_schemas, schemas
from gateway.web.endpoint import SIGNED_IN, Answer, Incoming, endpoint
from gateway.web.openapi import Blueprint
from services.common.contracts.consultations import case_errors
from services.common.contracts.consultations import cases as contract
from services.common.contracts.forms_errors import UNKNOWN_EDITION

blueprint = Blueprint("cases", __name__, description="Cases of consultations")

_BRANCH = "consultations"


@blueprint.route("/v1/cases", methods=["GET"])
@endpoint(
    query=consultation_schemas.CasesQuery,
    answer=consultation_schemas.CasePage,
    access=SIGNED_IN,
    branch=_BRANCH,
)
def list_cases(incoming: Incoming) -> Answer:
    """Cases that I am on, the open ones of my organisations, and for staff those of their centre;
    the newest first. A confidential case is listed for its people alone."""
    return branch.unstored(branch.listed(incoming, _BRANCH, "list_cases"))


@blueprint.route("/v1/cases", methods=["POST"])
@endpoint(
    body=contract.SubmitCase,
    answer=contract.Case,
    status=201,
    access=SIGNED_IN,
    creates=True,
    versioned=True,
    refuses=(
        403,
        404,
        case_errors.UNKNOWN_KIND,
        case_errors.UNKNOWN_CENTRE,
        case_errors.UNKNOWN_SPECIALITY,
        case_errors.UNKNOWN_ORGANISATION,
        case_errors.ORGANISATION_NOT_APPROVED,
        case_errors.NOT_A_MEMBER,
        case_errors.KIND_IS_CONFIDENTIAL,
        case_errors.UNKNOWN_ORIGIN,
        case_errors.NOBODY_FOR_KIND,
        UNKNOWN_EDITION,
    ),
    branch=_BRANCH,
    example={
        "kind_id": "technical",
        "organisation_id": "euphrates-development",
        "centre_id": "raqqa",
        "title": "دليل الإجراءات المالية",
        "description": "نحتاج إلى دليل مالي قبل توقيع منحتنا الأولى.",
        "speciality": "finance",
    },
)
def submit_case(incoming: Incoming) -> Answer:
    """Ask for support for my organisation; advisers and staff of the centre do so on its behalf."""
    return branch.unstored(
        branch.created(incoming, _BRANCH, "submit_case", "/v1/cases", **incoming.body)
    )


@blueprint.route("/v1/cases/<id:case_id>", methods=["GET"])
@endpoint(
    query=schemas.Selection,
    answer=contract.Case,
    access=SIGNED_IN,
    versioned=True,
    refuses=(404,),
    branch=_BRANCH,
)
def get_case(incoming: Incoming, case_id: str) -> Answer:
    """One case. A confidential one is there for its people alone."""
    return branch.unstored(branch.one(incoming, _BRANCH, "get_case", id=case_id))


@blueprint.route("/v1/cases/<id:case_id>/history", methods=["GET"])
@endpoint(
    query=schemas.ListQuery,
    answer=schemas.HistoryPage,
    access=SIGNED_IN,
    refuses=(404,),
    branch=_BRANCH,
)
def case_history(incoming: Incoming, case_id: str) -> Answer:
    """Who did what to a case, when and why; no text of it."""
    return branch.unstored(branch.listed(incoming, _BRANCH, "case_history", id=case_id))
