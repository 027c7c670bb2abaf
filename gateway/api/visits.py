"""Visits: one side asks, the other accepts; done, reported, approved."""

from __future__ import annotations

from gateway.api import branch
from gateway.api.appointments import OF_CASE, OF_TIME, invitation
from gateway.api.calendars import CONTENT_TYPE
from gateway.web import calendar_schemas, schemas
from gateway.web.endpoint import SIGNED_IN, Answer, Incoming, endpoint
from gateway.web.openapi import Blueprint
from services.common.contracts.consultations import adviser_errors, calendar_errors, case_errors
from services.common.contracts.consultations import visits as contract
from services.common.contracts.consultations.appointments import MeetingReason, NewAdviser

blueprint = Blueprint("visits", __name__, description="Visits to organisations")

_BRANCH = "consultations"
_TIME = {"starts_at": "2026-12-08T07:00:00Z", "ends_at": "2026-12-08T09:00:00Z"}


@blueprint.route("/v1/visits", methods=["GET"])
@endpoint(
    query=calendar_schemas.VisitsQuery,
    answer=calendar_schemas.VisitPage,
    access=SIGNED_IN,
    branch=_BRANCH,
)
def list_visits(incoming: Incoming) -> Answer:
    """Visits of the cases that I may know of, by time."""
    return branch.unstored(branch.listed(incoming, _BRANCH, "list_visits"))


@blueprint.route("/v1/visits/<id:visit_id>", methods=["GET"])
@endpoint(
    query=schemas.Selection,
    answer=contract.Visit,
    access=SIGNED_IN,
    versioned=True,
    refuses=(404,),
    branch=_BRANCH,
)
def get_visit(incoming: Incoming, visit_id: str) -> Answer:
    """One visit (who may know of the case)."""
    return branch.unstored(branch.one(incoming, _BRANCH, "get_visit", id=visit_id))


@blueprint.route("/v1/visits", methods=["POST"])
@endpoint(
    body=contract.VisitDetails,
    answer=contract.Visit,
    status=201,
    access=SIGNED_IN,
    creates=True,
    versioned=True,
    refuses=(403, 404, *OF_TIME, *OF_CASE),
    branch=_BRANCH,
    example={"case_id": "case-1", "place": "حي المشلب", "travel_minutes": 30, **_TIME},
)
def request_visit(incoming: Incoming) -> Answer:
    """Ask for a visit (people of the case; of an open one representatives of the organisation and
    staff of the centre). The adviser is taken from then on, with the way there and back; the other
    side accepts."""
    return branch.unstored(
        branch.created(incoming, _BRANCH, "request_visit", "/v1/visits", **incoming.body)
    )


@blueprint.route("/v1/visits/<id:visit_id>", methods=["PATCH"])
@endpoint(
    body=contract.VisitChanges,
    answer=contract.Visit,
    access=SIGNED_IN,
    changes=True,
    refuses=(403, 404, *OF_TIME, calendar_errors.VISIT_NOT_ALLOWED_NOW),
    branch=_BRANCH,
    example=_TIME,
)
def move_visit(incoming: Incoming, visit_id: str) -> Answer:
    """Ask for another time (as who asks for a visit); the other side accepts it. It leaves its
    trip."""
    return _changed(incoming, "move_visit", visit_id)


@blueprint.route("/v1/visits/<id:visit_id>/accept", methods=["POST"])
@endpoint(
    body=schemas.Empty,
    answer=contract.Visit,
    access=SIGNED_IN,
    changes=True,
    refuses=(403, 404, calendar_errors.IN_THE_PAST, calendar_errors.VISIT_NOT_ALLOWED_NOW),
    branch=_BRANCH,
)
def accept_visit(incoming: Incoming, visit_id: str) -> Answer:
    """Agree to a visit: its adviser where the organisation has asked, else the organisation."""
    return _changed(incoming, "accept_visit", visit_id)


@blueprint.route("/v1/visits/<id:visit_id>/decline", methods=["POST"])
@endpoint(
    body=MeetingReason,
    body_optional=True,
    answer=contract.Visit,
    access=SIGNED_IN,
    changes=True,
    refuses=(403, 404, calendar_errors.VISIT_NOT_ALLOWED_NOW),
    branch=_BRANCH,
    example={"reason": "المقر مغلق"},
)
def decline_visit(incoming: Incoming, visit_id: str) -> Answer:
    """Not agree to a visit (as who accepts it); the adviser is free at once."""
    return _changed(incoming, "decline_visit", visit_id)


@blueprint.route("/v1/visits/<id:visit_id>/hand-over", methods=["POST"])
@endpoint(
    body=NewAdviser,
    answer=contract.Visit,
    access=SIGNED_IN,
    changes=True,
    refuses=(
        403,
        404,
        *OF_TIME,
        case_errors.CASE_NOT_ALLOWED_NOW,
        adviser_errors.NOT_ON_CASE,
        calendar_errors.VISIT_NOT_ALLOWED_NOW,
    ),
    branch=_BRANCH,
    example={"adviser_id": "person-18"},
)
def hand_over_visit(incoming: Incoming, visit_id: str) -> Answer:
    """Let another adviser of the case come, who accepts it (its adviser; of an open case staff of
    the centre)."""
    return _changed(incoming, "hand_over_visit", visit_id)


@blueprint.route("/v1/visits/<id:visit_id>/complete", methods=["POST"])
@endpoint(
    body=schemas.Empty,
    answer=contract.Visit,
    access=SIGNED_IN,
    changes=True,
    refuses=(403, 404, calendar_errors.NOT_BEGUN, calendar_errors.VISIT_NOT_ALLOWED_NOW),
    branch=_BRANCH,
)
def complete_visit(incoming: Incoming, visit_id: str) -> Answer:
    """Say that a visit was made (its adviser; of an open case staff of the centre)."""
    return _changed(incoming, "complete_visit", visit_id)


@blueprint.route("/v1/visits/<id:visit_id>/report", methods=["POST"])
@endpoint(
    body=contract.VisitReport,
    answer=contract.Visit,
    access=SIGNED_IN,
    changes=True,
    refuses=(
        403,
        404,
        calendar_errors.END_BEFORE_START,
        calendar_errors.OFF_RASTER,
        calendar_errors.TOO_LONG,
        calendar_errors.NOT_BEGUN,
        calendar_errors.VISIT_NOT_ALLOWED_NOW,
    ),
    branch=_BRANCH,
    example={"women": 3, "men": 2, "text": "راجعنا الهيكلية.", **_TIME},
)
def report_visit(incoming: Incoming, visit_id: str) -> Answer:
    """Report what was seen and agreed (its adviser)."""
    return _changed(incoming, "report_visit", visit_id)


@blueprint.route("/v1/visits/<id:visit_id>/return-report", methods=["POST"])
@endpoint(
    body=contract.ReportRemark,
    answer=contract.Visit,
    access=SIGNED_IN,
    changes=True,
    refuses=(403, 404, calendar_errors.VISIT_NOT_ALLOWED_NOW),
    branch=_BRANCH,
    example={"remark": "ينقصه ما اتُّفق عليه."},
)
def return_report(incoming: Incoming, visit_id: str) -> Answer:
    """Ask the adviser to write the report anew (staff of the centre; of a sealed case others on
    it)."""
    return _changed(incoming, "return_report", visit_id)


@blueprint.route("/v1/visits/<id:visit_id>/approve", methods=["POST"])
@endpoint(
    body=schemas.Empty,
    answer=contract.Visit,
    access=SIGNED_IN,
    changes=True,
    refuses=(403, 404, calendar_errors.VISIT_NOT_ALLOWED_NOW),
    branch=_BRANCH,
)
def approve_report(incoming: Incoming, visit_id: str) -> Answer:
    """Approve the report (staff of the centre; of a sealed case others on it; not its adviser)."""
    return _changed(incoming, "approve_report", visit_id)


@blueprint.route("/v1/visits/<id:visit_id>/call-off", methods=["POST"])
@endpoint(
    body=contract.CallOff,
    answer=contract.Visit,
    access=SIGNED_IN,
    changes=True,
    refuses=(403, 404, calendar_errors.VISIT_NOT_ALLOWED_NOW),
    branch=_BRANCH,
    example={"cause": "unsafe", "reason": "الطريق غير آمن"},
)
def call_off_visit(incoming: Incoming, visit_id: str) -> Answer:
    """Call a visit off, as unsafe for instance (as who asks for one); its adviser is free."""
    return _changed(incoming, "call_off_visit", visit_id)


@blueprint.route("/v1/visits/<id:visit_id>/invitation.ics", methods=["GET"])
@endpoint(
    query=calendar_schemas.InvitationQuery,
    media=(CONTENT_TYPE,),
    access=SIGNED_IN,
    refuses=(404,),
    branch=_BRANCH,
)
def visit_calendar(incoming: Incoming, visit_id: str) -> Answer:
    """A visit as a file for calendar programs (RFC 5545): one UID, a SEQUENCE that rises with each
    change, and no word about the case."""
    return invitation(incoming, "visit_calendar", visit_id)


def _changed(incoming: Incoming, method: str, visit_id: str) -> Answer:
    return branch.unstored(branch.changed(incoming, _BRANCH, method, visit_id, **incoming.body))
