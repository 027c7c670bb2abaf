"""The one check of answers, for all: signed in, by a link or on paper."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from marshmallow import ValidationError, fields, validate

from services.common.contracts import forms as contract
from services.common.contracts.fields import Whole, text
from services.common.contracts.form_words import Kind
from services.common.forms.questions import NOT_APPLICABLE, Answers, Form, Question


def load_answers(form: Form, given: Mapping[str, Any]) -> Answers:
    """The answers as they are kept.

    A question that the answers before it hide takes none: what was sent for it is left out, since a
    phone may still hold what a person typed before they changed an earlier answer. An empty text,
    an empty list and null are no answer.

    Args:
        given: question id → what was sent, as JSON has it.

    Raises:
        ValidationError: ``{"answers": {question id: faults}}``, all faults together.
    """
    answers: dict[str, Any] = {}
    faults: dict[str, Any] = {}
    known = {question.id for question in form.questions if question.kind is not Kind.NOTE}
    faults.update({name: ["Unknown field."] for name in given if name not in known})
    for question in form.questions:
        if question.kind is Kind.NOTE or not question.is_shown(answers):
            continue
        value = given.get(question.id)
        if value in (None, "", []):
            if question.required:
                faults[question.id] = ["Missing data for required field."]
            continue
        try:
            answers[question.id] = answer_of(question, value)
        except ValidationError as error:
            # Of several choices, by the place of each that does not fit.
            faults[question.id] = error.messages
    if faults:
        raise ValidationError({"answers": faults})
    return answers


def answer_of(question: Question, value: Any) -> Any:
    """One answer, checked: a text, a whole or decimal number, a date as ``YYYY-MM-DD``, a choice's
    id, or the ids chosen in the order of the form.

    Raises:
        ValidationError: with what is wrong.
    """
    if value == NOT_APPLICABLE and question.not_applicable:
        return value
    answer = _FIELDS[question.kind](question).deserialize(value)
    if question.kind is Kind.DATE:
        return answer.isoformat()
    if question.kind is Kind.CHOICES:
        if len(set(answer)) != len(answer):
            raise ValidationError("each_once")
        return [choice.id for choice in question.choices if choice.id in answer]
    return answer


def _range(question: Question) -> validate.Range:
    return validate.Range(min=question.minimum, max=question.maximum)


def _whole(question: Question) -> fields.Field[Any]:
    bounds = validate.Range(min=-contract.LARGEST_NUMBER, max=contract.LARGEST_NUMBER)
    return Whole(validate=[bounds, _range(question)])


def _choice(question: Question) -> fields.Field[Any]:
    return fields.String(validate=validate.OneOf([choice.id for choice in question.choices]))


_FIELDS: Mapping[Kind, Callable[[Question], fields.Field[Any]]] = {
    Kind.TEXT: lambda question: text(question.max_length or contract.LONGEST_TEXT),
    Kind.PARAGRAPH: lambda question: text(
        question.max_length or contract.LONGEST_PARAGRAPH, lines=True
    ),
    Kind.INTEGER: _whole,
    Kind.SCALE: _whole,
    Kind.DECIMAL: lambda question: contract.Number(validate=_range(question)),
    Kind.DATE: lambda question: fields.Date(format="iso", error_messages={"invalid": "date"}),
    Kind.CHOICE: _choice,
    Kind.CHOICES: lambda question: fields.List(_choice(question)),
}
