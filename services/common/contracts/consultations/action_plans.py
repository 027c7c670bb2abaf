"""Action plans on the wire.

======================= =========================== ====================
method                  request                     result
======================= =========================== ====================
list_action_plans       ListActionPlans             ActionPlanList
get_action_plan         ById                        ActionPlan
create_action_plan      CreateActionPlan (with key) ActionPlan
change_action_plan      ChangeActionPlan            ActionPlan
sign_action_plan        SignActionPlan (with key)   ActionPlan
close_action_plan       CloseActionPlan             ActionPlan
list_plan_editions      OfPlan                      PlanEditionList
get_plan_edition        OfPlanEdition               PlanEdition
print_plan_edition      PrintOfPlan                 File
action_plan_history     ListHistory                 HistoryList
======================= =========================== ====================

A case has one plan. Each change is a new edition with a hash of its own; a signature names both,
and is for that edition alone.
"""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from services.common.contracts.fields import (
    Choice,
    Id,
    Instant,
    LanguageCode,
    Page,
    StrictSchema,
    integer,
    name_text,
    text,
)
from services.common.contracts.hours import Day

MOST_MILESTONES = 40
MOST_ITEMS = 20
LONGEST_GOAL = 2_000
LONGEST_TITLE = 300
LONGEST_EVIDENCE = 1_000
LONGEST_REASON = 1_000
LONGEST_OWNER = 200

PLAN_STATUSES = ("draft", "awaiting_signature", "agreed", "closed")
SIDES = ("organisation", "centre")


class PlanStatus(Choice):
    choices = PLAN_STATUSES


class PlanSide(Choice):
    choices = SIDES


class ContentHash(fields.String):
    """A SHA-256 in hex."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(validate=validate.Regexp(r"\A[0-9a-f]{64}\Z", error="hash"), **kwargs)


def _each_once(value: list[str]) -> None:
    if len(set(value)) != len(value):
        raise ValidationError("each_once")


def _ids_once(value: list[dict[str, Any]]) -> None:
    _each_once([each["id"] for each in value if each.get("id") is not None])


class MilestoneOwner(StrictSchema):
    """Who sees to a milestone."""

    side = PlanSide(required=True)
    name = name_text(
        LONGEST_OWNER,
        required=True,
        metadata={"description": "The person or the role, as both sides call it."},
    )
    person_id = Id(load_default=None, allow_none=True)


class MilestoneContent(StrictSchema):
    """A milestone as a plan words it."""

    id = Id(
        load_default=None,
        allow_none=True,
        metadata={"description": "Of one that the edition before has; a new one gets its own."},
    )
    title = name_text(LONGEST_TITLE, required=True)
    owner = fields.Nested(MilestoneOwner, required=True)
    due_on = Day(
        required=True, metadata={"description": "The last day on which it is in time, locally."}
    )
    evidence = text(
        LONGEST_EVIDENCE,
        lines=True,
        required=True,
        metadata={"description": "What will show that it is reached."},
    )
    item_ids = fields.List(
        Id(),
        load_default=list,
        validate=[validate.Length(max=MOST_ITEMS), _each_once],
        metadata={
            "description": "Items of the plan's assessment that it is to improve.",
            "uniqueItems": True,
        },
    )
    document_id = Id(
        load_default=None,
        allow_none=True,
        metadata={"description": "A working document of the organisation."},
    )


def _milestones(**kwargs: Any) -> fields.List[Any]:
    return fields.List(
        fields.Nested(MilestoneContent),
        validate=[validate.Length(min=1, max=MOST_MILESTONES), _ids_once],
        **kwargs,
    )


def _assessment(**kwargs: Any) -> Id:
    return Id(
        allow_none=True,
        metadata={"description": "The assessment of the organisation whose items are named."},
        **kwargs,
    )


class PlanContent(StrictSchema):
    goal = text(LONGEST_GOAL, lines=True, required=True)
    assessment_id = _assessment(load_default=None)
    milestones = _milestones(required=True)


class CreateActionPlan(PlanContent):
    case_id = Id(required=True)


class PlanChanges(StrictSchema):
    """What is left out stays as it is. A list of milestones takes the place of the one before."""

    goal = text(LONGEST_GOAL, lines=True)
    assessment_id = _assessment()
    milestones = _milestones()
    reason = text(LONGEST_REASON, lines=True, load_default=None, allow_none=True)


class ChangeActionPlan(PlanChanges):
    id = Id(required=True)
    expected_version = integer(1, 2**53, required=True)


class PlanSigning(StrictSchema):
    """What the person has read."""

    edition = integer(1, 2**31, required=True)
    content_hash = ContentHash(required=True)


class SignActionPlan(PlanSigning):
    id = Id(required=True)


class PlanClosing(StrictSchema):
    reason = text(LONGEST_REASON, lines=True, required=True)


class CloseActionPlan(PlanClosing):
    id = Id(required=True)
    expected_version = integer(1, 2**53, required=True)


class PlanSignature(Schema):
    side = PlanSide(required=True)
    by = Id(required=True)
    at = Instant(required=True)
    content_hash = fields.String(required=True)


class OwnerShown(Schema):
    side = PlanSide(required=True)
    name = fields.String(required=True)
    person_id = Id(required=True, allow_none=True)


class MilestoneShown(Schema):
    """A milestone as an edition words it."""

    id = Id(required=True)
    title = fields.String(required=True)
    owner = fields.Nested(OwnerShown, required=True)
    due_on = Day(required=True)
    evidence = fields.String(required=True)
    item_ids = fields.List(Id(), required=True)
    document_id = Id(required=True, allow_none=True)


class PlanEdition(Schema):
    """One edition, and who has signed it."""

    number = fields.Integer(required=True)
    goal = fields.String(required=True)
    assessment_id = Id(required=True, allow_none=True)
    milestones = fields.List(fields.Nested(MilestoneShown), required=True)
    content_hash = fields.String(
        required=True,
        metadata={
            "description": "SHA-256 in hex of `plan_id`, `edition` and the content as JSON "
            "(RFC 8785). A signature is for it."
        },
    )
    made_by = Id(required=True)
    made_at = Instant(required=True)
    signatures = fields.List(fields.Nested(PlanSignature), required=True)
    agreed_at = Instant(required=True, allow_none=True)


class PlanEditionList(Schema):
    items = fields.List(fields.Nested(PlanEdition), required=True)
    next = fields.List(fields.Raw(), allow_none=True)


class ActionPlan(Schema):
    """The plan of a case, in its newest edition."""

    id = Id(required=True)
    case_id = Id(required=True)
    organisation_id = Id(required=True)
    centre_id = Id(required=True)
    status = PlanStatus(required=True)
    current = fields.Nested(PlanEdition, required=True)
    agreed_edition = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "The edition in force: the last that both sides have signed."},
    )
    made_at = Instant(required=True)
    closed_at = Instant(required=True, allow_none=True)
    version = fields.Integer(required=True)


class ActionPlanList(Schema):
    items = fields.List(fields.Nested(ActionPlan), required=True)
    next = fields.List(fields.Raw(), allow_none=True)


class ListActionPlans(Page):
    """Of one case, which the caller may see."""

    case_id = Id(required=True)


class OfPlan(Page):
    id = Id(required=True)


class OfPlanEdition(StrictSchema):
    id = Id(required=True)
    number = integer(1, 2**31, required=True)


class PrintOfPlan(OfPlanEdition):
    language = LanguageCode(required=True)
