"""Absences of advisers: what was agreed stays, and staff are given a task about it."""

from __future__ import annotations

from gateway.api import branch
from gateway.web import calendar_schemas, schemas
from gateway.web.endpoint import SIGNED_IN, Answer, Incoming, endpoint
from gateway.web.openapi import Blueprint
from services.common.contracts.consultations import absences as contract
from services.common.contracts.consultations import adviser_errors, calendar_errors

blueprint = Blueprint("absences", __name__, description="Absences of advisers")

_BRANCH = "consultations"
_PERIOD = {"starts_at": "2026-12-08T05:00:00Z", "ends_at": "2026-12-09T09:00:00Z"}
_OF_PERIOD = (
    calendar_errors.END_BEFORE_START,
    calendar_errors.OFF_RASTER,
    calendar_errors.ABSENCE_TOO_LONG,
    calendar_errors.IN_THE_PAST,
    calendar_errors.TOO_FAR_AHEAD,
)


@blueprint.route("/v1/absences", methods=["GET"])
@endpoint(
    query=calendar_schemas.AbsencesQuery,
    answer=calendar_schemas.AbsencePage,
    access=SIGNED_IN,
    branch=_BRANCH,
)
def list_absences(incoming: Incoming) -> Answer:
    """My absences as an adviser; managers see all. Why an adviser is away is not stored."""
    return branch.unstored(branch.listed(incoming, _BRANCH, "list_absences"))


@blueprint.route("/v1/absences/<id:absence_id>", methods=["GET"])
@endpoint(
    query=schemas.Selection,
    answer=contract.Absence,
    access=SIGNED_IN,
    versioned=True,
    refuses=(404,),
    branch=_BRANCH,
)
def get_absence(incoming: Incoming, absence_id: str) -> Answer:
    """One absence (the adviser, and managers)."""
    return branch.unstored(branch.one(incoming, _BRANCH, "get_absence", id=absence_id))


@blueprint.route("/v1/absences", methods=["POST"])
@endpoint(
    body=contract.AbsenceDetails,
    answer=contract.Absence,
    status=201,
    access=SIGNED_IN,
    creates=True,
    versioned=True,
    refuses=(
        403,
        adviser_errors.UNKNOWN_ADVISER,
        calendar_errors.TOO_MANY_ABSENCES,
        *_OF_PERIOD,
    ),
    branch=_BRANCH,
    example={"adviser_id": "person-17", **_PERIOD},
)
def enter_absence(incoming: Incoming) -> Answer:
    """Say that an adviser is away (the adviser, and managers).

    From now on no time of it is offered, also not by hand. Nothing that was agreed is cancelled:
    a task is opened about each appointment and visit that it covers, with advisers who could come
    instead.
    """
    return branch.unstored(
        branch.created(incoming, _BRANCH, "enter_absence", "/v1/absences", **incoming.body)
    )


@blueprint.route("/v1/absences/<id:absence_id>", methods=["PATCH"])
@endpoint(
    body=contract.AbsencePeriod,
    answer=contract.Absence,
    access=SIGNED_IN,
    changes=True,
    refuses=(
        404,
        adviser_errors.UNKNOWN_ADVISER,
        calendar_errors.ABSENCE_NOT_ALLOWED_NOW,
        *_OF_PERIOD,
    ),
    branch=_BRANCH,
    example=_PERIOD,
)
def change_absence(incoming: Incoming, absence_id: str) -> Answer:
    """Let an absence be at another time (the adviser, and managers); its tasks follow."""
    return branch.unstored(
        branch.changed(incoming, _BRANCH, "change_absence", absence_id, **incoming.body)
    )


@blueprint.route("/v1/absences/<id:absence_id>/withdraw", methods=["POST"])
@endpoint(
    body=schemas.Empty,
    answer=contract.Absence,
    access=SIGNED_IN,
    changes=True,
    refuses=(
        404,
        adviser_errors.UNKNOWN_ADVISER,
        calendar_errors.ABSENCE_NOT_ALLOWED_NOW,
    ),
    branch=_BRANCH,
)
def withdraw_absence(incoming: Incoming, absence_id: str) -> Answer:
    """Take an absence back (the adviser, and managers); its tasks are closed."""
    return branch.unstored(branch.changed(incoming, _BRANCH, "withdraw_absence", absence_id))
