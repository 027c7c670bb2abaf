"""Facts that trainings publishes. Payloads are thin: what a subscriber needs to act, no more."""

from __future__ import annotations

from marshmallow import fields

from services.common.contracts.fields import EventData, Id, LocalisedFact
from services.common.contracts.registry import EventType
from services.common.contracts.rooms import room_released, room_requested
from services.common.contracts.trainings import (
    answer_facts,
    application_facts,
    assignment_facts,
    attendance_facts,
    certificate_facts,
    cohort_facts,
    participant_facts,
    review_facts,
    session_facts,
    task_facts,
)
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

PARTICIPANT_CHANGED = EventType(
    "trainings.participant.changed",
    1,
    participant_facts.Participant,
    "A participant is described otherwise, or erased.",
)
PARTICIPANT_MERGED = EventType(
    "trainings.participant.merged",
    1,
    participant_facts.Merged,
    "Two records are of one person; what one of them had counts for the other.",
)

FORM_ANSWERED = EventType(
    "trainings.form.answered", 1, answer_facts.Answered, "A participant has answered a form."
)
FEEDBACK_REQUESTED = EventType(
    "trainings.feedback.requested",
    1,
    answer_facts.Requested,
    "A participant is asked what the course was like, or what has changed since, by a link.",
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

APPLICATION_SUBMITTED = EventType(
    "trainings.application.submitted",
    1,
    application_facts.Application,
    "A person applies for a cohort, or is nominated.",
)
APPLICATION_CHANGED = EventType(
    "trainings.application.changed",
    1,
    application_facts.Application,
    "An application stands as before; its rank, the end of its offer or why it waits is new.",
)
APPLICATION_SHORTLISTED = EventType(
    "trainings.application.shortlisted",
    1,
    application_facts.Application,
    "Reviewers would give the person a seat.",
)
APPLICATION_WAITLISTED = EventType(
    "trainings.application.waitlisted",
    1,
    application_facts.Application,
    "The person waits for a seat, by the reason named.",
)
APPLICATION_OFFERED = EventType(
    "trainings.application.offered",
    1,
    application_facts.Application,
    "A seat is offered to the person until `expires_at`.",
)
APPLICATION_ENROLLED = EventType(
    "trainings.application.enrolled",
    1,
    application_facts.Application,
    "The person has a seat: a free one, an offered one, or admitted by hand.",
)
APPLICATION_DECLINED = EventType(
    "trainings.application.declined",
    1,
    application_facts.Application,
    "The person gets no seat, by the reason named.",
)
APPLICATION_WITHDRAWN = EventType(
    "trainings.application.withdrawn",
    1,
    application_facts.Application,
    "The person has left the cohort or its queue.",
)
APPLICATION_OFFER_EXPIRED = EventType(
    "trainings.application.offer_expired",
    1,
    application_facts.Application,
    "An offer was not answered in time.",
)
APPLICATION_OFFER_DECLINED = EventType(
    "trainings.application.offer_declined",
    1,
    application_facts.Application,
    "The person has declined the offer.",
)
APPLICATION_CANCELLED = EventType(
    "trainings.application.cancelled",
    1,
    application_facts.Application,
    "The cohort does not take place, or ends early; the seat is no more.",
)
APPLICATION_COMPLETED = EventType(
    "trainings.application.completed",
    1,
    application_facts.Application,
    "The person has earned the certificate of the cohort.",
)
APPLICATION_NOT_COMPLETED = EventType(
    "trainings.application.not_completed",
    1,
    application_facts.Application,
    "The cohort is over, and the person has not earned its certificate.",
)
APPLICATION_ERASED = EventType(
    "trainings.application.erased",
    1,
    application_facts.Application,
    "The details of the person are erased; the application remains as a number.",
)

SESSION_MOVED = EventType(
    "trainings.session.moved",
    1,
    session_facts.Moved,
    "A session of an announced cohort has another time, place or room; its people get a message.",
)
SESSION_ADDED = EventType(
    "trainings.session.added",
    1,
    session_facts.Session,
    "An announced cohort has one more session; its people get a message.",
)
SESSION_REMOVED = EventType(
    "trainings.session.removed",
    1,
    session_facts.Session,
    "A session of an announced cohort does not take place; its people get a message.",
)
REVIEW_ASSIGNED = EventType(
    "trainings.review.assigned",
    1,
    review_facts.Assigned,
    "People are asked to review the applications for a cohort.",
)
ASSIGNMENT_OFFERED = EventType(
    "trainings.assignment.offered",
    1,
    assignment_facts.Assignment,
    "Staff ask a trainer to teach; the trainer is taken at these times.",
)
ASSIGNMENT_CHANGED = EventType(
    "trainings.assignment.changed",
    1,
    assignment_facts.Assignment,
    "The sessions that the trainer teaches have changed.",
)
ASSIGNMENT_ACCEPTED = EventType(
    "trainings.assignment.accepted", 1, assignment_facts.Assignment, "The trainer comes."
)
ASSIGNMENT_DECLINED = EventType(
    "trainings.assignment.declined",
    1,
    assignment_facts.Assignment,
    "The trainer does not come; another one is needed.",
)
ASSIGNMENT_WITHDRAWN = EventType(
    "trainings.assignment.withdrawn",
    1,
    assignment_facts.Assignment,
    "The trainer is not needed any more.",
)
CERTIFICATE_ISSUED = EventType(
    "trainings.certificate.issued",
    1,
    certificate_facts.Issued,
    "A participant has a certificate, or one with a corrected name.",
)
CERTIFICATE_REVOKED = EventType(
    "trainings.certificate.revoked",
    1,
    certificate_facts.Revoked,
    "A certificate counts no more, by the reason named.",
)
CERTIFICATE_SUPERSEDED = EventType(
    "trainings.certificate.superseded",
    1,
    certificate_facts.Superseded,
    "A certificate counts no more: one with another name is in its place.",
)

TASK_OPENED = EventType(
    "trainings.task.opened", 1, task_facts.Task, "Staff of the centre have something to see to."
)
TASK_CHANGED = EventType(
    "trainings.task.changed", 1, task_facts.Task, "An open task is about other sessions."
)
TASK_CLOSED = EventType(
    "trainings.task.closed", 1, task_facts.Task, "A task is done, or has become needless."
)

ROOM_REQUESTED = room_requested("trainings")
ROOM_RELEASED = room_released("trainings")
ATTENDANCE_RECORDED = EventType(
    "trainings.attendance.recorded",
    1,
    attendance_facts.Recorded,
    "New marks of attendance have arrived.",
)
ATTENDANCE_SETTLED = EventType(
    "trainings.attendance.settled",
    1,
    attendance_facts.Settled,
    "A person has decided on marks that contradict each other, or corrected what they say.",
)
