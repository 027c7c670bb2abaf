"""The states of a campaign of a needs study: which there are, and what leads from one to another.

The state machine is the table :data:`TRANSITIONS`; ``docs/states.md`` is drawn from it.
"""

from __future__ import annotations

from enum import StrEnum

from services.common.contracts.consultations.campaign_errors import CAMPAIGN_NOT_ALLOWED_NOW
from services.common.transitions import Transitions


class CampaignStatus(StrEnum):
    DRAFT = "draft"
    OPEN = "open"
    COUNTING = "counting"
    """Only what was answered on paper is still entered."""
    CLOSED = "closed"
    CANCELLED = "cancelled"


class CampaignAction(StrEnum):
    CHANGE = "change"
    OPEN = "open"
    STOP = "stop"
    CLOSE = "close"
    CANCEL = "cancel"


TRANSITIONS: Transitions[CampaignStatus, CampaignAction] = Transitions(
    {
        (CampaignStatus.DRAFT, CampaignAction.CHANGE): CampaignStatus.DRAFT,
        (CampaignStatus.DRAFT, CampaignAction.OPEN): CampaignStatus.OPEN,
        (CampaignStatus.DRAFT, CampaignAction.CANCEL): CampaignStatus.CANCELLED,
        (CampaignStatus.OPEN, CampaignAction.CHANGE): CampaignStatus.OPEN,
        (CampaignStatus.OPEN, CampaignAction.STOP): CampaignStatus.COUNTING,
        (CampaignStatus.OPEN, CampaignAction.CANCEL): CampaignStatus.CANCELLED,
        # Too few have answered: it is open again until a later day.
        (CampaignStatus.COUNTING, CampaignAction.OPEN): CampaignStatus.OPEN,
        (CampaignStatus.COUNTING, CampaignAction.CLOSE): CampaignStatus.CLOSED,
        (CampaignStatus.COUNTING, CampaignAction.CANCEL): CampaignStatus.CANCELLED,
    },
    refusal=CAMPAIGN_NOT_ALLOWED_NOW,
    first=CampaignStatus.DRAFT,
)

#: In these states a campaign is known to people who are no staff.
KNOWN = frozenset({CampaignStatus.OPEN, CampaignStatus.COUNTING, CampaignStatus.CLOSED})
