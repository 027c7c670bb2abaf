"""Assigning a case: who is suggested, and who is given it."""

from __future__ import annotations

from gateway.api import branch
from gateway.web import consultation_schemas
from gateway.web.endpoint import SIGNED_IN, Answer, Incoming, endpoint
from gateway.web.openapi import Blueprint
from services.common.clock import to_wire
from services.common.contracts.consultations import (
    adviser_errors,
    assigning,
    calendar_errors,
    case_errors,
)
from services.common.contracts.consultations.cases import Case

blueprint = Blueprint("case_assigning", __name__, description="Advisers of cases")

_BRANCH = "consultations"


@blueprint.route("/v1/cases/<id:case_id>/suggestions", methods=["GET"])
@endpoint(
    query=consultation_schemas.SuggestionsQuery,
    answer=assigning.SuggestionList,
    access=SIGNED_IN,
    refuses=(403, 404, calendar_errors.END_BEFORE_START),
    branch=_BRANCH,
)
def suggest_advisers(incoming: Incoming, case_id: str) -> Answer:
    """The advisers who fit a case, the best first, each with the reasons (staff of the centre; of a
    confidential case its adviser)."""
    query = incoming.query
    times = {name: query[name] and to_wire(query[name]) for name in ("starts_at", "ends_at")}
    found = branch.ask(incoming, _BRANCH, "suggest_advisers", id=case_id, **times)
    return branch.unstored(Answer(found))


@blueprint.route("/v1/cases/<id:case_id>/assign", methods=["POST"])
@endpoint(
    body=assigning.AdviserNamed,
    answer=Case,
    access=SIGNED_IN,
    changes=True,
    refuses=(
        403,
        404,
        adviser_errors.UNKNOWN_ADVISER,
        case_errors.OVERRIDE_REASON_MISSING,
        case_errors.WOMAN_ADVISER_WANTED,
        case_errors.ADVISER_NOT_AVAILABLE,
        case_errors.CASE_NOT_ALLOWED_NOW,
    ),
    branch=_BRANCH,
    example={"adviser_id": "adviser", "reason": "تعرف المنظمة منذ سنوات"},
)
def assign_adviser(incoming: Incoming, case_id: str) -> Answer:
    """Give a case to an adviser, or to another one (staff of the centre; of a confidential case its
    adviser). Who is not suggested first is assigned with a reason."""
    answer = branch.changed(incoming, _BRANCH, "assign_adviser", case_id, **incoming.body)
    return branch.unstored(answer)
