"""The states of an assessment, and what leads from one to another.

The state machine is the table :data:`TRANSITIONS`; ``docs/states.md`` is drawn from it.
"""

from __future__ import annotations

from enum import StrEnum

from services.common.contracts.consultations.assessments_errors import ASSESSMENT_NOT_ALLOWED_NOW
from services.common.transitions import Transitions


class AssessmentStatus(StrEnum):
    DRAFT = "draft"
    AGREED = "agreed"
    VERIFIED = "verified"
    WITHDRAWN = "withdrawn"


class AssessmentAction(StrEnum):
    CHANGE = "change"
    AGREE = "agree"
    NOTE_EVIDENCE = "note_evidence"
    VERIFY = "verify"
    WITHDRAW = "withdraw"


TRANSITIONS: Transitions[AssessmentStatus, AssessmentAction] = Transitions(
    {
        (AssessmentStatus.DRAFT, AssessmentAction.CHANGE): AssessmentStatus.DRAFT,
        (AssessmentStatus.DRAFT, AssessmentAction.AGREE): AssessmentStatus.AGREED,
        (AssessmentStatus.DRAFT, AssessmentAction.WITHDRAW): AssessmentStatus.WITHDRAWN,
        # The agreed scores stay; what an adviser has seen is noted beside them.
        (AssessmentStatus.AGREED, AssessmentAction.NOTE_EVIDENCE): AssessmentStatus.AGREED,
        (AssessmentStatus.AGREED, AssessmentAction.VERIFY): AssessmentStatus.VERIFIED,
        (AssessmentStatus.AGREED, AssessmentAction.WITHDRAW): AssessmentStatus.WITHDRAWN,
    },
    refusal=ASSESSMENT_NOT_ALLOWED_NOW,
    first=AssessmentStatus.DRAFT,
)

# An assessment in one of these has scores that count.
COUNTS = frozenset({AssessmentStatus.AGREED, AssessmentStatus.VERIFIED})
