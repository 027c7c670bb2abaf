"""Appointments of cases: both sides make, move and cancel them."""

from __future__ import annotations

from gateway.api import branch
from gateway.api.calendars import CONTENT_TYPE
from gateway.web import calendar_schemas, schemas
from gateway.web.endpoint import SIGNED_IN, Answer, Incoming, endpoint
from gateway.web.openapi import Blueprint
from gateway.web.waiting import wait_until
from services.common.contracts.consultations import adviser_errors, calendar_errors, case_errors
from services.common.contracts.consultations import appointments as contract

blueprint = Blueprint("appointments", __name__, description="Appointments of cases")

_BRANCH = "consultations"
_TIME = {"starts_at": "2026-12-08T07:00:00Z", "ends_at": "2026-12-08T08:00:00Z"}
OF_TIME = (
    calendar_errors.END_BEFORE_START,
    calendar_errors.OFF_RASTER,
    calendar_errors.TOO_LONG,
    calendar_errors.IN_THE_PAST,
    calendar_errors.TOO_FAR_AHEAD,
    calendar_errors.TIME_NOT_OFFERED,
    adviser_errors.UNKNOWN_ADVISER,
)
OF_CASE = (
    case_errors.CASE_NOT_ALLOWED_NOW,
    adviser_errors.NOT_ON_CASE,
    calendar_errors.TOO_MANY_APPOINTMENTS,
)


@blueprint.route("/v1/appointments", methods=["GET"])
@endpoint(
    query=calendar_schemas.AppointmentsQuery,
    answer=calendar_schemas.AppointmentPage,
    access=SIGNED_IN,
    branch=_BRANCH,
)
def list_appointments(incoming: Incoming) -> Answer:
    """Appointments of the cases that I may know of, by time."""
    return branch.unstored(branch.listed(incoming, _BRANCH, "list_appointments"))


@blueprint.route("/v1/appointments/<id:appointment_id>", methods=["GET"])
@endpoint(
    query=schemas.Selection,
    answer=contract.Appointment,
    access=SIGNED_IN,
    versioned=True,
    refuses=(404,),
    branch=_BRANCH,
)
def get_appointment(incoming: Incoming, appointment_id: str) -> Answer:
    """One appointment (who may know of the case)."""
    return _now(incoming, appointment_id)


@blueprint.route("/v1/appointments", methods=["POST"])
@endpoint(
    body=contract.AppointmentDetails,
    answer=contract.Appointment,
    status=201,
    access=SIGNED_IN,
    creates=True,
    versioned=True,
    refuses=(403, 404, *OF_TIME, *OF_CASE),
    waits=True,
    branch=_BRANCH,
    example={"case_id": "case-1", "mode": "remote", **_TIME},
)
def agree_appointment(incoming: Incoming) -> Answer:
    """Make an appointment (people of the case; of an open one representatives of the organisation
    and staff of the centre).

    At the centre it takes place in the adviser's consulting hours, or a room is requested at once
    and `room` says where that stands. The appointment exists whatever its room does.
    """
    answer = branch.created(
        incoming, _BRANCH, "agree_appointment", "/v1/appointments", **incoming.body
    )
    return _once_settled(incoming, answer, 201)


@blueprint.route("/v1/appointments/<id:appointment_id>", methods=["PATCH"])
@endpoint(
    body=contract.AppointmentChanges,
    answer=contract.Appointment,
    pending=contract.Appointment,
    access=SIGNED_IN,
    changes=True,
    refuses=(
        403,
        404,
        *OF_TIME,
        calendar_errors.APPOINTMENT_NOT_ALLOWED_NOW,
        calendar_errors.MOVE_AWAITED,
    ),
    waits=True,
    branch=_BRANCH,
    example=_TIME,
)
def move_appointment(incoming: Incoming, appointment_id: str) -> Answer:
    """Let an appointment be at another time (as who makes one).

    One that has a room keeps its time until bookings has granted a room at the new one: 202 while
    that is awaited, 200 once it is settled, granted or not.
    """
    answer = branch.changed(incoming, _BRANCH, "move_appointment", appointment_id, **incoming.body)
    return _once_settled(incoming, answer)


@blueprint.route("/v1/appointments/<id:appointment_id>/hand-over", methods=["POST"])
@endpoint(
    body=contract.NewAdviser,
    answer=contract.Appointment,
    access=SIGNED_IN,
    changes=True,
    refuses=(
        403,
        404,
        *OF_TIME,
        case_errors.CASE_NOT_ALLOWED_NOW,
        adviser_errors.NOT_ON_CASE,
        calendar_errors.APPOINTMENT_NOT_ALLOWED_NOW,
        calendar_errors.MOVE_AWAITED,
    ),
    branch=_BRANCH,
    example={"adviser_id": "person-18"},
)
def hand_over_appointment(incoming: Incoming, appointment_id: str) -> Answer:
    """Let another adviser of the case come (its adviser; of an open case staff of the centre)."""
    return branch.unstored(
        branch.changed(incoming, _BRANCH, "hand_over_appointment", appointment_id, **incoming.body)
    )


@blueprint.route("/v1/appointments/<id:appointment_id>/complete", methods=["POST"])
@endpoint(
    body=schemas.Empty,
    answer=contract.Appointment,
    access=SIGNED_IN,
    changes=True,
    refuses=(
        403,
        404,
        calendar_errors.NOT_BEGUN,
        calendar_errors.APPOINTMENT_NOT_ALLOWED_NOW,
    ),
    branch=_BRANCH,
)
def complete_appointment(incoming: Incoming, appointment_id: str) -> Answer:
    """Say that it was held (its adviser; of an open case staff of the centre)."""
    return branch.unstored(
        branch.changed(incoming, _BRANCH, "complete_appointment", appointment_id)
    )


@blueprint.route("/v1/appointments/<id:appointment_id>/miss", methods=["POST"])
@endpoint(
    body=contract.MeetingReason,
    body_optional=True,
    answer=contract.Appointment,
    access=SIGNED_IN,
    changes=True,
    refuses=(
        403,
        404,
        calendar_errors.NOT_BEGUN,
        calendar_errors.APPOINTMENT_NOT_ALLOWED_NOW,
    ),
    branch=_BRANCH,
    example={"reason": "انقطع الطريق"},
)
def miss_appointment(incoming: Incoming, appointment_id: str) -> Answer:
    """Say that it was not held, since a person could not come (its adviser; of an open case staff
    of the centre)."""
    return branch.unstored(
        branch.changed(incoming, _BRANCH, "miss_appointment", appointment_id, **incoming.body)
    )


@blueprint.route("/v1/appointments/<id:appointment_id>/cancel", methods=["POST"])
@endpoint(
    body=contract.MeetingReason,
    body_optional=True,
    answer=contract.Appointment,
    access=SIGNED_IN,
    changes=True,
    refuses=(403, 404, calendar_errors.APPOINTMENT_NOT_ALLOWED_NOW),
    branch=_BRANCH,
    example={"reason": "ظرف طارئ"},
)
def cancel_appointment(incoming: Incoming, appointment_id: str) -> Answer:
    """Cancel an appointment (as who makes one); its time and its room are free at once."""
    return branch.unstored(
        branch.changed(incoming, _BRANCH, "cancel_appointment", appointment_id, **incoming.body)
    )


@blueprint.route("/v1/appointments/<id:appointment_id>/invitation.ics", methods=["GET"])
@endpoint(
    query=calendar_schemas.InvitationQuery,
    media=(CONTENT_TYPE,),
    access=SIGNED_IN,
    refuses=(404,),
    branch=_BRANCH,
)
def appointment_calendar(incoming: Incoming, appointment_id: str) -> Answer:
    """An appointment as a file for calendar programs (RFC 5545): one UID, a SEQUENCE that rises
    with each change, and no word about the case."""
    return invitation(incoming, "appointment_calendar", appointment_id)


def invitation(incoming: Incoming, method: str, meeting_id: str) -> Answer:
    """The calendar file of an appointment or a visit."""
    language = incoming.query["language"] or incoming.call.language
    found = branch.ask(incoming, _BRANCH, method, id=meeting_id, language=language)
    answer = Answer(None, text=found["calendar"], content_type=CONTENT_TYPE)
    return branch.unstored(answer)


def _now(incoming: Incoming, appointment_id: str) -> Answer:
    return branch.unstored(branch.one(incoming, _BRANCH, "get_appointment", id=appointment_id))


def _once_settled(incoming: Incoming, answer: Answer, status: int | None = None) -> Answer:
    """The appointment when its room is no more awaited, or when the client's patience (`Prefer:
    wait`) is over.

    Args:
        status: of the answer in any case; without one a 202 says that its room is awaited.
    """
    location = answer.location
    settled = wait_until(
        incoming, branch.unstored(answer), lambda: _now(incoming, answer.data["id"]), _is_settled
    )
    settled.location = location
    settled.status = status or (200 if _is_settled(settled) else 202)
    return settled


def _is_settled(answer: Answer) -> bool:
    room = answer.data["room"]
    return room is None or room["status"] != "awaiting"
