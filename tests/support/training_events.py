"""Events of trainings as they come off the queue."""

from __future__ import annotations

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
        "people": ["omar", "sara"],
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
    }
    return _session(trainings.SESSION_MOVED, session_data(**previous, **changes))


def session_added(**changes: Any) -> CloudEvent:
    return _session(trainings.SESSION_ADDED, session_data(**changes))


def session_removed(**changes: Any) -> CloudEvent:
    return _session(trainings.SESSION_REMOVED, session_data(**changes))
