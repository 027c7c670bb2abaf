"""The states of a milestone: which there are, and what leads from one to another.

The state machine is the table :data:`TRANSITIONS`; ``docs/states.md`` is drawn from it. The
organisation reports with evidence, and the adviser confirms: what counts for the trajectory was
seen by a second person.
"""

from __future__ import annotations

from enum import StrEnum

from services.common.contracts.consultations.action_plans_errors import MILESTONE_NOT_ALLOWED_NOW
from services.common.transitions import Transitions


class MilestoneStatus(StrEnum):
    PLANNED = "planned"
    IN_PROGRESS = "in_progress"
    BLOCKED = "blocked"
    REPORTED = "reported"
    REACHED = "reached"
    DROPPED = "dropped"


class MilestoneAction(StrEnum):
    START = "start"
    BLOCK = "block"
    UNBLOCK = "unblock"
    REPORT = "report"
    CONFIRM = "confirm"
    RETURN = "return"
    REOPEN = "reopen"
    DROP = "drop"
    REPLAN = "replan"


TRANSITIONS: Transitions[MilestoneStatus, MilestoneAction] = Transitions(
    {
        (MilestoneStatus.PLANNED, MilestoneAction.START): MilestoneStatus.IN_PROGRESS,
        **{
            (status, MilestoneAction.BLOCK): MilestoneStatus.BLOCKED
            for status in (MilestoneStatus.PLANNED, MilestoneStatus.IN_PROGRESS)
        },
        (MilestoneStatus.BLOCKED, MilestoneAction.UNBLOCK): MilestoneStatus.IN_PROGRESS,
        **{
            (status, MilestoneAction.REPORT): MilestoneStatus.REPORTED
            for status in (
                MilestoneStatus.PLANNED,
                MilestoneStatus.IN_PROGRESS,
                MilestoneStatus.BLOCKED,
            )
        },
        (MilestoneStatus.REPORTED, MilestoneAction.CONFIRM): MilestoneStatus.REACHED,
        (MilestoneStatus.REPORTED, MilestoneAction.RETURN): MilestoneStatus.IN_PROGRESS,
        # What was confirmed by mistake, or has not lasted.
        (MilestoneStatus.REACHED, MilestoneAction.REOPEN): MilestoneStatus.IN_PROGRESS,
        # An edition that is agreed leaves it out, or has it again.
        **{
            (status, MilestoneAction.DROP): MilestoneStatus.DROPPED
            for status in (
                MilestoneStatus.PLANNED,
                MilestoneStatus.IN_PROGRESS,
                MilestoneStatus.BLOCKED,
                MilestoneStatus.REPORTED,
            )
        },
        (MilestoneStatus.DROPPED, MilestoneAction.REPLAN): MilestoneStatus.PLANNED,
    },
    refusal=MILESTONE_NOT_ALLOWED_NOW,
    first=MilestoneStatus.PLANNED,
)

# While a milestone is in one of these, its due date may pass.
OPEN = frozenset({MilestoneStatus.PLANNED, MilestoneStatus.IN_PROGRESS, MilestoneStatus.BLOCKED})
