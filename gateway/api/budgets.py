"""Budgets: what organisations may book in a week, over HTTP."""

from __future__ import annotations

from gateway.api import branch
from gateway.web import schemas
from gateway.web.endpoint import SIGNED_IN, Answer, Incoming, endpoint
from gateway.web.openapi import Blueprint
from services.common.contracts.bookings import budgets as contract
from services.common.contracts.bookings import errors

blueprint = Blueprint("budgets", __name__, description="Fair use of the spaces")

_BRANCH = "bookings"


@blueprint.route("/v1/budgets", methods=["GET"])
@endpoint(
    query=schemas.BudgetQuery,
    answer=contract.BudgetWeek,
    access=SIGNED_IN,
    refuses=(404,),
    branch=_BRANCH,
)
def get_budget_week(incoming: Incoming) -> Answer:
    """What an organisation may book in a week, has booked, and has left; this week by default."""
    query = incoming.query
    asked = {name: query[name] for name in ("organisation_id", "week")}
    return Answer(branch.ask(incoming, _BRANCH, "get_budget_week", **asked))


@blueprint.route("/v1/budgets/<id:organisation_id>", methods=["GET"])
@endpoint(
    query=schemas.Selection,
    answer=contract.Budget,
    access=SIGNED_IN,
    versioned=True,
    refuses=(404,),
    branch=_BRANCH,
)
def get_budget(incoming: Incoming, organisation_id: str) -> Answer:
    """The limits of an organisation, its no-shows and its late cancellations."""
    answer = branch.one(incoming, _BRANCH, "get_budget", id=organisation_id)
    # What is counted of manners, and the operator's limits, change without a new version.
    answer.conditional = False
    return answer


@blueprint.route("/v1/budgets/<id:organisation_id>", methods=["PUT"])
@endpoint(
    body=contract.BudgetChanges,
    answer=contract.Budget,
    access=SIGNED_IN,
    changes=True,
    refuses=(403, 404, errors.UNKNOWN_ORGANISATION),
    branch=_BRANCH,
    example={"hours": 60, "bookings": None},
)
def set_budget(incoming: Incoming, organisation_id: str) -> Answer:
    """Give an organisation limits of its own; null takes the operator's, which is none unless one
    was chosen. What is booked already counts. For managers."""
    return branch.changed(incoming, _BRANCH, "set_budget", organisation_id, **incoming.body)


@blueprint.route("/v1/budgets/<id:organisation_id>/grants", methods=["POST"])
@endpoint(
    body=contract.GrantDetails,
    answer=contract.Grant,
    status=201,
    access=SIGNED_IN,
    creates=True,
    refuses=(403, 404, errors.ORGANISATION_NOT_APPROVED, errors.UNKNOWN_ORGANISATION),
    branch=_BRANCH,
    example={"week": "2026-W48", "hours": 8, "reason": "أسبوع المؤتمر السنوي"},
)
def grant_budget(incoming: Incoming, organisation_id: str) -> Answer:
    """Let an organisation book more in one week, and say why. For managers."""
    granted = branch.ask(
        incoming, _BRANCH, "grant_budget", organisation_id=organisation_id, **incoming.body
    )
    location = f"/v1/budgets?organisation_id={organisation_id}&week={granted['week']}"
    return Answer(granted, location=location)
