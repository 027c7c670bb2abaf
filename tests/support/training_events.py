"""Events of trainings as they come off the queue."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from services.common.clock import to_wire
from services.common.contracts.registry import EventType
from services.common.contracts.trainings import events as trainings
from services.common.events.envelope import CloudEvent
from tests.support.notifications import STARTS, event

COHORT = "0190b0a5-7c1e-7000-8000-0000000000e1"
SESSION = "0190b0a5-7c1e-7000-8000-0000000000e2"
COURSE = {"ar": "إدارة المشاريع", "en": "Project management"}
OFFICE = {"ar": "مقر المنظمة", "en": "The organisation's office"}
FOUR_HOURS = timedelta(hours=4)
REQUEST = "0190b0a5-7c1e-7000-8000-0000000000e6"
CERTIFICATE = "0190b0a5-7c1e-7000-8000-0000000000e5"
ASSIGNMENT = "0190b0a5-7c1e-7000-8000-0000000000e4"
APPLICATION = "0190b0a5-7c1e-7000-8000-0000000000e3"
OFFER_ENDS = to_wire(STARTS)
OFFER_SHORTENED_TO = to_wire(STARTS - FOUR_HOURS)
CANCELLED_BECAUSE = {"ar": "تعذّر حضور المدرّبة", "en": "the trainer cannot come"}


def cohort_named() -> dict[str, Any]:
    """What each event about a cohort says of it."""
    return {
        "cohort_id": COHORT,
        "course_id": "project-management-1",
        "centre_id": "raqqa",
        "centre_name": {"ar": "مركز الرقة", "en": "Raqqa centre"},
        "time_zone": "Asia/Damascus",
        "title": COURSE,
    }


def session_data(**changes: Any) -> dict[str, Any]:
    return {
        **cohort_named(),
        "session_id": SESSION,
        "starts_at": to_wire(STARTS),
        "ends_at": to_wire(STARTS + FOUR_HOURS),
        "elsewhere": None,
        "room": None,
        "people": ["omar", "sara"],
        "trainers": [],
        "version": 5,
        "changed_by": "desk",
        **changes,
    }


def _session(event_type: EventType, data: dict[str, Any]) -> CloudEvent:
    return event(event_type, data["session_id"], data["version"], data)


def session_moved(**changes: Any) -> CloudEvent:
    """From the organisation's office, on the day before, into the centre."""
    previous = {
        "previous_starts_at": to_wire(STARTS - timedelta(days=1)),
        "previous_ends_at": to_wire(STARTS - timedelta(days=1) + FOUR_HOURS),
        "previous_elsewhere": OFFICE,
        "previous_room": None,
    }
    return _session(trainings.SESSION_MOVED, session_data(**{**previous, **changes}))


def session_added(**changes: Any) -> CloudEvent:
    return _session(trainings.SESSION_ADDED, session_data(**changes))


def session_removed(**changes: Any) -> CloudEvent:
    return _session(trainings.SESSION_REMOVED, session_data(**changes))


def application_data(**changes: Any) -> dict[str, Any]:
    """Of Sara, who has an account and has applied herself for the Hope Association."""
    return {
        **cohort_named(),
        "application_id": APPLICATION,
        "topic_id": "project-management",
        "mode": "selection",
        "starts_at": to_wire(STARTS),
        "participant_id": "sara",
        "person_id": "sara",
        "organisation_id": "hope",
        "source": "self",
        "nominated_by": None,
        "status": "submitted",
        "reason": None,
        "expires_at": None,
        "version": 1,
        "changed_by": "sara",
        **changes,
    }


def application(
    event_type: EventType, version: int = 2, actor_kind: str = "person", **changes: Any
) -> CloudEvent:
    """An application after a fact; its status is that of the fact, where none is given."""
    fact = event_type.name.rpartition(".")[2]
    data = application_data(**{"status": fact, "version": version, **changes})
    return event(event_type, data["application_id"], version, data, actor_kind=actor_kind)


def submitted(**changes: Any) -> CloudEvent:
    return application(trainings.APPLICATION_SUBMITTED, 1, **changes)


def waitlisted(**changes: Any) -> CloudEvent:
    return application(trainings.APPLICATION_WAITLISTED, **{"reason": "full", **changes})


def offered(**changes: Any) -> CloudEvent:
    """Until noon of the next day, by the clock of Raqqa."""
    values = {"reason": "next_by_rank", "expires_at": OFFER_ENDS, "version": 3, **changes}
    return application(trainings.APPLICATION_OFFERED, actor_kind="system", **values)


def offer_shortened(**changes: Any) -> CloudEvent:
    values = {"reason": "start_moved", "status": "offered", "version": 4, **changes}
    return application(
        trainings.APPLICATION_CHANGED, **{"expires_at": OFFER_SHORTENED_TO, **values}
    )


def enrolled(**changes: Any) -> CloudEvent:
    values = {"reason": "own_choice", "version": 4, **changes}
    return application(trainings.APPLICATION_ENROLLED, **values)


def declined(**changes: Any) -> CloudEvent:
    values = {"reason": "lower_rank", "changed_by": "desk", **changes}
    return application(trainings.APPLICATION_DECLINED, **values)


def off(**changes: Any) -> CloudEvent:
    """The cohort is cancelled, and the application with it."""
    values = {"reason": "cohort_cancelled", "reasons": CANCELLED_BECAUSE, **changes}
    return application(trainings.APPLICATION_CANCELLED, 5, changed_by="desk", **values)


def nominee(fact: CloudEvent, **changes: Any) -> CloudEvent:
    """The same of a person without an account, whom Omar has nominated."""
    data = dict(fact.data) | {"person_id": None, "participant_id": "p-1", "source": "nominated"}
    data |= {"nominated_by": "omar", **changes}
    return replace(fact, data=data)


def assignment(
    event_type: EventType, version: int = 2, sessions: int = 2, **changes: Any
) -> CloudEvent:
    """Of Omar, who is asked to teach so many sessions, a day after another."""
    times = [
        {
            "starts_at": to_wire(STARTS + timedelta(days=day)),
            "ends_at": to_wire(STARTS + timedelta(days=day) + FOUR_HOURS),
        }
        for day in range(sessions)
    ]
    data = {
        "assignment_id": ASSIGNMENT,
        "cohort_id": COHORT,
        "cohort_title": COURSE,
        "centre_id": "raqqa",
        "trainer_id": "omar",
        "status": event_type.name.rpartition(".")[2],
        "times": times,
        "time_zone": "Asia/Damascus",
        "version": version,
        "changed_by": "desk",
        **changes,
    }
    return event(event_type, ASSIGNMENT, version, data)


def certificate(event_type: EventType, version: int = 1, **changes: Any) -> CloudEvent:
    """Of Sara, who has completed the course."""
    more: dict[str, Any] = {
        trainings.CERTIFICATE_ISSUED: {"supersedes": None},
        trainings.CERTIFICATE_REVOKED: {"reason": "issued_in_error"},
        trainings.CERTIFICATE_SUPERSEDED: {"superseded_by": COHORT},
    }[event_type]
    data = {
        "certificate_id": CERTIFICATE,
        "person_id": "sara",
        "cohort_id": COHORT,
        "centre_id": "raqqa",
        "kind": "completion",
        "title": COURSE,
        "issued_at": to_wire(STARTS),
        "expires_at": None,
        "version": version,
        "changed_by": "desk",
        **more,
        **changes,
    }
    return event(event_type, CERTIFICATE, version, data)


def feedback_asked(occasion: str = "feedback", **changes: Any) -> CloudEvent:
    """Of Sara, by a link that ends at the same time as the offers here."""
    data = {
        "request_id": REQUEST,
        "application_id": APPLICATION,
        "cohort_id": COHORT,
        "centre_id": "raqqa",
        "title": COURSE,
        "occasion": occasion,
        "participant_id": "sara",
        "person_id": "sara",
        "link_purpose": f"form.{occasion}",
        "expires_at": OFFER_ENDS,
        "version": 1,
        **changes,
    }
    return event(trainings.FEEDBACK_REQUESTED, REQUEST, 1, data, actor_kind="system")


def review_assigned(**changes: Any) -> CloudEvent:
    """Omar is asked to review."""
    data = {
        **cohort_named(),
        "review_id": REQUEST,
        "reviewers": ["omar"],
        "version": 1,
        "changed_by": "desk",
        **changes,
    }
    return event(trainings.REVIEW_ASSIGNED, REQUEST, 1, data)


def task_opened(what: str = "rooms_lost", sessions: int = 2) -> CloudEvent:
    """For the front desk of Raqqa."""
    data = {
        "task_id": REQUEST,
        "what": what,
        "cohort_id": COHORT,
        "title": COURSE,
        "centre_id": "raqqa",
        "session_ids": [f"session-{number}" for number in range(sessions)],
        "version": 1,
        "changed_by": "system",
    }
    return event(trainings.TASK_OPENED, REQUEST, 1, data, actor_kind="system")
