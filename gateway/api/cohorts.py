"""Cohorts and their sessions: what everybody sees, and what staff prepare and change."""

from __future__ import annotations

from gateway.api import branch
from gateway.web import schemas, training_schemas, waiting
from gateway.web.endpoint import PUBLIC, SIGNED_IN, Answer, Incoming, endpoint
from gateway.web.openapi import Blueprint
from services.common.contracts.trainings import (
    assignment_errors,
    errors,
    refusals,
    room_errors,
    roster_errors,
)
from services.common.contracts.trainings import cohorts as contract
from services.common.contracts.trainings.application_errors import MODE_FIXED

blueprint = Blueprint("cohorts", __name__, description="Cohorts and their sessions")

_BRANCH = "trainings"
_SESSION = {
    "starts_at": "2026-12-06T06:00:00Z",
    "ends_at": "2026-12-06T10:00:00Z",
    "features": ["projector"],
}


@blueprint.route("/v1/cohorts", methods=["GET"])
@endpoint(
    query=training_schemas.CohortsQuery,
    answer=training_schemas.CohortPage,
    access=PUBLIC,
    branch=_BRANCH,
)
def list_cohorts(incoming: Incoming) -> Answer:
    """Cohorts that are announced, or were; staff of a centre see its drafts too."""
    if incoming.caller.kind == "visitor":
        return branch.public_listed(incoming, _BRANCH, "list_cohorts")
    return branch.listed(incoming, _BRANCH, "list_cohorts")


@blueprint.route("/v1/cohorts/<id:cohort_id>", methods=["GET"])
@endpoint(
    query=schemas.Selection,
    answer=contract.Cohort,
    access=PUBLIC,
    versioned=True,
    refuses=(404,),
    branch=_BRANCH,
)
def get_cohort(incoming: Incoming, cohort_id: str) -> Answer:
    """One cohort."""
    if incoming.caller.kind == "visitor":
        answer = branch.public_one(incoming, _BRANCH, "get_cohort", id=cohort_id)
    else:
        answer = branch.one(incoming, _BRANCH, "get_cohort", id=cohort_id)
    # Rooms are asked for and answered without a new version.
    answer.conditional = False
    return answer


@blueprint.route("/v1/cohorts", methods=["POST"])
@endpoint(
    body=contract.CreateCohort,
    answer=contract.Cohort,
    status=201,
    access=SIGNED_IN,
    creates=True,
    waits=True,
    versioned=True,
    refuses=(
        403,
        *refusals.OF_SESSION,
        errors.UNKNOWN_COURSE,
        errors.UNKNOWN_CENTRE,
        errors.COURSE_RETIRED,
        errors.CLOSES_BEFORE_OPENING,
        roster_errors.FLOORS_TOO_LARGE,
    ),
    branch=_BRANCH,
    example={
        "course_id": "project-management-basics",
        "centre_id": "raqqa",
        "mode": "selection",
        "capacity": 20,
        "cap_per_organisation": 3,
        "floors": {"women": 8, "released_at": "2026-12-01T09:00:00Z"},
        "applications_open_at": "2026-11-20T06:00:00Z",
        "applications_close_at": "2026-11-30T14:00:00Z",
        "sessions": [_SESSION],
    },
)
def create_cohort(incoming: Incoming) -> Answer:
    """Prepare a cohort of a course (staff of the centre). It is a draft until it is announced. Its
    rooms are requested at once, and `room` of each session says where that stands.
    """
    answer = branch.created(incoming, _BRANCH, "create_cohort", "/v1/cohorts", **incoming.body)
    return _once_settled(incoming, answer, status=201)


@blueprint.route("/v1/cohorts/<id:cohort_id>/copy", methods=["POST"])
@endpoint(
    body=contract.Copy,
    answer=contract.Cohort,
    status=201,
    access=SIGNED_IN,
    creates=True,
    waits=True,
    versioned=True,
    refuses=(
        403,
        404,
        errors.UNKNOWN_CENTRE,
        errors.COURSE_RETIRED,
        errors.NO_SESSIONS,
        errors.IN_THE_PAST,
        errors.TOO_FAR_AHEAD,
        errors.SESSIONS_OVERLAP,
    ),
    branch=_BRANCH,
    example={"starts_on": "2027-03-07"},
)
def copy_cohort(incoming: Incoming, cohort_id: str) -> Answer:
    """Prepare a cohort like another one, on other days (staff of the copy's centre).

    Sessions keep their hours of the clock and the days between them; rules, forms, floors and the
    times of applications come along, people and trainers do not.
    """
    answer = branch.one(incoming, _BRANCH, "copy_cohort", id=cohort_id, **incoming.body)
    answer.location = f"/v1/cohorts/{answer.data['id']}"
    return _once_settled(incoming, answer, status=201)


@blueprint.route("/v1/cohorts/<id:cohort_id>", methods=["PATCH"])
@endpoint(
    body=contract.CohortChanges,
    answer=contract.Cohort,
    access=SIGNED_IN,
    changes=True,
    refuses=(403, 404, *refusals.OF_COHORT_CHANGE, MODE_FIXED, errors.UNKNOWN_CENTRE),
    branch=_BRANCH,
    example={"capacity": 24, "reason": "قاعة أكبر"},
)
def change_cohort(incoming: Incoming, cohort_id: str) -> Answer:
    """Change the words or rules of a cohort (staff of the centre).

    More seats are offered to the next in the queue at once. With fewer than are taken nobody is
    removed and offers are honoured; nobody is promoted until it fits.
    """
    return branch.changed(incoming, _BRANCH, "change_cohort", cohort_id, **incoming.body)


@blueprint.route("/v1/cohorts/<id:cohort_id>/sessions", methods=["POST"])
@endpoint(
    body=contract.SessionDetails,
    answer=contract.Cohort,
    status=201,
    access=SIGNED_IN,
    creates=True,
    waits=True,
    versioned=True,
    refuses=(
        403,
        404,
        *refusals.OF_SESSION,
        *refusals.OF_COHORT_CHANGE,
        assignment_errors.TRAINER_TAKEN,
    ),
    branch=_BRANCH,
    example=_SESSION,
)
def add_session(incoming: Incoming, cohort_id: str) -> Answer:
    """Give a cohort one more session (staff of the centre). It exists whatever its room does."""
    answer = branch.one(incoming, _BRANCH, "add_session", cohort_id=cohort_id, **incoming.body)
    answer = _once_settled(incoming, answer, status=201)
    answer.location = f"/v1/cohorts/{cohort_id}"
    return answer


@blueprint.route("/v1/cohorts/<id:cohort_id>/sessions/<id:session_id>", methods=["PATCH"])
@endpoint(
    body=contract.SessionChanges,
    answer=contract.Cohort,
    access=SIGNED_IN,
    changes=True,
    refuses=(
        403,
        404,
        *refusals.OF_SESSION,
        *refusals.OF_COHORT_CHANGE,
        errors.SESSION_OVER,
        room_errors.MOVE_AWAITED,
        assignment_errors.TRAINER_TAKEN,
    ),
    waits=True,
    branch=_BRANCH,
    example={"starts_at": "2026-12-07T06:00:00Z", "ends_at": "2026-12-07T10:00:00Z"},
)
def change_session(incoming: Incoming, cohort_id: str, session_id: str) -> Answer:
    """Move a session, or change its place or title (staff of the centre). `If-Match` is the
    version of the cohort.

    A session that has a room, or is announced, keeps its time until bookings has granted a room at
    the new one: 202 while that is awaited, 200 once it is settled, granted or not.
    """
    sent = {**incoming.body, "session_id": session_id}
    return _once_settled(
        incoming, branch.changed(incoming, _BRANCH, "change_session", cohort_id, **sent)
    )


@blueprint.route("/v1/cohorts/<id:cohort_id>/sessions/<id:session_id>/remove", methods=["POST"])
@endpoint(
    body=contract.GivenReason,
    body_optional=True,
    answer=contract.Cohort,
    access=SIGNED_IN,
    changes=True,
    refuses=(403, 404, *refusals.OF_COHORT_CHANGE, errors.SESSION_OVER, errors.NO_SESSIONS),
    branch=_BRANCH,
)
def remove_session(incoming: Incoming, cohort_id: str, session_id: str) -> Answer:
    """Take a session away (staff of the centre). `If-Match` is the version of the cohort."""
    sent = {**incoming.body, "session_id": session_id}
    return branch.changed(incoming, _BRANCH, "remove_session", cohort_id, **sent)


@blueprint.route("/v1/cohorts/<id:cohort_id>/announce", methods=["POST"])
@endpoint(
    body=schemas.Empty,
    answer=contract.Cohort,
    access=SIGNED_IN,
    changes=True,
    refuses=(
        403,
        404,
        roster_errors.COHORT_NOT_ALLOWED_NOW,
        errors.NO_SESSIONS,
        errors.COURSE_RETIRED,
        errors.IN_THE_PAST,
        errors.TOO_FAR_AHEAD,
        room_errors.ROOMS_NOT_GRANTED,
        roster_errors.FLOORS_TOO_LARGE,
    ),
    branch=_BRANCH,
)
def announce_cohort(incoming: Incoming, cohort_id: str) -> Answer:
    """Show a cohort to everybody (staff of the centre). Each session has its room by then, or is
    elsewhere.
    """
    return branch.changed(incoming, _BRANCH, "announce_cohort", cohort_id)


@blueprint.route("/v1/cohorts/<id:cohort_id>/request-rooms", methods=["POST"])
@endpoint(
    body=schemas.Empty,
    answer=contract.Cohort,
    access=SIGNED_IN,
    changes=True,
    waits=True,
    refuses=(403, 404, roster_errors.COHORT_NOT_ALLOWED_NOW),
    branch=_BRANCH,
)
def request_rooms(incoming: Incoming, cohort_id: str) -> Answer:
    """Request the rooms of a cohort once more, after some were refused or lost (staff of the
    centre).

    202 while they are awaited; nothing happens where all are granted.
    """
    return _once_settled(incoming, branch.changed(incoming, _BRANCH, "request_rooms", cohort_id))


@blueprint.route("/v1/cohorts/<id:cohort_id>/open-applications", methods=["POST"])
@endpoint(
    body=schemas.Empty,
    answer=contract.Cohort,
    access=SIGNED_IN,
    changes=True,
    refuses=(403, 404, roster_errors.COHORT_NOT_ALLOWED_NOW),
    branch=_BRANCH,
)
def open_applications(incoming: Incoming, cohort_id: str) -> Answer:
    """Take applications from now on (staff of the centre)."""
    return branch.changed(incoming, _BRANCH, "open_applications", cohort_id)


@blueprint.route("/v1/cohorts/<id:cohort_id>/close-applications", methods=["POST"])
@endpoint(
    body=schemas.Empty,
    answer=contract.Cohort,
    access=SIGNED_IN,
    changes=True,
    refuses=(403, 404, roster_errors.COHORT_NOT_ALLOWED_NOW),
    branch=_BRANCH,
)
def close_applications(incoming: Incoming, cohort_id: str) -> Answer:
    """Take no more applications (staff of the centre)."""
    return branch.changed(incoming, _BRANCH, "close_applications", cohort_id)


@blueprint.route("/v1/cohorts/<id:cohort_id>/close", methods=["POST"])
@endpoint(
    body=schemas.Empty,
    answer=contract.Cohort,
    access=SIGNED_IN,
    changes=True,
    refuses=(403, 404, roster_errors.COHORT_NOT_ALLOWED_NOW),
    branch=_BRANCH,
)
def close_cohort(incoming: Incoming, cohort_id: str) -> Answer:
    """Finish a completed cohort: it does not change any more (staff of the centre)."""
    return branch.changed(incoming, _BRANCH, "close_cohort", cohort_id)


@blueprint.route("/v1/cohorts/<id:cohort_id>/cancel", methods=["POST"])
@endpoint(
    body=contract.CohortCancellation,
    answer=contract.Cohort,
    access=SIGNED_IN,
    changes=True,
    refuses=(403, 404, roster_errors.COHORT_NOT_ALLOWED_NOW),
    branch=_BRANCH,
    example={"reason": {"ar": "تعذّر حضور المدرّبة", "en": "The trainer cannot come"}},
)
def cancel_cohort(incoming: Incoming, cohort_id: str) -> Answer:
    """Cancel a cohort (staff of the centre). All who are in it get a message with the reason."""
    return branch.changed(incoming, _BRANCH, "cancel_cohort", cohort_id, **incoming.body)


@blueprint.route("/v1/cohorts/<id:cohort_id>/history", methods=["GET"])
@endpoint(
    query=schemas.ListQuery,
    answer=schemas.HistoryPage,
    access=SIGNED_IN,
    refuses=(403, 404),
    branch=_BRANCH,
)
def cohort_history(incoming: Incoming, cohort_id: str) -> Answer:
    """Who changed what of the cohort, when and why (staff of the centre). Oldest first."""
    return branch.listed(incoming, _BRANCH, "cohort_history", id=cohort_id)


def _once_settled(incoming: Incoming, answer: Answer, status: int = 200) -> Answer:
    """The cohort when its rooms are no more awaited, or when the client's patience (`Prefer:
    wait`) ends; 202 if they still are, unless something was created."""

    def read() -> Answer:
        return branch.one(incoming, _BRANCH, "get_cohort", id=answer.data["id"])

    settled = waiting.wait_until(incoming, answer, read, _is_settled)
    settled.location = answer.location
    settled.status = status if status != 200 or _is_settled(settled) else 202
    return settled


def _is_settled(answer: Answer) -> bool:
    """Whether no room of the cohort is awaited."""
    rooms = [each["room"] for each in answer.data["sessions"]]
    return all(each is None or each["status"] != "awaiting" for each in rooms)
