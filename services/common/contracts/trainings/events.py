"""Facts that trainings publishes. Payloads are thin: what a subscriber needs to act, no more."""

from __future__ import annotations

from marshmallow import fields

from services.common.contracts.fields import EventData, Id, LocalisedFact
from services.common.contracts.registry import EventType
from services.common.contracts.trainings import cohort_facts
from services.common.contracts.trainings.limits import LONGEST_SUMMARY


class EarningRule(EventData):
    least_attendance = fields.Integer(
        required=True, allow_none=True, metadata={"description": "Percent of the sessions."}
    )
    test_required = fields.Boolean(required=True)
    least_score = fields.Integer(
        required=True, allow_none=True, metadata={"description": "Percent of the post-test."}
    )


class Course(EventData):
    """A course as a manager has described it."""

    course_id = Id(required=True)
    topic_id = Id(required=True)
    title = LocalisedFact(required=True)
    summary = LocalisedFact(required=True, limit=LONGEST_SUMMARY)
    hours = fields.Integer(required=True, metadata={"description": "Of training."})
    prerequisites = fields.List(Id(), required=True)
    earning = fields.Nested(EarningRule, required=True)
    certificate_months = fields.Integer(required=True, allow_none=True)
    retired = fields.Boolean(required=True)
    version = fields.Integer(required=True)
    changed_by = Id(required=True, metadata={"description": "The person who caused this fact."})


COURSE_ADDED = EventType(
    "trainings.course.added", 1, Course, "The centre offers a course that it had not."
)
COURSE_CHANGED = EventType(
    "trainings.course.changed", 1, Course, "A course has other words or rules, or is retired."
)

COHORT_CREATED = EventType(
    "trainings.cohort.created", 1, cohort_facts.Cohort, "A cohort is being prepared."
)
COHORT_CHANGED = EventType(
    "trainings.cohort.changed", 1, cohort_facts.Cohort, "A cohort has other rules or sessions."
)
COHORT_ANNOUNCED = EventType(
    "trainings.cohort.announced", 1, cohort_facts.Cohort, "Everybody sees the cohort from now on."
)
APPLICATIONS_OPENED = EventType(
    "trainings.cohort.applications_opened", 1, cohort_facts.Cohort, "Applications are taken."
)
APPLICATIONS_CLOSED = EventType(
    "trainings.cohort.applications_closed", 1, cohort_facts.Cohort, "No applications are taken."
)
COHORT_STARTED = EventType(
    "trainings.cohort.started", 1, cohort_facts.Cohort, "The first session has begun."
)
COHORT_COMPLETED = EventType(
    "trainings.cohort.completed", 1, cohort_facts.Cohort, "The last session has ended."
)
COHORT_CLOSED = EventType(
    "trainings.cohort.closed", 1, cohort_facts.Cohort, "The cohort does not change any more."
)
COHORT_CANCELLED = EventType(
    "trainings.cohort.cancelled",
    1,
    cohort_facts.Cancelled,
    "The cohort does not take place; all who are in it get a message.",
)
