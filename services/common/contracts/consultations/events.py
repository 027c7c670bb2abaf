"""Facts that consultations publishes. Payloads are thin: ids and states, no text and no name."""

from __future__ import annotations

from services.common.contracts.consultations import case_facts, task_facts
from services.common.contracts.registry import EventType

CASE_SUBMITTED = EventType(
    "consultations.case.submitted", 1, case_facts.Case, "An organisation asks for support."
)
CASE_CHANGED = EventType(
    "consultations.case.changed", 1, case_facts.Case, "Other people are on the case."
)
CASE_TRIAGED = EventType(
    "consultations.case.triaged", 1, case_facts.Case, "Staff have looked the case through."
)
CASE_DECLINED = EventType(
    "consultations.case.declined", 1, case_facts.Case, "The centre does not take the case on."
)
CASE_WITHDRAWN = EventType(
    "consultations.case.withdrawn",
    1,
    case_facts.Case,
    "The organisation needs no support any more.",
)
CASE_STARTED = EventType(
    "consultations.case.started", 1, case_facts.Case, "An adviser works on the case."
)
CASE_AWAITING = EventType(
    "consultations.case.awaiting",
    1,
    case_facts.Case,
    "The adviser waits for something of the organisation.",
)
CASE_RESUMED = EventType(
    "consultations.case.resumed", 1, case_facts.Case, "The organisation has answered."
)
CASE_RESOLVED = EventType("consultations.case.resolved", 1, case_facts.Case, "The support is done.")
CASE_REOPENED = EventType(
    "consultations.case.reopened",
    1,
    case_facts.Case,
    "The support did not help; the same case goes on.",
)
CASE_CLOSED = EventType(
    "consultations.case.closed", 1, case_facts.Case, "The case is over, with a result."
)

CASE_LIMIT_WARNED = EventType(
    "consultations.case.limit_warned",
    1,
    case_facts.Case,
    "A time limit of the case passes soon; each limit tells so once at most.",
)
CASE_LIMIT_PASSED = EventType(
    "consultations.case.limit_passed",
    1,
    case_facts.Case,
    "A time limit of the case has passed; each limit tells so once at most.",
)

TASK_OPENED = EventType(
    "consultations.task.opened", 1, task_facts.Task, "There is something to see to."
)
TASK_CLOSED = EventType(
    "consultations.task.closed", 1, task_facts.Task, "A task is done, or has become needless."
)
