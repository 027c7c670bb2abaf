"""Answers to the forms of a cohort on the wire: tests, feedback and follow-up.

=================== ============================== ===================
method              request                        result
=================== ============================== ===================
get_form_to_answer  OfOccasion                     FormToAnswer
answer_form         AnswerForm (with key)          Answered
answers_summary     OfOccasion                     AnswersSummary
get_test_key        GetTestKey                     TestKey
set_test_key        SetTestKey                     TestKey
learning_gain       OfCohort                       CohortGain
my_learning_gain    OfCohort                       PersonGain
=================== ============================== ===================

A form is answered once by each participant: signed in, by the link of a message, or on paper, which
staff, a trainer or a visiting adviser enters for the participant. The right answers of a test are
no part of its form: they are kept apart, for staff of its centre.
"""

from __future__ import annotations

from marshmallow import Schema, ValidationError, fields, validate

from services.common.contracts import forms
from services.common.contracts.fields import (
    Choice,
    Id,
    Instant,
    LocalisedText,
    StrictSchema,
    integer,
)
from services.common.contracts.trainings.forms import CohortAnswers

OCCASIONS = ("pre_test", "post_test", "feedback", "follow_up_3", "follow_up_6")
NO_GAIN = ("ceiling", "floor", "no_pre_test", "no_post_test", "no_pairs")
MOST_POINTS = 1_000
MOST_RIGHT = 50
HIGHEST_VERSION = 2**53


class Occasion(Choice):
    """The follow-up has two: three and six months after the end of the cohort."""

    choices = OCCASIONS


class NoGain(Choice):
    choices = NO_GAIN


class OfOccasion(StrictSchema):
    cohort_id = Id(required=True)
    occasion = Occasion(required=True)


class AnswersOfParticipant(CohortAnswers):
    participant_id = Id(
        load_default=None,
        allow_none=True,
        metadata={
            "description": "Whose answers on paper these are (staff, trainers, advisers); null: "
            "the caller's own."
        },
    )


class AnswerForm(AnswersOfParticipant, OfOccasion):
    pass


class FormToAnswer(Schema):
    cohort_id = Id(required=True)
    title = LocalisedText(required=True, metadata={"description": "Of the cohort."})
    occasion = Occasion(required=True)
    form = fields.Nested(forms.FormEdition, required=True)
    opens_at = Instant(required=True, allow_none=True)
    closes_at = Instant(required=True)
    answered = fields.Boolean(required=True, metadata={"description": "By the caller, already."})


class Answered(Schema):
    """That answers were taken; they are not shown again."""

    id = Id(required=True)
    cohort_id = Id(required=True)
    occasion = Occasion(required=True)
    source = forms.AnswerSource(required=True)
    submitted_at = Instant(required=True)


# -- the key of a test -----------------------------------------------------------------------------


def _each_once(value: list[object]) -> None:
    if len({str(each) for each in value}) < len(value):
        raise ValidationError("each_once")


class RightAnswers(StrictSchema):
    """What one question is worth."""

    question_id = forms.QuestionId(required=True)
    points = integer(1, MOST_POINTS, required=True)
    right = fields.List(
        forms.Comparable(),
        required=True,
        validate=[validate.Length(min=1, max=MOST_RIGHT), _each_once],
        metadata={
            "description": "Of a question that takes several choices: exactly these. Of another: "
            "any of these."
        },
    )


def _each_question_once(value: list[dict[str, object]]) -> None:
    if len({each["question_id"] for each in value}) < len(value):
        raise ValidationError("each_once")


class KeyDetails(StrictSchema):
    """A question that is left out is worth nothing."""

    edition = integer(1, 1_000_000, required=True)
    questions = fields.List(
        fields.Nested(RightAnswers),
        required=True,
        validate=[validate.Length(min=1, max=forms.MOST_QUESTIONS), _each_question_once],
    )


class GetTestKey(StrictSchema):
    id = Id(required=True, metadata={"description": "Of the form."})
    edition = integer(
        1,
        1_000_000,
        load_default=None,
        allow_none=True,
        metadata={"description": "null: the newest."},
    )


class SetTestKey(KeyDetails):
    id = Id(required=True, metadata={"description": "Of the form."})
    expected_version = integer(0, HIGHEST_VERSION, required=True)


class RightAnswersShown(Schema):
    question_id = fields.String(required=True)
    points = fields.Integer(required=True)
    right = fields.List(fields.Raw(), required=True)


class TestKey(Schema):
    """The right answers to one edition of a test; version 0 before there are any."""

    form_id = Id(required=True)
    edition = fields.Integer(required=True)
    questions = fields.List(fields.Nested(RightAnswersShown), required=True)
    version = fields.Integer(required=True)


# -- learning gain ---------------------------------------------------------------------------------


class OfCohort(StrictSchema):
    cohort_id = Id(required=True)


class Gain(Schema):
    """A number, or the reason why there is none."""

    value = fields.Float(required=True, allow_none=True)
    reason = NoGain(required=True, allow_none=True)


class PersonGain(Schema):
    participant_id = Id(required=True)
    name = fields.String(required=True, allow_none=True)
    pre = fields.Float(
        required=True,
        allow_none=True,
        metadata={"description": "Percent of the pre-test; null: not taken."},
    )
    post = fields.Float(required=True, allow_none=True)
    change = fields.Nested(
        Gain, required=True, metadata={"description": "The normalised change, -1 to 1."}
    )


class CohortGain(Schema):
    cohort_id = Id(required=True)
    gain = fields.Nested(
        Gain, required=True, metadata={"description": "The gain of the average, at most 1."}
    )
    mean_pre = fields.Float(required=True, allow_none=True)
    mean_post = fields.Float(required=True, allow_none=True)
    pairs = fields.Integer(
        required=True, metadata={"description": "People who took both tests: n."}
    )
    unpaired = fields.Integer(required=True)
    unscored = fields.Integer(
        required=True,
        metadata={"description": "Answers to an edition whose right answers nobody has set."},
    )
    items = fields.List(fields.Nested(PersonGain), required=True)


# -- what was answered -----------------------------------------------------------------------------


class CountOfAnswer(Schema):
    answer = fields.String(
        required=True, metadata={"description": "Id of a choice; level of a scale."}
    )
    label = LocalisedText(required=True, allow_none=True)
    count = fields.Integer(required=True)


class QuestionSummary(Schema):
    question_id = fields.String(required=True)
    kind = fields.String(required=True)
    label = LocalisedText(required=True)
    answered = fields.Integer(required=True)
    counts = fields.List(fields.Nested(CountOfAnswer), required=True)
    mean = fields.Float(required=True, allow_none=True)
    texts = fields.List(fields.String(), required=True)


class AnswersSummary(Schema):
    """What was answered, without names. With fewer than 5 answers only their number is shown."""

    cohort_id = Id(required=True)
    occasion = Occasion(required=True)
    requested = fields.Integer(
        required=True, metadata={"description": "How many people were asked by a message."}
    )
    answered = fields.Integer(required=True)
    hidden = fields.Boolean(
        required=True, metadata={"description": "Whether there are too few answers to show."}
    )
    questions = fields.List(fields.Nested(QuestionSummary), required=True)
