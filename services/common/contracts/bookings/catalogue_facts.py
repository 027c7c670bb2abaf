"""The data of the events about what can be booked: spaces and equipment, as a manager says."""

from __future__ import annotations

from marshmallow import fields

from services.common.contracts.fields import EventData, Id, LocalisedFact


class Space(EventData):
    """A space as a manager has described it. Its hours have events of their own."""

    space_id = Id(required=True)
    centre_id = Id(required=True)
    name = LocalisedFact(required=True)
    capacity = fields.Integer(required=True, metadata={"description": "People."})
    features = fields.List(fields.String(), required=True)
    buffer_before_minutes = fields.Integer(required=True)
    buffer_after_minutes = fields.Integer(required=True)
    needs_approval = fields.Boolean(required=True)
    parts = fields.List(
        Id(), required=True, metadata={"description": "What a divisible hall is made of."}
    )
    retired = fields.Boolean(
        required=True, metadata={"description": "Whether it can be booked no more."}
    )
    version = fields.Integer(required=True)
    changed_by = Id(required=True, metadata={"description": "Who caused this fact."})


class Equipment(EventData):
    """Equipment that a centre lends with its spaces, as it stands after the fact."""

    equipment_id = Id(required=True)
    centre_id = Id(required=True)
    name = LocalisedFact(required=True)
    quantity = fields.Integer(required=True, metadata={"description": "How many there are."})
    retired = fields.Boolean(required=True, metadata={"description": "Whether it is lent no more."})
    version = fields.Integer(required=True)
    changed_by = Id(required=True, metadata={"description": "The person who caused this fact."})
