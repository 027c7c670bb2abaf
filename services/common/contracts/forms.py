"""Forms on the wire, alike in every branch: their definition, and what answers are sent in.

The limits keep a form small enough for a phone and its answers far below a document's 16 MiB.
"""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from services.common.contracts.fields import Choice as ClosedSet
from services.common.contracts.fields import (
    Id,
    Instant,
    LocalisedText,
    StrictSchema,
    Truth,
    integer,
)
from services.common.contracts.form_words import Kind, Operator, Source

MOST_QUESTIONS = 300
MOST_CHOICES = 100
MOST_CONDITIONS = 10
LONGEST_LABEL = 1_000
LONGEST_TITLE = 200
LONGEST_TEXT = 500
LONGEST_PARAGRAPH = 5_000
#: Numbers beyond it would lose digits in JSON.
LARGEST_NUMBER = 10**12


class QuestionKind(ClosedSet):
    choices = tuple(each.value for each in Kind)


class ComparisonOperator(ClosedSet):
    choices = tuple(each.value for each in Operator)


class AnswerSource(ClosedSet):
    choices = tuple(each.value for each in Source)


class QuestionId(fields.String):
    """A letter, then letters, digits and ``_``, so that it is a name in an XLSForm too."""

    def __init__(self, **kwargs: Any) -> None:
        rule = validate.Regexp(r"\A[A-Za-z][A-Za-z0-9_]{0,63}\Z", error="identifier")
        metadata = {"example": "reason"} | kwargs.pop("metadata", {})
        super().__init__(validate=rule, metadata=metadata, **kwargs)


class Number(fields.Field[Any]):
    """A number of JSON; a text or ``true`` is none."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int | float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValidationError("Not a valid number.")
        if not -LARGEST_NUMBER <= value <= LARGEST_NUMBER:
            raise ValidationError("range")
        return value


class Comparable(fields.Field[Any]):
    """What an answer is compared with: a text or a number."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if isinstance(value, str):
            return validate.Length(min=1, max=LONGEST_TEXT)(value)
        return Number().deserialize(value, attr, data)


class Choice(StrictSchema):
    """One of the answers that a question offers."""

    id = fields.String(
        required=True,
        validate=validate.Regexp(r"\A[A-Za-z0-9_-]{1,64}\Z", error="identifier"),
    )
    label = LocalisedText(limit=LONGEST_LABEL, lines=True, required=True)


class Condition(StrictSchema):
    """Compares the answer of an earlier question with a value."""

    question_id = QuestionId(required=True)
    operator = ComparisonOperator(required=True)
    value = Comparable(required=True)


class Question(StrictSchema):
    """One question. A note is shown and takes no answer."""

    id = QuestionId(required=True)
    kind = QuestionKind(required=True)
    label = LocalisedText(limit=LONGEST_LABEL, lines=True, required=True)
    hint = LocalisedText(limit=LONGEST_LABEL, lines=True, load_default=None, allow_none=True)
    required = Truth(load_default=False)
    choices = fields.List(
        fields.Nested(Choice),
        load_default=list,
        validate=validate.Length(max=MOST_CHOICES),
        metadata={"description": "What a choice offers; the levels of a scale that have a text."},
    )
    minimum = Number(load_default=None, allow_none=True)
    maximum = Number(load_default=None, allow_none=True)
    max_length = integer(1, LONGEST_PARAGRAPH, load_default=None, allow_none=True)
    not_applicable = Truth(
        load_default=False,
        metadata={"description": "Whether a scale may be answered with `not_applicable`."},
    )
    shown_if = fields.List(
        fields.Nested(Condition),
        load_default=list,
        validate=validate.Length(max=MOST_CONDITIONS),
        metadata={"description": "It is shown where all of these hold."},
    )
    identifying = Truth(
        load_default=False,
        metadata={
            "description": "Whether the answer may say who answered: hidden from blind reviewers."
        },
    )


class FormDefinition(StrictSchema):
    """What staff write down."""

    title = LocalisedText(limit=LONGEST_TITLE, required=True)
    questions = fields.List(
        fields.Nested(Question),
        required=True,
        validate=validate.Length(min=1, max=MOST_QUESTIONS),
    )


class FormEdition(Schema):
    """One edition of a form."""

    id = Id(required=True)
    title = LocalisedText(required=True)
    questions = fields.List(fields.Nested(Question), required=True)
    edition = fields.Integer(
        required=True, metadata={"description": "1, 2, …; answers name theirs."}
    )
    frozen = fields.Boolean(
        required=True,
        metadata={"description": "Whether it has been answered; a change begins the next edition."},
    )
    version = fields.Integer(required=True)


class AnswersGiven(StrictSchema):
    """What a respondent sends: the edition that was shown, and an answer by question."""

    edition = integer(1, 1_000_000, required=True)
    answers = fields.Dict(
        keys=QuestionId(),
        values=fields.Raw(allow_none=True),
        required=True,
        validate=validate.Length(max=MOST_QUESTIONS),
        metadata={
            "description": "Question id → text, number, date (YYYY-MM-DD), a choice's id, or a "
            "list of ids. What answers a question that is not shown is left out."
        },
    )


class Submission(Schema):
    """Answers as they are kept."""

    id = Id(required=True)
    form_id = Id(required=True)
    edition = fields.Integer(required=True)
    source = AnswerSource(required=True)
    submitted_at = Instant(required=True)
    answers = fields.Dict(keys=fields.String(), values=fields.Raw(), required=True)
