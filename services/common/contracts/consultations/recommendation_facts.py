"""The data of the events about recommendations: ids, states and numbers."""

from __future__ import annotations

from marshmallow import fields

from services.common.contracts.fields import EventData, Id


class Recommendation(EventData):
    """The recommendation as it stands after the fact."""

    recommendation_id = Id(required=True)
    organisation_id = Id(required=True)
    origin = fields.String(required=True)
    origin_id = Id(required=True)
    help = fields.String(required=True, metadata={"description": "training or consultation."})
    target_id = Id(
        required=True, metadata={"description": "The topic, or the kind of consultation."}
    )
    rank = fields.Integer(required=True)
    status = fields.String(required=True)
    version = fields.Integer(required=True)
    changed_by = Id(required=True, metadata={"description": "Who caused this fact."})
