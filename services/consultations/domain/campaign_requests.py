"""Requests to answer a campaign: who represents an organisation is asked, by a link of their own.

Behind the link and with their account they are the same respondent, so they count once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import ClassVar

from services.common.directory.people import REPRESENTATIVE
from services.consultations.domain.campaign_states import CampaignStatus
from services.consultations.domain.campaigns import Campaign

#: What the link of a request is for, as the maker of links names it.
REQUEST_PURPOSE = "campaign.request"
REMINDED_BEFORE = timedelta(days=3)
"""So long before a campaign closes, who has not answered is reminded."""


@dataclass(frozen=True, slots=True)
class CampaignRequest:
    """That a person is asked to answer a campaign.

    Attributes:
        organisation_id: for which the person is asked; of several, the first by id.
        reminded_of: an end of the campaign; the person was reminded that it is near.
        withdrawn: whether the campaign takes no answers any more.
    """

    kind: ClassVar[str] = "campaign_request"

    id: str
    campaign_id: str
    organisation_id: str
    person_id: str
    asked_at: datetime
    reminded_of: datetime | None = None
    withdrawn: bool = False
    version: int = 1

    def reminded(self, closes_at: datetime) -> CampaignRequest:
        """The request when the person is reminded of the campaign's end."""
        return replace(self, reminded_of=closes_at, version=self.version + 1)

    def ended(self) -> CampaignRequest:
        """The request once the campaign takes no answers."""
        return replace(self, withdrawn=True, version=self.version + 1)

    def repeated(self, now: datetime) -> CampaignRequest:
        """The request when the campaign takes answers again."""
        return replace(self, withdrawn=False, asked_at=now, version=self.version + 1)


def reminder_at(campaign: Campaign) -> datetime | None:
    """When who has not answered is reminded; ``None`` where the campaign takes no answers."""
    if campaign.status is not CampaignStatus.OPEN:
        return None
    return campaign.closes_at - REMINDED_BEFORE


def people_to_ask(members: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Person → organisation, of those who represent one, by id.

    Args:
        members: approved organisation → person → role.
    """
    asked: dict[str, str] = {}
    for organisation_id, people in sorted(members.items()):
        for person_id, role in sorted(people.items()):
            if role == REPRESENTATIVE:
                asked.setdefault(person_id, organisation_id)
    return asked
