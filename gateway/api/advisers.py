"""Advisers: who advises on what, and when they can be met."""

from __future__ import annotations

from gateway.api import branch
from gateway.web import calendar_schemas, schemas
from gateway.web.endpoint import SIGNED_IN, Answer, Incoming, endpoint
from gateway.web.openapi import Blueprint
from services.common.contracts.consultations import adviser_errors, calendar_errors, case_errors
from services.common.contracts.consultations import advisers as contract
from services.common.contracts.hours_errors import HOURS_OVERLAP

blueprint = Blueprint("advisers", __name__, description="Advisers")

_BRANCH = "consultations"


@blueprint.route("/v1/advisers", methods=["GET"])
@endpoint(
    query=calendar_schemas.AdvisersQuery,
    answer=calendar_schemas.AdviserPage,
    access=SIGNED_IN,
    refuses=(403,),
    branch=_BRANCH,
)
def list_advisers(incoming: Incoming) -> Answer:
    """Advisers (staff and advisers)."""
    return branch.listed(incoming, _BRANCH, "list_advisers")


@blueprint.route("/v1/advisers/<id:adviser_id>", methods=["GET"])
@endpoint(
    query=schemas.Selection,
    answer=contract.Adviser,
    access=SIGNED_IN,
    versioned=True,
    refuses=(403, 404),
    branch=_BRANCH,
)
def get_adviser(incoming: Incoming, adviser_id: str) -> Answer:
    """One adviser (staff and advisers)."""
    return branch.one(incoming, _BRANCH, "get_adviser", id=adviser_id)


@blueprint.route("/v1/advisers", methods=["POST"])
@endpoint(
    body=contract.AdviserDetails,
    answer=contract.Adviser,
    status=201,
    access=SIGNED_IN,
    creates=True,
    versioned=True,
    refuses=(
        403,
        case_errors.UNKNOWN_CENTRE,
        adviser_errors.NOT_AN_ADVISER,
        adviser_errors.ALREADY_ADVISER,
        adviser_errors.BREAK_OUTSIDE_HOURS,
        HOURS_OVERLAP,
    ),
    branch=_BRANCH,
    example={
        "person_id": "person-17",
        "centre_ids": ["raqqa"],
        "specialities": ["finance"],
        "languages": ["ar"],
        "working_hours": {"sunday": [["09:00", "16:00"]]},
        "breaks": {"sunday": [["12:00", "12:30"]]},
        "buffer_minutes": 10,
    },
)
def add_adviser(incoming: Incoming) -> Answer:
    """Give a person a profile as an adviser (managers)."""
    return branch.created(incoming, _BRANCH, "add_adviser", "/v1/advisers", **incoming.body)


@blueprint.route("/v1/advisers/<id:adviser_id>", methods=["PATCH"])
@endpoint(
    body=contract.AdviserChanges,
    answer=contract.Adviser,
    access=SIGNED_IN,
    changes=True,
    refuses=(
        403,
        404,
        case_errors.UNKNOWN_CENTRE,
        adviser_errors.BREAK_OUTSIDE_HOURS,
        HOURS_OVERLAP,
    ),
    branch=_BRANCH,
    example={"working_hours": {"sunday": [["10:00", "14:00"]]}},
)
def change_adviser(incoming: Incoming, adviser_id: str) -> Answer:
    """Change a profile (managers; advisers change their own languages and hours). What is agreed
    stays as it is."""
    return branch.changed(incoming, _BRANCH, "change_adviser", adviser_id, **incoming.body)


@blueprint.route("/v1/advisers/<id:adviser_id>/availability", methods=["GET"])
@endpoint(
    query=calendar_schemas.SlotsQuery,
    answer=calendar_schemas.SlotPage,
    access=SIGNED_IN,
    refuses=(404, calendar_errors.END_BEFORE_START, calendar_errors.TOO_LONG),
    branch=_BRANCH,
)
def list_slots(incoming: Incoming, adviser_id: str) -> Answer:
    """The times at which an adviser can be met: for staff, for the adviser, and for the people of
    the case that is named. Each can be had; why another cannot is not said."""
    return branch.unstored(branch.listed(incoming, _BRANCH, "list_slots", adviser_id=adviser_id))
