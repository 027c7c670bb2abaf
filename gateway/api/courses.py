"""Topics and courses: the public catalogue of trainings, and what a manager says of it."""

from __future__ import annotations

from gateway.api import branch
from gateway.web import schemas, training_schemas
from gateway.web.endpoint import PUBLIC, SIGNED_IN, Answer, Incoming, endpoint
from gateway.web.openapi import Blueprint
from services.common.contracts.trainings import catalogue as contract
from services.common.contracts.trainings import errors

blueprint = Blueprint("courses", __name__, description="Topics and courses")

_BRANCH = "trainings"


@blueprint.route("/v1/topics", methods=["GET"])
@endpoint(query=schemas.Selection, answer=training_schemas.TopicPage, access=PUBLIC, branch=_BRANCH)
def list_topics(incoming: Incoming) -> Answer:
    """The topics that courses are about."""
    found, age = branch.public(incoming, _BRANCH, "list_topics")
    return Answer({"items": found["items"], "next_cursor": None}, age=age)


@blueprint.route("/v1/courses", methods=["GET"])
@endpoint(
    query=training_schemas.CoursesQuery,
    answer=training_schemas.CoursePage,
    access=PUBLIC,
    branch=_BRANCH,
)
def list_courses(incoming: Incoming) -> Answer:
    """The courses that the centre offers; retired ones are left out."""
    return branch.public_listed(incoming, _BRANCH, "list_courses")


@blueprint.route("/v1/courses/<id:course_id>", methods=["GET"])
@endpoint(
    query=schemas.Selection,
    answer=contract.Course,
    access=PUBLIC,
    versioned=True,
    refuses=(404,),
    branch=_BRANCH,
)
def get_course(incoming: Incoming, course_id: str) -> Answer:
    """One course."""
    return branch.public_one(incoming, _BRANCH, "get_course", id=course_id)


@blueprint.route("/v1/courses", methods=["POST"])
@endpoint(
    body=contract.AddCourse,
    answer=contract.Course,
    status=201,
    access=SIGNED_IN,
    creates=True,
    versioned=True,
    refuses=(403, errors.UNKNOWN_TOPIC, errors.UNKNOWN_COURSE),
    branch=_BRANCH,
    example={
        "topic_id": "financial-management",
        "title": {"ar": "أساسيات الإدارة المالية", "en": "Financial management basics"},
        "summary": {"ar": "الميزانية والمصروفات والتقارير.", "en": "Budget, spending, reports."},
        "hours": 16,
        "earning": {"least_attendance": 80, "least_score": 60},
    },
)
def add_course(incoming: Incoming) -> Answer:
    """Offer one more course (managers)."""
    return branch.created(incoming, _BRANCH, "add_course", "/v1/courses", **incoming.body)


@blueprint.route("/v1/courses/<id:course_id>", methods=["PATCH"])
@endpoint(
    body=contract.CourseChanges,
    answer=contract.Course,
    access=SIGNED_IN,
    changes=True,
    refuses=(403, 404, errors.UNKNOWN_COURSE, errors.PREREQUISITE_CIRCLE),
    branch=_BRANCH,
    example={"hours": 20, "reason": "جلستان إضافيتان"},
)
def change_course(incoming: Incoming, course_id: str) -> Answer:
    """Change the words or rules of a course, or retire it (managers).

    Cohorts that are announced keep the rules they began with, and certificates say what they said
    when they were issued.
    """
    return branch.changed(incoming, _BRANCH, "change_course", course_id, **incoming.body)


@blueprint.route("/v1/courses/<id:course_id>/history", methods=["GET"])
@endpoint(
    query=schemas.ListQuery,
    answer=schemas.HistoryPage,
    access=SIGNED_IN,
    refuses=(403, 404),
    branch=_BRANCH,
)
def course_history(incoming: Incoming, course_id: str) -> Answer:
    """Who changed what of the course, when and why (staff). Oldest first."""
    return branch.listed(incoming, _BRANCH, "course_history", id=course_id)
