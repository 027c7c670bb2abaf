"""What every list adds to the filters of needs studies and their campaigns."""

from __future__ import annotations

from gateway.web.schemas import ListQuery, page_of
from services.common.contracts.consultations import campaigns, needs, needs_studies
from services.common.contracts.fields import Id, StrictSchema

SaidPage = page_of(needs.Said)
CampaignPage = page_of(campaigns.Campaign)
NeedsStudyPage = page_of(needs_studies.NeedsStudySummary)


class CampaignsQuery(ListQuery):
    """Named filters, combined with AND."""

    study_id = Id(load_default=None)
    centre_id = Id(load_default=None)
    status = campaigns.CampaignState(load_default=None)


class ComparisonQuery(StrictSchema):
    with_ = Id(
        data_key="with", required=True, metadata={"description": "The earlier campaign's id."}
    )


class SaidQuery(ListQuery, needs.SaidFilters):
    """Which question, and which page of what was said."""


class NeedsPictureQuery(StrictSchema):
    centre_id = Id(load_default=None, metadata={"description": "Needs of this centre alone."})
