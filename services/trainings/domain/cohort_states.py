"""The states of a cohort: which there are, and what leads from one to another.

The state machine is the table :data:`TRANSITIONS`; ``docs/states.md`` is drawn from it.
"""

from __future__ import annotations

from enum import StrEnum

from services.common.contracts.trainings.roster_errors import COHORT_NOT_ALLOWED_NOW
from services.common.transitions import Transitions


class CohortStatus(StrEnum):
    DRAFT = "draft"
    ANNOUNCED = "announced"
    APPLICATIONS_OPEN = "applications_open"
    APPLICATIONS_CLOSED = "applications_closed"
    RUNNING = "running"
    COMPLETED = "completed"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class CohortAction(StrEnum):
    CHANGE = "change"
    SET_FORM = "set_form"
    ANNOUNCE = "announce"
    OPEN_APPLICATIONS = "open_applications"
    CLOSE_APPLICATIONS = "close_applications"
    START = "start"
    COMPLETE = "complete"
    CLOSE = "close"
    CANCEL = "cancel"


TRANSITIONS: Transitions[CohortStatus, CohortAction] = Transitions(
    {
        (CohortStatus.DRAFT, CohortAction.CHANGE): CohortStatus.DRAFT,
        (CohortStatus.DRAFT, CohortAction.ANNOUNCE): CohortStatus.ANNOUNCED,
        (CohortStatus.DRAFT, CohortAction.CANCEL): CohortStatus.CANCELLED,
        (CohortStatus.ANNOUNCED, CohortAction.CHANGE): CohortStatus.ANNOUNCED,
        (CohortStatus.ANNOUNCED, CohortAction.OPEN_APPLICATIONS): CohortStatus.APPLICATIONS_OPEN,
        (CohortStatus.ANNOUNCED, CohortAction.CANCEL): CohortStatus.CANCELLED,
        (CohortStatus.APPLICATIONS_OPEN, CohortAction.CHANGE): CohortStatus.APPLICATIONS_OPEN,
        (
            CohortStatus.APPLICATIONS_OPEN,
            CohortAction.CLOSE_APPLICATIONS,
        ): CohortStatus.APPLICATIONS_CLOSED,
        # A cohort that takes people as they come does so until its first session begins.
        (CohortStatus.APPLICATIONS_OPEN, CohortAction.START): CohortStatus.RUNNING,
        (CohortStatus.APPLICATIONS_OPEN, CohortAction.CANCEL): CohortStatus.CANCELLED,
        (CohortStatus.APPLICATIONS_CLOSED, CohortAction.CHANGE): CohortStatus.APPLICATIONS_CLOSED,
        # Too few have applied: the deadline is set later.
        (
            CohortStatus.APPLICATIONS_CLOSED,
            CohortAction.OPEN_APPLICATIONS,
        ): CohortStatus.APPLICATIONS_OPEN,
        (CohortStatus.APPLICATIONS_CLOSED, CohortAction.START): CohortStatus.RUNNING,
        (CohortStatus.APPLICATIONS_CLOSED, CohortAction.CANCEL): CohortStatus.CANCELLED,
        (CohortStatus.RUNNING, CohortAction.CHANGE): CohortStatus.RUNNING,
        (CohortStatus.RUNNING, CohortAction.COMPLETE): CohortStatus.COMPLETED,
        # A course may have to be broken off, for reasons of safety for instance.
        (CohortStatus.RUNNING, CohortAction.CANCEL): CohortStatus.CANCELLED,
        (CohortStatus.COMPLETED, CohortAction.CLOSE): CohortStatus.CLOSED,
        # Feedback and follow-up are prepared while the cohort runs, or after it.
        **{
            (status, CohortAction.SET_FORM): status
            for status in CohortStatus
            if status not in {CohortStatus.CLOSED, CohortStatus.CANCELLED}
        },
    },
    refusal=COHORT_NOT_ALLOWED_NOW,
    first=CohortStatus.DRAFT,
)

# While a cohort is in one of these, people may apply, be nominated, or enrol as they come.
TAKES_APPLICATIONS = frozenset({CohortStatus.APPLICATIONS_OPEN})

# While a cohort is in one of these, a seat that becomes free is offered to the next.
PROMOTES = frozenset({CohortStatus.APPLICATIONS_OPEN, CohortStatus.APPLICATIONS_CLOSED})

# While a cohort is in one of these, its sessions hold rooms and trainers.
HOLDS_ITS_SESSIONS = frozenset(CohortStatus) - {CohortStatus.CLOSED, CohortStatus.CANCELLED}
