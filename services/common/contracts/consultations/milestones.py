"""Milestones of agreed plans on the wire.

=================== ===================== ==============
method              request               result
=================== ===================== ==============
list_milestones     ListMilestones        MilestoneList
get_milestone       ById                  Milestone
act_on_milestone    ActOnMilestone        Milestone
milestone_history   ListHistory           HistoryList
=================== ===================== ==============
"""

from __future__ import annotations

from marshmallow import Schema, fields

from services.common.contracts.consultations.action_plans import (
    LONGEST_EVIDENCE,
    LONGEST_REASON,
    OwnerShown,
)
from services.common.contracts.fields import (
    Choice,
    Id,
    Instant,
    Page,
    StrictSchema,
    Truth,
    integer,
    text,
)
from services.common.contracts.hours import Day

MILESTONE_STATUSES = ("planned", "in_progress", "blocked", "reported", "reached", "dropped")
#: What people do; an agreed edition drops and replans.
MILESTONE_ACTIONS = ("start", "block", "unblock", "report", "confirm", "return", "reopen")


class MilestoneStatus(Choice):
    choices = MILESTONE_STATUSES


class MilestoneAction(Choice):
    choices = MILESTONE_ACTIONS


class MilestoneBlocker(StrictSchema):
    blocker = text(
        LONGEST_REASON,
        lines=True,
        required=True,
        metadata={"description": "What keeps the milestone from going on."},
    )


class MilestoneReport(StrictSchema):
    evidence = text(
        LONGEST_EVIDENCE,
        lines=True,
        required=True,
        metadata={"description": "What shows that it is reached."},
    )


class MilestoneReason(StrictSchema):
    reason = text(LONGEST_REASON, lines=True, required=True)


class ActOnMilestone(StrictSchema):
    id = Id(required=True)
    expected_version = integer(1, 2**53, required=True)
    action = MilestoneAction(required=True)
    blocker = text(LONGEST_REASON, lines=True, load_default=None, allow_none=True)
    evidence = text(LONGEST_EVIDENCE, lines=True, load_default=None, allow_none=True)
    reason = text(LONGEST_REASON, lines=True, load_default=None, allow_none=True)


class Milestone(Schema):
    """A milestone that both sides have agreed on, and how far it has come."""

    id = Id(required=True)
    plan_id = Id(required=True)
    case_id = Id(required=True)
    organisation_id = Id(required=True)
    centre_id = Id(required=True)
    edition = fields.Integer(
        required=True, metadata={"description": "The agreed edition that words it so."}
    )
    title = fields.String(required=True)
    owner = fields.Nested(OwnerShown, required=True)
    due_on = Day(required=True)
    evidence_wanted = fields.String(required=True)
    item_ids = fields.List(Id(), required=True)
    document_id = Id(required=True, allow_none=True)
    status = MilestoneStatus(required=True)
    overdue = fields.Boolean(
        required=True,
        metadata={
            "description": "Its due date has passed, and it is neither reported nor reached."
        },
    )
    blocker = fields.String(required=True, allow_none=True)
    evidence = fields.String(required=True, allow_none=True)
    reached_at = Instant(required=True, allow_none=True)
    version = fields.Integer(required=True)


class MilestoneList(Schema):
    items = fields.List(fields.Nested(Milestone), required=True)
    next = fields.List(fields.Raw(), allow_none=True)


class MilestoneFilters(StrictSchema):
    """Of one case, which the caller may see."""

    case_id = Id(required=True)
    status = MilestoneStatus(load_default=None, allow_none=True)
    overdue = Truth(load_default=None, allow_none=True)


class ListMilestones(MilestoneFilters, Page):
    pass
