"""The states of a recommendation, and what leads from one to another.

The state machine is the table :data:`TRANSITIONS`; ``docs/states.md`` is drawn from it.
"""

from __future__ import annotations

from enum import StrEnum

from services.common.contracts.consultations.recommendations_errors import (
    RECOMMENDATION_NOT_ALLOWED_NOW,
)
from services.common.transitions import Transitions


class RecommendationStatus(StrEnum):
    PROPOSED = "proposed"
    APPROVED = "approved"
    UNDER_WAY = "under_way"
    ACHIEVED = "achieved"
    DECLINED = "declined"
    LAPSED = "lapsed"
    SUPERSEDED = "superseded"


class RecommendationAction(StrEnum):
    APPROVE = "approve"
    DECLINE = "decline"
    BEGIN = "begin"
    ACHIEVE = "achieve"
    REVERT = "revert"
    LAPSE = "lapse"
    SUPERSEDE = "supersede"


_STATUS, _ACTION = RecommendationStatus, RecommendationAction

TRANSITIONS: Transitions[RecommendationStatus, RecommendationAction] = Transitions(
    {
        (_STATUS.PROPOSED, _ACTION.APPROVE): _STATUS.APPROVED,
        (_STATUS.PROPOSED, _ACTION.DECLINE): _STATUS.DECLINED,
        # Newer scores give a newer ranking; what a person has approved stays.
        (_STATUS.PROPOSED, _ACTION.SUPERSEDE): _STATUS.SUPERSEDED,
        (_STATUS.APPROVED, _ACTION.BEGIN): _STATUS.UNDER_WAY,
        (_STATUS.APPROVED, _ACTION.ACHIEVE): _STATUS.ACHIEVED,
        (_STATUS.APPROVED, _ACTION.LAPSE): _STATUS.LAPSED,
        (_STATUS.UNDER_WAY, _ACTION.ACHIEVE): _STATUS.ACHIEVED,
        (_STATUS.UNDER_WAY, _ACTION.LAPSE): _STATUS.LAPSED,
        # A corrected attendance may take the only completion back.
        (_STATUS.ACHIEVED, _ACTION.REVERT): _STATUS.UNDER_WAY,
    },
    refusal=RECOMMENDATION_NOT_ALLOWED_NOW,
    first=_STATUS.PROPOSED,
)

# Something is on its way, so that it is not proposed again.
PURSUED = frozenset({_STATUS.APPROVED, _STATUS.UNDER_WAY})
