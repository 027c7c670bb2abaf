"""Consulting hours: advisers receive people at a centre, in rooms requested by the month."""

from __future__ import annotations

from gateway.api import branch
from gateway.web import calendar_schemas, schemas
from gateway.web.endpoint import SIGNED_IN, Answer, Incoming, endpoint
from gateway.web.openapi import Blueprint
from gateway.web.waiting import wait_until
from services.common.contracts.consultations import adviser_errors, calendar_errors, case_errors
from services.common.contracts.consultations import consulting_hours as contract

blueprint = Blueprint("consulting_hours", __name__, description="Consulting hours")

_BRANCH = "consultations"
_HOURS = {"hours": [{"starts_at": "2026-12-08T07:00:00Z", "ends_at": "2026-12-08T11:00:00Z"}]}


@blueprint.route("/v1/consulting-hours", methods=["GET"])
@endpoint(
    query=calendar_schemas.ConsultingHoursQuery,
    answer=calendar_schemas.ConsultingHoursPage,
    access=SIGNED_IN,
    branch=_BRANCH,
)
def list_consulting_hours(incoming: Incoming) -> Answer:
    """My consulting hours as an adviser; staff see those of their centre too."""
    return branch.listed(incoming, _BRANCH, "list_consulting_hours")


@blueprint.route("/v1/consulting-hours/<id:month_id>", methods=["GET"])
@endpoint(
    query=schemas.Selection,
    answer=contract.ConsultingHours,
    access=SIGNED_IN,
    versioned=True,
    refuses=(404,),
    branch=_BRANCH,
)
def get_consulting_hours(incoming: Incoming, month_id: str) -> Answer:
    """A month of consulting hours (the adviser, and staff of the centre)."""
    return _now(incoming, month_id)


@blueprint.route("/v1/consulting-hours", methods=["POST"])
@endpoint(
    body=contract.MonthOfHours,
    answer=contract.ConsultingHours,
    status=201,
    access=SIGNED_IN,
    creates=True,
    versioned=True,
    refuses=(
        403,
        adviser_errors.UNKNOWN_ADVISER,
        case_errors.UNKNOWN_CENTRE,
        calendar_errors.NOT_OF_MONTH,
        calendar_errors.HOURS_OF_MONTH_EXIST,
    ),
    waits=True,
    branch=_BRANCH,
    example={
        "adviser_id": "person-17",
        "centre_id": "raqqa",
        "month": "2026-12",
        **_HOURS,
    },
)
def set_up_consulting_hours(incoming: Incoming) -> Answer:
    """Set up a month of consulting hours (the adviser, and staff of the centre). Rooms are
    requested at once; `status` of each says where its room stands."""
    answer = branch.created(
        incoming, _BRANCH, "set_up_consulting_hours", "/v1/consulting-hours", **incoming.body
    )
    return _once_settled(incoming, answer, 201)


@blueprint.route("/v1/consulting-hours/<id:month_id>", methods=["PATCH"])
@endpoint(
    body=contract.MonthHours,
    answer=contract.ConsultingHours,
    pending=contract.ConsultingHours,
    access=SIGNED_IN,
    changes=True,
    refuses=(404, calendar_errors.NOT_OF_MONTH, calendar_errors.HOURS_IN_USE),
    waits=True,
    branch=_BRANCH,
    example=_HOURS,
)
def change_consulting_hours(incoming: Incoming, month_id: str) -> Answer:
    """Let a month have other hours (the adviser, and staff of the centre); those that stay keep
    their rooms. The same hours again request rooms that were refused or lost once more."""
    answer = branch.changed(incoming, _BRANCH, "change_consulting_hours", month_id, **incoming.body)
    return _once_settled(incoming, answer)


def _now(incoming: Incoming, month_id: str) -> Answer:
    answer = branch.one(incoming, _BRANCH, "get_consulting_hours", id=month_id)
    # A room is granted or lost without a new version.
    answer.conditional = False
    return answer


def _once_settled(incoming: Incoming, answer: Answer, status: int | None = None) -> Answer:
    """The month when no room of it is awaited, or when the client's patience (`Prefer: wait`) is
    over.

    Args:
        status: of the answer in any case; without one a 202 says that rooms are awaited.
    """
    location = answer.location
    settled = wait_until(incoming, answer, lambda: _now(incoming, answer.data["id"]), _is_settled)
    settled.location = location
    settled.status = status or (200 if _is_settled(settled) else 202)
    return settled


def _is_settled(answer: Answer) -> bool:
    return all(each["status"] != "awaiting" for each in answer.data["hours"])
