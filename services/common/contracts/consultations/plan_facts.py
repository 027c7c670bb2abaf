"""The data of the events about action plans and milestones of cases that are not sealed."""

from __future__ import annotations

from marshmallow import fields

from services.common.contracts.fields import EventData, Id


class ActionPlan(EventData):
    """The plan as it stands after the fact."""

    plan_id = Id(required=True)
    case_id = Id(required=True)
    organisation_id = Id(required=True)
    centre_id = Id(required=True)
    status = fields.String(required=True)
    edition = fields.Integer(required=True, metadata={"description": "The newest."})
    agreed_edition = fields.Integer(
        required=True, allow_none=True, metadata={"description": "The one in force."}
    )
    version = fields.Integer(required=True)
    changed_by = Id(required=True, metadata={"description": "The person who caused this fact."})


class Milestone(EventData):
    """The milestone as it stands after the fact."""

    milestone_id = Id(required=True)
    plan_id = Id(required=True)
    case_id = Id(required=True)
    organisation_id = Id(required=True)
    centre_id = Id(required=True)
    status = fields.String(required=True)
    due_on = fields.Date(required=True)
    item_ids = fields.List(
        Id(),
        required=True,
        metadata={"description": "The items of an assessment that it is to improve."},
    )
    version = fields.Integer(required=True)
    changed_by = Id(required=True, metadata={"description": "The person who caused this fact."})
