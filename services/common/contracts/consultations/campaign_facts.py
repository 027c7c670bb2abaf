"""The data of the events about campaigns of needs studies."""

from __future__ import annotations

from marshmallow import fields

from services.common.contracts.fields import EventData, Id, Instant, LocalisedFact


class Campaign(EventData):
    """The campaign as it stands after the fact."""

    campaign_id = Id(required=True)
    study_id = Id(required=True)
    title = LocalisedFact(required=True)
    centre_ids = fields.List(Id(), required=True)
    status = fields.String(required=True)
    closes_at = Instant(required=True)
    version = fields.Integer(required=True)
    changed_by = Id(required=True, metadata={"description": "The person who caused this fact."})


class CampaignRequest(EventData):
    """A person is asked to answer a campaign. The link is made of the request, the campaign and the
    secret of the installation (``services/common/links.py:Links.lasting_token``)."""

    request_id = Id(required=True)
    campaign_id = Id(required=True)
    organisation_id = Id(required=True)
    person_id = Id(required=True)
    title = LocalisedFact(required=True)
    closes_at = Instant(required=True)
    link_purpose = fields.String(
        required=True, metadata={"description": "What the link is for, as its maker names it."}
    )
    version = fields.Integer(required=True)


class CampaignNeed(EventData):
    """One need; of fewer than 5 people there is none."""

    question_id = fields.String(required=True)
    topic_id = Id(required=True, allow_none=True)
    case_kind = Id(required=True, allow_none=True)
    need = fields.Float(required=True, metadata={"description": "The mean of what people said."})
    rank = fields.Integer(required=True, metadata={"description": "1 is the greatest need."})


class CampaignClosed(Campaign):
    least = fields.Integer(required=True)
    most = fields.Integer(required=True)
    people = fields.Integer(required=True, allow_none=True)
    needs = fields.List(fields.Nested(CampaignNeed), required=True)
