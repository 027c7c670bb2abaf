"""Assessments on the wire.

=================== ============================= ==============
method              request                       result
=================== ============================= ==============
list_assessments    ListAssessments               AssessmentList
get_assessment      ById                          Assessment
start_assessment    StartAssessment (with key)    Assessment
change_assessment   ChangeAssessment              Assessment
agree_assessment    ActOnAssessment               Assessment
note_evidence       NoteEvidence                  Assessment
verify_assessment   ActOnAssessment               Assessment
withdraw_assessment WithdrawAssessment            Assessment
compare_assessments CompareAssessments            ComparedAssessments
assessment_history  ListHistory                   HistoryList
=================== ============================= ==============
"""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from services.common.contracts.consultations.assessments_limits import (
    LEAST_WEIGHT,
    LONGEST_EVIDENCE,
    LONGEST_REASON,
    LONGEST_REMARK,
    MOST_PEOPLE,
    MOST_WEIGHT,
)
from services.common.contracts.consultations.instruments_limits import (
    HIGHEST,
    LOWEST,
    MOST_DOMAINS,
    MOST_ITEMS,
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

_MOST_SCORES = MOST_DOMAINS * MOST_ITEMS
_MEAN = {"description": "Rounded to four decimals; bands are chosen before that."}


class AssessmentState(Choice):
    choices = ("draft", "agreed", "verified", "withdrawn")


class GivenScore(StrictSchema):
    """What the conversation came to for an item: a score, or that it does not apply."""

    item_id = Id(required=True)
    score = integer(LOWEST, HIGHEST, load_default=None, allow_none=True)
    not_applicable = Truth(load_default=False)
    remark = text(LONGEST_REMARK, lines=True, load_default=None, allow_none=True)


class GivenPriority(StrictSchema):
    """What the organisation says of a domain."""

    domain_id = Id(required=True)
    urgency = integer(
        LEAST_WEIGHT,
        MOST_WEIGHT,
        required=True,
        metadata={"description": "1: it can wait; 4: harm is done while it waits."},
    )
    readiness = integer(
        LEAST_WEIGHT,
        MOST_WEIGHT,
        required=True,
        metadata={"description": "1: nobody has time for it; 4: people and leaders have begun."},
    )


class SeenScore(StrictSchema):
    """What an adviser has seen for an item. A score above the lowest level names its evidence."""

    item_id = Id(required=True)
    score = integer(LOWEST, HIGHEST, required=True)
    evidence = text(LONGEST_EVIDENCE, lines=True, load_default=None, allow_none=True)
    remark = text(LONGEST_REMARK, lines=True, load_default=None, allow_none=True)


class StartAssessment(StrictSchema):
    organisation_id = Id(required=True)
    instrument_id = Id(required=True)
    held_on = Day(
        required=True, metadata={"description": "The day of the conversation, at the centre."}
    )
    people = integer(1, MOST_PEOPLE, required=True, metadata={"description": "Who took part."})


class AssessmentChanges(StrictSchema):
    """What is left out stays as it is; an entry takes the place of an earlier one of the same item
    or domain."""

    held_on = Day()
    people = integer(1, MOST_PEOPLE)
    scores = fields.List(
        fields.Nested(GivenScore), load_default=list, validate=validate.Length(max=_MOST_SCORES)
    )
    priorities = fields.List(
        fields.Nested(GivenPriority), load_default=list, validate=validate.Length(max=MOST_DOMAINS)
    )


class ChangeAssessment(AssessmentChanges):
    id = Id(required=True)
    expected_version = integer(1, 2**53, required=True)


class ActOnAssessment(StrictSchema):
    id = Id(required=True)
    expected_version = integer(1, 2**53, required=True)


class SeenScores(StrictSchema):
    scores = fields.List(
        fields.Nested(SeenScore),
        required=True,
        validate=validate.Length(min=1, max=_MOST_SCORES),
    )


class NoteEvidence(SeenScores):
    id = Id(required=True)
    expected_version = integer(1, 2**53, required=True)


class WithdrawalReason(StrictSchema):
    reason = text(LONGEST_REASON, lines=True, required=True)


class WithdrawAssessment(WithdrawalReason):
    id = Id(required=True)
    expected_version = integer(1, 2**53, required=True)


class ItemScores(Schema):
    """An item with its agreed score and what was seen of it."""

    item_id = Id(required=True)
    agreed = fields.Integer(required=True, allow_none=True)
    not_applicable = fields.Boolean(required=True)
    remark = fields.String(required=True, allow_none=True)
    verified = fields.Integer(required=True, allow_none=True)
    evidence = fields.String(required=True, allow_none=True)
    verifier_remark = fields.String(required=True, allow_none=True)
    verified_by = Id(required=True, allow_none=True)


class DomainScore(Schema):
    domain_id = Id(required=True)
    mean = fields.Float(required=True, allow_none=True, metadata=_MEAN)
    scored = fields.Integer(required=True, metadata={"description": "Items that apply."})
    band_id = Id(required=True, allow_none=True)


class AssessmentResult(Schema):
    """What the scores that count have come to: the verified ones, where it is verified."""

    mean = fields.Float(required=True, metadata=_MEAN)
    band_id = Id(required=True)
    domains = fields.List(fields.Nested(DomainScore), required=True)


class AssessmentSummary(Schema):
    id = Id(required=True)
    organisation_id = Id(required=True)
    instrument_id = Id(required=True)
    family = Id(required=True)
    held_on = Day(required=True)
    people = fields.Integer(required=True)
    facilitator_id = Id(required=True)
    status = AssessmentState(required=True)
    agreed_at = Instant(required=True, allow_none=True)
    verified_at = Instant(required=True, allow_none=True)
    version = fields.Integer(required=True)


class Assessment(AssessmentSummary):
    scores = fields.List(fields.Nested(ItemScores), required=True)
    priorities = fields.List(fields.Nested(GivenPriority), required=True)
    result = fields.Nested(
        AssessmentResult,
        required=True,
        allow_none=True,
        metadata={"description": "null where no item has a score."},
    )


class AssessmentList(Schema):
    items = fields.List(fields.Nested(AssessmentSummary), required=True)
    next = fields.List(fields.Raw(), allow_none=True)


class AssessmentFilters(StrictSchema):
    organisation_id = Id(load_default=None, allow_none=True)
    family = Id(load_default=None, allow_none=True)
    status = AssessmentState(load_default=None, allow_none=True)


class ListAssessments(AssessmentFilters, Page):
    pass


class CompareAssessments(StrictSchema):
    id = Id(required=True)
    earlier_id = Id(required=True)


class ComparedItem(Schema):
    item_id = Id(required=True, metadata={"description": "Of the later edition."})
    earlier_item_id = Id(required=True)
    before = fields.Integer(required=True)
    after = fields.Integer(required=True)


class ComparedDomain(Schema):
    """The means over the compared items alone."""

    domain_id = Id(required=True)
    before = fields.Float(required=True)
    after = fields.Float(required=True)
    change = fields.Float(required=True)
    items = fields.List(fields.Nested(ComparedItem), required=True)


class ComparedAssessments(Schema):
    """Two assessments side by side, over the items that stand for each other and have a score in
    both."""

    earlier_id = Id(required=True)
    later_id = Id(required=True)
    before = fields.Float(required=True)
    after = fields.Float(required=True)
    change = fields.Float(required=True)
    domains = fields.List(fields.Nested(ComparedDomain), required=True)
    left_out = fields.List(
        Id(), required=True, metadata={"description": "Items of the later one that have no pair."}
    )
