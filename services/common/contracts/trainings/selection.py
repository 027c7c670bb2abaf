"""Selection of applicants on the wire: criteria, reviewers, reviews, ranking.

======================= ================================ =====================
method                  request                          result
======================= ================================ =====================
get_selection           ById                             Selection
set_selection           SetSelection                     Selection
set_reviewers           SetReviewers                     Selection
list_review_tasks       ListReviewTasks                  ReviewTaskList
get_review              ById (the application)           Review
put_review              PutReview                        Review
cohort_ranking          ById                             Ranking
shortlist_best          ShortlistBest (with key)         Applications
======================= ================================ =====================

Where the selection is blind, no method shows a reviewer a name, an organisation or a sex before the
decision: applications of the reviewer's own organisation are as if there were none.
"""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from services.common.contracts.fields import (
    Id,
    Instant,
    LocalisedText,
    Page,
    StrictSchema,
    Truth,
    integer,
    text,
)
from services.common.contracts.forms import Question
from services.common.contracts.trainings.applications import ApplicationStatus
from services.common.contracts.trainings.limits import LONGEST_REASON, LONGEST_TITLE, MOST_SEATS

MOST_CRITERIA = 20
MOST_REVIEWERS = 30
HIGHEST_SCORE = 100
HIGHEST_WEIGHT = 100


class CriterionId(fields.String):
    """A letter, then letters, digits and ``_``."""

    def __init__(self, **kwargs: Any) -> None:
        rule = validate.Regexp(r"\A[A-Za-z][A-Za-z0-9_]{0,39}\Z", error="identifier")
        super().__init__(validate=rule, metadata={"example": "need"}, **kwargs)


class Criterion(StrictSchema):
    """What reviewers score. Its weight is relative to the other weights."""

    id = CriterionId(required=True)
    label = LocalisedText(limit=LONGEST_TITLE, required=True)
    weight = integer(0, HIGHEST_WEIGHT, required=True)
    lowest = integer(0, HIGHEST_SCORE, load_default=0)
    highest = integer(1, HIGHEST_SCORE, load_default=5)

    @validates_schema(skip_on_field_errors=True)
    def _goes_up(self, data: dict[str, Any], **_: Any) -> None:
        if data["lowest"] >= data["highest"]:
            raise ValidationError({"highest": ["below_minimum"]})


def _each_once(value: list[dict[str, Any]]) -> None:
    if len({each["id"] for each in value}) < len(value):
        raise ValidationError("each_once")


class SelectionRules(StrictSchema):
    criteria = fields.List(
        fields.Nested(Criterion),
        required=True,
        validate=[validate.Length(min=1, max=MOST_CRITERIA), _each_once],
    )
    reviews = integer(
        1,
        MOST_REVIEWERS,
        load_default=1,
        metadata={"description": "How many reviewers at least score each criterion."},
    )
    blind = Truth(
        load_default=False,
        metadata={"description": "Whether names, organisation and sex are hidden from reviewers."},
    )


class _OfVersion(StrictSchema):
    id = Id(required=True)
    expected_version = integer(1, 2**53, required=True)


class SetSelection(SelectionRules, _OfVersion):
    pass


class Reviewers(StrictSchema):
    person_ids = fields.List(Id(), required=True, validate=validate.Length(max=MOST_REVIEWERS))


class SetReviewers(Reviewers, _OfVersion):
    pass


class Selection(Schema):
    cohort_id = Id(required=True)
    criteria = fields.List(fields.Nested(Criterion), required=True)
    reviews = fields.Integer(required=True)
    blind = fields.Boolean(required=True)
    reviewers = fields.List(
        Id(),
        required=True,
        allow_none=True,
        metadata={"description": "null but for staff of the centre."},
    )
    version = fields.Integer(required=True, metadata={"description": "Of the cohort."})


class ReviewFilters(StrictSchema):
    reviewed = Truth(
        load_default=False,
        metadata={"description": "Those that I have reviewed; else those that I still have to."},
    )


class ListReviewTasks(ReviewFilters, Page):
    cohort_id = Id(required=True)


class ReviewTask(Schema):
    """An application as a reviewer sees it; what is hidden is null."""

    application_id = Id(required=True)
    name = fields.String(required=True, allow_none=True)
    organisation_id = Id(required=True, allow_none=True)
    answers = fields.Dict(
        keys=fields.String(),
        values=fields.Raw(),
        required=True,
        metadata={"description": "By question; without those that may say who answered."},
    )


class ReviewTaskList(Schema):
    items = fields.List(fields.Nested(ReviewTask), required=True)
    next = fields.List(fields.Raw(), allow_none=True)


class GivenScores(StrictSchema):
    scores = fields.Dict(
        keys=CriterionId(),
        values=integer(0, HIGHEST_SCORE, allow_none=True),
        required=True,
        validate=validate.Length(max=MOST_CRITERIA),
        metadata={"description": "By criterion; one that is left out or null is not scored."},
    )
    remark = text(LONGEST_REASON, lines=True, load_default=None, allow_none=True)


class PutReview(GivenScores):
    id = Id(required=True, metadata={"description": "Of the application."})


class Review(ReviewTask):
    """An application with the questions that it answers, and the caller's own scores."""

    questions = fields.List(fields.Nested(Question), required=True)
    scores = fields.Dict(
        keys=fields.String(), values=fields.Integer(allow_none=True), required=True
    )
    remark = fields.String(required=True, allow_none=True)
    reviewed_at = Instant(required=True, allow_none=True)


class Ranked(Schema):
    place = fields.Integer(required=True)
    application_id = Id(required=True)
    participant_id = Id(required=True)
    name = fields.String(required=True, allow_none=True)
    organisation_id = Id(required=True, allow_none=True)
    status = ApplicationStatus(required=True)
    total = fields.Float(
        required=True,
        allow_none=True,
        metadata={"description": "0 to 100; null while reviews are missing."},
    )
    means = fields.Dict(
        keys=fields.String(),
        values=fields.Float(),
        required=True,
        metadata={"description": "By criterion, on its own scale."},
    )
    missing = fields.List(fields.String(), required=True)
    gap = fields.Float(required=True, allow_none=True)
    reviews = fields.Integer(required=True)


class Ranking(Schema):
    cohort_id = Id(required=True)
    items = fields.List(fields.Nested(Ranked), required=True)


class Shortlisting(StrictSchema):
    most = integer(1, MOST_SEATS, required=True)
    least_score = fields.Float(
        load_default=None, allow_none=True, validate=validate.Range(min=0, max=100)
    )


class ShortlistBest(Shortlisting):
    cohort_id = Id(required=True)
