"""Assigning a case on the wire.

================= ================== ===============
method            request            result
================= ================== ===============
suggest_advisers  SuggestAdvisers    SuggestionList
assign_adviser    AssignAdviser      Case
================= ================== ===============
"""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, validates_schema

from services.common.contracts.consultations.case_steps import ReasonAllowed
from services.common.contracts.consultations.rpc import Versioned
from services.common.contracts.fields import Choice, Id, Instant, LocalisedText, StrictSchema


class SuggestionTime(StrictSchema):
    """The time in which an absence counts; without it, the next 24 hours."""

    starts_at = Instant(load_default=None, allow_none=True)
    ends_at = Instant(load_default=None, allow_none=True)

    @validates_schema(skip_on_field_errors=True)
    def _is_a_time(self, data: dict[str, Any], **_: Any) -> None:
        starts_at, ends_at = data["starts_at"], data["ends_at"]
        if (starts_at is None) != (ends_at is None):
            name = "starts_at" if starts_at is None else "ends_at"
            raise ValidationError({name: ["Missing data for required field."]})


class SuggestAdvisers(SuggestionTime):
    id = Id(required=True)


class SuggestionTerm(Choice):
    choices = ("trained_cohort", "speciality", "kind", "centre", "language")


class SuggestionReason(Schema):
    term = SuggestionTerm(required=True)
    fits = fields.Boolean(required=True)


class AdviserSuggestion(Schema):
    """An adviser at a place. The first term that differs decides, then who has fewer cases."""

    adviser_id = Id(required=True)
    name = LocalisedText(required=True, allow_none=True)
    rank = fields.Integer(
        required=True,
        metadata={"description": "From 1; who differs in nothing has the same."},
    )
    reasons = fields.List(fields.Nested(SuggestionReason), required=True)
    load_rank = fields.Integer(
        required=True,
        metadata={"description": "From 1, among those who are suggested: who has fewest cases."},
    )


class SuggestionList(Schema):
    items = fields.List(fields.Nested(AdviserSuggestion), required=True)


class AdviserNamed(ReasonAllowed):
    adviser_id = Id(required=True)


class AssignAdviser(AdviserNamed, Versioned):
    pass
