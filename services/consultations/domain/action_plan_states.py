"""The states of an action plan: who has signed what it says now.

The state machine is the table :data:`TRANSITIONS`; ``docs/states.md`` is drawn from it.
"""

from __future__ import annotations

from enum import StrEnum

from services.common.contracts.consultations.action_plans_errors import PLAN_FROZEN
from services.common.transitions import Transitions


class PlanStatus(StrEnum):
    DRAFT = "draft"
    """Nobody has signed the newest edition."""
    AWAITING_SIGNATURE = "awaiting_signature"
    """One side has signed it."""
    AGREED = "agreed"
    """Both sides have."""
    CLOSED = "closed"


class PlanAction(StrEnum):
    CHANGE = "change"
    SIGN_FIRST = "sign_first"
    SIGN_SECOND = "sign_second"
    CLOSE = "close"


TRANSITIONS: Transitions[PlanStatus, PlanAction] = Transitions(
    {
        # A change asks both sides again, whatever was signed.
        (PlanStatus.DRAFT, PlanAction.CHANGE): PlanStatus.DRAFT,
        (PlanStatus.AWAITING_SIGNATURE, PlanAction.CHANGE): PlanStatus.DRAFT,
        (PlanStatus.AGREED, PlanAction.CHANGE): PlanStatus.DRAFT,
        (PlanStatus.DRAFT, PlanAction.SIGN_FIRST): PlanStatus.AWAITING_SIGNATURE,
        (PlanStatus.AWAITING_SIGNATURE, PlanAction.SIGN_SECOND): PlanStatus.AGREED,
        (PlanStatus.DRAFT, PlanAction.CLOSE): PlanStatus.CLOSED,
        (PlanStatus.AWAITING_SIGNATURE, PlanAction.CLOSE): PlanStatus.CLOSED,
        (PlanStatus.AGREED, PlanAction.CLOSE): PlanStatus.CLOSED,
    },
    refusal=PLAN_FROZEN,
    first=PlanStatus.DRAFT,
)
