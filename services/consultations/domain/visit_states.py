"""The states of a visit: which there are, and what leads from one to another.

The state machine is the table :data:`TRANSITIONS`; ``docs/states.md`` is drawn from it.
"""

from __future__ import annotations

from enum import StrEnum

from services.common.contracts.consultations.calendar_errors import VISIT_NOT_ALLOWED_NOW
from services.common.transitions import Transitions


class VisitStatus(StrEnum):
    REQUESTED = "requested"
    ACCEPTED = "accepted"
    DONE = "done"
    REPORTED = "reported"
    APPROVED = "approved"
    DECLINED = "declined"
    CALLED_OFF = "called_off"


class VisitAction(StrEnum):
    ACCEPT = "accept"
    DECLINE = "decline"
    MOVE = "move"
    HAND_OVER = "hand_over"
    GROUP = "group"
    REMIND = "remind"
    COMPLETE = "complete"
    REPORT = "report"
    RETURN_REPORT = "return_report"
    APPROVE = "approve"
    CALL_OFF = "call_off"


TRANSITIONS: Transitions[VisitStatus, VisitAction] = Transitions(
    {
        (VisitStatus.REQUESTED, VisitAction.ACCEPT): VisitStatus.ACCEPTED,
        (VisitStatus.REQUESTED, VisitAction.DECLINE): VisitStatus.DECLINED,
        # Another time is asked for; the other side accepts it.
        (VisitStatus.REQUESTED, VisitAction.MOVE): VisitStatus.REQUESTED,
        (VisitStatus.ACCEPTED, VisitAction.MOVE): VisitStatus.REQUESTED,
        (VisitStatus.REQUESTED, VisitAction.HAND_OVER): VisitStatus.REQUESTED,
        (VisitStatus.ACCEPTED, VisitAction.HAND_OVER): VisitStatus.REQUESTED,
        (VisitStatus.REQUESTED, VisitAction.CALL_OFF): VisitStatus.CALLED_OFF,
        (VisitStatus.ACCEPTED, VisitAction.CALL_OFF): VisitStatus.CALLED_OFF,
        (VisitStatus.ACCEPTED, VisitAction.GROUP): VisitStatus.ACCEPTED,
        (VisitStatus.ACCEPTED, VisitAction.REMIND): VisitStatus.ACCEPTED,
        (VisitStatus.ACCEPTED, VisitAction.COMPLETE): VisitStatus.DONE,
        (VisitStatus.DONE, VisitAction.REPORT): VisitStatus.REPORTED,
        (VisitStatus.REPORTED, VisitAction.RETURN_REPORT): VisitStatus.DONE,
        (VisitStatus.REPORTED, VisitAction.APPROVE): VisitStatus.APPROVED,
    },
    refusal=VISIT_NOT_ALLOWED_NOW,
    first=VisitStatus.REQUESTED,
)

# While a visit is in one of these, its adviser is claimed.
LIVE = frozenset({VisitStatus.REQUESTED, VisitStatus.ACCEPTED})
