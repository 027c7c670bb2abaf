"""Attendance: marks from phones, what they add up to, and what a person settles."""

from __future__ import annotations

from gateway.api import branch
from gateway.web import schemas, training_schemas
from gateway.web.endpoint import SIGNED_IN, Answer, Incoming, endpoint
from gateway.web.openapi import Blueprint
from services.common.contracts.trainings import attendance as contract
from services.common.contracts.trainings import attendance_errors

blueprint = Blueprint("attendance", __name__, description="Attendance of sessions")

_BRANCH = "trainings"
_PERSON = "/v1/cohorts/<id:cohort_id>/sessions/<id:session_id>/attendance/<id:person_id>"


@blueprint.route("/v1/cohorts/<id:cohort_id>/attendance", methods=["POST"])
@endpoint(
    body=contract.MarkBatch,
    longest_body=contract.LARGEST_BATCH,
    answer=contract.RecordedMarks,
    access=SIGNED_IN,
    refuses=(403, 404, *attendance_errors.ALL),
    branch=_BRANCH,
    example={
        "device_id": "phone-7",
        "marks": [
            {
                "id": "phone-7-0001",
                "session_id": "019ab8f2-6d80-7c4e-9a51-3f0c2d6e8f11",
                "person_id": "member",
                "status": "present",
                "marked_at": "2026-12-06T06:04:00Z",
            }
        ],
    },
)
def record_marks(incoming: Incoming, cohort_id: str) -> Answer:
    """Store marks that a phone has made, up to 500 (trainers of the cohort, staff of the centre).

    What became of each mark is in the answer, with the code of its refusal; the others are saved.
    Sent again after a lost answer, the same marks change nothing. Marks are never overwritten:
    where they disagree, a person settles it. A phone's clock that cannot be
    right is flagged, not believed. Before the last hour that leads to a session only excuses are
    saved, by the clock of the centre; all other marks are refused.
    """
    found = branch.ask(incoming, _BRANCH, "record_marks", cohort_id=cohort_id, **incoming.body)
    return Answer(found)


@blueprint.route("/v1/cohorts/<id:cohort_id>/attendance", methods=["GET"])
@endpoint(answer=contract.CohortAttendance, access=SIGNED_IN, refuses=(403, 404), branch=_BRANCH)
def cohort_attendance(incoming: Incoming, cohort_id: str) -> Answer:
    """What each person has attended (trainers of the cohort, staff of the centre)."""
    return Answer(branch.ask(incoming, _BRANCH, "cohort_attendance", cohort_id=cohort_id))


@blueprint.route("/v1/cohorts/<id:cohort_id>/my-attendance", methods=["GET"])
@endpoint(answer=contract.PersonAttendance, access=SIGNED_IN, refuses=(404,), branch=_BRANCH)
def my_attendance(incoming: Incoming, cohort_id: str) -> Answer:
    """What one has attended oneself."""
    return Answer(branch.ask(incoming, _BRANCH, "my_attendance", cohort_id=cohort_id))


@blueprint.route("/v1/cohorts/<id:cohort_id>/contradictions", methods=["GET"])
@endpoint(
    query=schemas.ListQuery,
    answer=training_schemas.AttendanceEntryPage,
    access=SIGNED_IN,
    refuses=(403, 404),
    branch=_BRANCH,
)
def list_contradictions(incoming: Incoming, cohort_id: str) -> Answer:
    """Marks that disagree, for a person to settle (trainers of the cohort, staff of the centre)."""
    return branch.listed(incoming, _BRANCH, "list_contradictions", cohort_id=cohort_id)


@blueprint.route("/v1/cohorts/<id:cohort_id>/sessions/<id:session_id>/attendance", methods=["GET"])
@endpoint(answer=contract.SessionAttendance, access=SIGNED_IN, refuses=(403, 404), branch=_BRANCH)
def session_attendance(incoming: Incoming, cohort_id: str, session_id: str) -> Answer:
    """Who was there (trainers of the cohort, staff of the centre): everybody with a seat at some
    time of the session, and everybody who was marked."""
    asked = {"cohort_id": cohort_id, "session_id": session_id}
    return Answer(branch.ask(incoming, _BRANCH, "session_attendance", **asked))


@blueprint.route(_PERSON, methods=["GET"])
@endpoint(
    query=schemas.Selection,
    answer=contract.AttendanceEntry,
    access=SIGNED_IN,
    versioned=True,
    refuses=(403, 404),
    branch=_BRANCH,
)
def get_attendance(incoming: Incoming, cohort_id: str, session_id: str, person_id: str) -> Answer:
    """All marks of one person in one session (trainers of the cohort, staff of the centre)."""
    asked = {"cohort_id": cohort_id, "session_id": session_id, "person_id": person_id}
    return branch.one(incoming, _BRANCH, "get_attendance", **asked)


@blueprint.route(f"{_PERSON}/settle", methods=["POST"])
@endpoint(
    body=contract.Settlement,
    answer=contract.AttendanceEntry,
    access=SIGNED_IN,
    changes=True,
    refuses=(403, 404, attendance_errors.SESSION_NOT_BEGUN),
    branch=_BRANCH,
    example={"status": "present", "reason": "وقّع على كشف الحضور"},
)
def settle_attendance(
    incoming: Incoming, cohort_id: str, session_id: str, person_id: str
) -> Answer:
    """Decide what counts (trainers of the cohort, staff of the centre). Marks that arrive later do
    not change it; those that disagree are shown as `unseen`."""
    sent = {"cohort_id": cohort_id, "session_id": session_id, "person_id": person_id}
    version = incoming.expected_version
    return branch.one(
        incoming, _BRANCH, "settle_attendance", expected_version=version, **sent, **incoming.body
    )


@blueprint.route(f"{_PERSON}/history", methods=["GET"])
@endpoint(
    query=schemas.ListQuery,
    answer=schemas.HistoryPage,
    access=SIGNED_IN,
    refuses=(403, 404),
    branch=_BRANCH,
)
def attendance_history(
    incoming: Incoming, cohort_id: str, session_id: str, person_id: str
) -> Answer:
    """Who settled it, when and why (trainers of the cohort, staff of the centre). Oldest first."""
    asked = {"cohort_id": cohort_id, "session_id": session_id, "person_id": person_id}
    return branch.listed(incoming, _BRANCH, "attendance_history", **asked)
