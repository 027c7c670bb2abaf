"""Who gets messages about trainings: cohorts, their sessions, and the way to a seat."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.common.contracts.trainings import events
from services.common.contracts.trainings.events import (
    APPLICATION_CANCELLED,
    APPLICATION_CHANGED,
    APPLICATION_COMPLETED,
    APPLICATION_DECLINED,
    APPLICATION_ENROLLED,
    APPLICATION_ERASED,
    APPLICATION_NOT_COMPLETED,
    APPLICATION_OFFER_DECLINED,
    APPLICATION_OFFER_EXPIRED,
    APPLICATION_OFFERED,
    APPLICATION_SHORTLISTED,
    APPLICATION_SUBMITTED,
    APPLICATION_WAITLISTED,
    APPLICATION_WITHDRAWN,
    ASSIGNMENT_ACCEPTED,
    ASSIGNMENT_CHANGED,
    ASSIGNMENT_DECLINED,
    ASSIGNMENT_OFFERED,
    ASSIGNMENT_WITHDRAWN,
    CERTIFICATE_ISSUED,
    CERTIFICATE_REVOKED,
    CERTIFICATE_SUPERSEDED,
    FEEDBACK_REQUESTED,
    REVIEW_ASSIGNED,
    SESSION_ADDED,
    SESSION_MOVED,
    SESSION_REMOVED,
    TASK_CHANGED,
    TASK_CLOSED,
    TASK_OPENED,
)
from services.notifications.domain.rules.audiences import Audience
from services.notifications.domain.rules.rule import (
    BOTH,
    IN_INBOX,
    Category,
    Publisher,
    Rule,
    Urgency,
)

COURSES = Category("trainings")

PERSON, PEOPLE, NOMINATOR = Audience.PERSON, Audience.PEOPLE, Audience.NOMINATOR
TRAINER, TEACHING, DESK = Audience.TRAINER, Audience.TEACHING, Audience.FRONT_DESK
REVIEWERS = Audience.REVIEWERS
NORMAL, URGENT = Urgency.NORMAL, Urgency.URGENT

# fmt: off
_RULES = (
    # event                          audience   category template                urgency channels
    Rule(APPLICATION_SUBMITTED,      PERSON,    COURSES, "application_received", NORMAL, BOTH),
    Rule(APPLICATION_SHORTLISTED,    PERSON,    COURSES, "shortlisted",          NORMAL, IN_INBOX),
    Rule(APPLICATION_WAITLISTED,     PERSON,    COURSES, "waitlisted",           NORMAL, BOTH),
    Rule(APPLICATION_WAITLISTED,     NOMINATOR, COURSES, "nominee_waitlisted",   NORMAL, IN_INBOX),
    Rule(APPLICATION_OFFERED,        PERSON,    COURSES, "seat_offered",         URGENT, BOTH),
    Rule(APPLICATION_OFFERED,        NOMINATOR, COURSES, "nominee_offered",      URGENT, BOTH),
    Rule(APPLICATION_CHANGED,        PERSON,    COURSES, "offer_changed",        URGENT, BOTH),
    Rule(APPLICATION_CHANGED,        NOMINATOR, COURSES, "nominee_offered",      URGENT, BOTH),
    Rule(APPLICATION_ENROLLED,       PERSON,    COURSES, "enrolled",             NORMAL, BOTH),
    Rule(APPLICATION_ENROLLED,       NOMINATOR, COURSES, "nominee_enrolled",     NORMAL, BOTH),
    Rule(APPLICATION_DECLINED,       PERSON,    COURSES, "declined",             NORMAL, BOTH),
    Rule(APPLICATION_DECLINED,       NOMINATOR, COURSES, "nominee_declined",     NORMAL, IN_INBOX),
    Rule(APPLICATION_WITHDRAWN,      PERSON,    COURSES, "withdrawn",            NORMAL, IN_INBOX),
    Rule(APPLICATION_OFFER_EXPIRED,  PERSON,    COURSES, "offer_expired",        NORMAL, BOTH),
    Rule(APPLICATION_OFFER_EXPIRED,  NOMINATOR, COURSES, "nominee_expired",      NORMAL, IN_INBOX),
    Rule(APPLICATION_OFFER_DECLINED, PERSON,    COURSES, "offer_declined",       NORMAL, IN_INBOX),
    Rule(APPLICATION_CANCELLED,      PERSON,    COURSES, "cohort_cancelled",     URGENT, BOTH),
    Rule(APPLICATION_CANCELLED,      NOMINATOR, COURSES, "nominee_cancelled",    URGENT, BOTH),
    Rule(APPLICATION_COMPLETED,      PERSON,    COURSES, "course_completed",     NORMAL, BOTH),
    Rule(APPLICATION_NOT_COMPLETED,  PERSON,    COURSES, "course_not_completed", NORMAL, BOTH),
    Rule(SESSION_ADDED,              PEOPLE,    COURSES, "session_added",        NORMAL, BOTH),
    Rule(SESSION_MOVED,              PEOPLE,    COURSES, "session_moved",        URGENT, BOTH),
    # Of another time trainers hear by their assignment.
    Rule(SESSION_MOVED,              TEACHING,  COURSES, "session_moved",        URGENT, BOTH),
    Rule(SESSION_REMOVED,            PEOPLE,    COURSES, "session_removed",      URGENT, BOTH),
    Rule(ASSIGNMENT_OFFERED,         TRAINER,   COURSES, "assignment_offered",   NORMAL, BOTH),
    Rule(ASSIGNMENT_CHANGED,         TRAINER,   COURSES, "assignment_changed",   URGENT, BOTH),
    Rule(ASSIGNMENT_WITHDRAWN,       TRAINER,   COURSES, "assignment_withdrawn", URGENT, BOTH),
    Rule(ASSIGNMENT_ACCEPTED,        DESK,      COURSES, "assignment_accepted",  NORMAL, IN_INBOX),
    Rule(ASSIGNMENT_DECLINED,        DESK,      COURSES, "assignment_declined",  NORMAL, IN_INBOX),
    Rule(CERTIFICATE_ISSUED,         PERSON,    COURSES, "certificate_issued",   NORMAL, BOTH),
    Rule(CERTIFICATE_REVOKED,        PERSON,    COURSES, "certificate_revoked",  NORMAL, BOTH),
    Rule(FEEDBACK_REQUESTED,         PERSON,    COURSES, "feedback_asked",       NORMAL, BOTH),
    Rule(REVIEW_ASSIGNED,            REVIEWERS, COURSES, "review_assigned",      NORMAL, BOTH),
    Rule(TASK_OPENED,                DESK,      COURSES, "rooms_missing",        URGENT, IN_INBOX),
    Rule(TASK_CHANGED,               DESK,      COURSES, "rooms_missing",        URGENT, IN_INBOX),
)
# fmt: on


def _is_decided_at_once(data: Mapping[str, Any]) -> bool:
    """Where people get seats as they come, the answer follows in the same moment."""
    return bool(data["mode"] == "first_come")


def _is_offered(data: Mapping[str, Any]) -> bool:
    return bool(data["status"] == "offered")


def _is_not_offered(data: Mapping[str, Any]) -> bool:
    """A new rank, or another reason to wait, is no news; another end of an offer is."""
    return not _is_offered(data)


PUBLISHER = Publisher(
    contract=events,
    rules=_RULES,
    # The person or the trainer knows of it; what was said before must not be read after it.
    endings=(
        APPLICATION_WITHDRAWN,
        APPLICATION_OFFER_DECLINED,
        APPLICATION_ERASED,
        ASSIGNMENT_ACCEPTED,
        ASSIGNMENT_DECLINED,
        CERTIFICATE_SUPERSEDED,
        TASK_CLOSED,
    ),
    overtaking={APPLICATION_CHANGED: _is_offered},
    unannounced={
        APPLICATION_SUBMITTED: _is_decided_at_once,
        APPLICATION_CHANGED: _is_not_offered,
    },
)
