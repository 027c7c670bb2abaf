"""A form's definition: wire form ↔ domain, and what makes it sound.

What a schema cannot see is checked here: names used once, choices where there are some to choose,
conditions that look back at a question which fits them. Every fault has its place
(``/questions/3/shown_if/0/value``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from marshmallow import ValidationError

from services.common.contracts import forms as contract
from services.common.contracts.form_words import Kind, Operator
from services.common.forms.questions import (
    NOT_APPLICABLE,
    WITH_CHOICES,
    WITH_LENGTH,
    WITH_RANGE,
    Choice,
    Condition,
    Form,
    Name,
    Question,
)

MOST_LEVELS = 11
_DEFAULT_SCALE = (1, 4)
_OPERATORS: Mapping[Kind, frozenset[Operator]] = {
    Kind.TEXT: frozenset({Operator.EQUALS, Operator.DIFFERS}),
    Kind.INTEGER: frozenset(set(Operator) - {Operator.INCLUDES}),
    Kind.DECIMAL: frozenset({Operator.AT_LEAST, Operator.AT_MOST}),
    Kind.SCALE: frozenset(set(Operator) - {Operator.INCLUDES}),
    Kind.CHOICE: frozenset({Operator.EQUALS, Operator.DIFFERS}),
    Kind.CHOICES: frozenset({Operator.INCLUDES}),
}


def load_definition(data: Mapping[str, Any]) -> tuple[Name, tuple[Question, ...]]:
    """Title and questions of a definition.

    Raises:
        ValidationError: naming each fault by its place.
    """
    loaded = contract.FormDefinition().load(data)
    questions = tuple(question_of(each) for each in loaded["questions"])
    check_questions(questions)
    return loaded["title"], questions


def dump_form(form: Form) -> dict[str, Any]:
    """The form as its contract shows it."""
    dumped: dict[str, Any] = contract.FormEdition().dump(form)
    return dumped


def question_of(data: Mapping[str, Any]) -> Question:
    """A question of what its schema has loaded."""
    kind = Kind(data["kind"])
    minimum, maximum = data["minimum"], data["maximum"]
    if kind is Kind.SCALE:
        minimum = _DEFAULT_SCALE[0] if minimum is None else minimum
        maximum = _DEFAULT_SCALE[1] if maximum is None else maximum
    return Question(
        id=data["id"],
        kind=kind,
        label=data["label"],
        hint=data["hint"],
        required=data["required"],
        choices=tuple(Choice(each["id"], each["label"]) for each in data["choices"]),
        minimum=minimum,
        maximum=maximum,
        max_length=data["max_length"],
        not_applicable=data["not_applicable"],
        shown_if=tuple(
            Condition(each["question_id"], Operator(each["operator"]), each["value"])
            for each in data["shown_if"]
        ),
        identifying=data["identifying"],
    )


def check_questions(questions: Sequence[Question]) -> None:
    """Raises:
    ValidationError: if the questions do not fit together.
    """
    faults: dict[int, dict[str, Any]] = {}
    earlier: dict[str, Question] = {}
    for number, question in enumerate(questions):
        for place, text in _faults(question, earlier):
            _note(faults.setdefault(number, {}), place, text)
        earlier.setdefault(question.id, question)
    if faults:
        raise ValidationError({"questions": faults})


def _note(faults: dict[Any, Any], place: tuple[str | int, ...], text: str) -> None:
    *parents, last = place
    for each in parents:
        faults = faults.setdefault(each, {})
    faults.setdefault(last, []).append(text)


def _faults(
    question: Question, earlier: Mapping[str, Question]
) -> Iterator[tuple[tuple[str | int, ...], str]]:
    if question.id in earlier:
        yield ("id",), "each_once"
    yield from _faults_of_choices(question)
    yield from _faults_of_limits(question)
    if question.kind is Kind.NOTE and question.required:
        yield ("required",), "not_of_kind"
    for number, condition in enumerate(question.shown_if):
        yield from (
            (("shown_if", number, name), text)
            for name, text in _faults_of_condition(condition, earlier)
        )


def _faults_of_choices(question: Question) -> Iterator[tuple[tuple[str | int, ...], str]]:
    ids = [choice.id for choice in question.choices]
    if len(set(ids)) != len(ids):
        yield ("choices",), "each_once"
    if question.kind in WITH_CHOICES:
        if not ids:
            yield ("choices",), "choices_needed"
    elif question.kind is Kind.SCALE:
        levels = {str(level) for level in levels_of(question)}
        if not levels.issuperset(ids):
            yield ("choices",), "choice_level"
    elif ids:
        yield ("choices",), "not_of_kind"


def levels_of(scale: Question) -> range:
    """The levels of a scale, lowest first; none where its ends are no whole numbers."""
    if isinstance(scale.minimum, int) and isinstance(scale.maximum, int):
        return range(scale.minimum, scale.maximum + 1)
    return range(0)


def _faults_of_limits(question: Question) -> Iterator[tuple[tuple[str | int, ...], str]]:
    low, high = question.minimum, question.maximum
    if question.kind not in WITH_RANGE:
        yield from (((n,), "not_of_kind") for n in _given(minimum=low, maximum=high))
    elif low is not None and high is not None and low > high:
        yield ("maximum",), "below_minimum"
    elif question.kind is Kind.SCALE and not 2 <= len(levels_of(question)) <= MOST_LEVELS:
        yield ("maximum",), "scale_levels"
    if question.kind not in WITH_LENGTH and question.max_length is not None:
        yield ("max_length",), "not_of_kind"
    if question.kind is not Kind.SCALE and question.not_applicable:
        yield ("not_applicable",), "not_of_kind"


def _given(**values: Any) -> list[str]:
    return [name for name, value in values.items() if value is not None]


def _faults_of_condition(
    condition: Condition, earlier: Mapping[str, Question]
) -> Iterator[tuple[str, str]]:
    question = earlier.get(condition.question_id)
    if question is None:
        yield "question_id", "not_earlier"
        return
    if condition.operator not in _OPERATORS.get(question.kind, frozenset()):
        yield "operator", "not_comparable"
        return
    if question.kind in WITH_CHOICES:
        fits = condition.value in {choice.id for choice in question.choices}
    elif question.kind is Kind.TEXT:
        fits = isinstance(condition.value, str)
    else:
        fits = not isinstance(condition.value, str) or (
            condition.value == NOT_APPLICABLE
            and question.not_applicable
            and condition.operator in (Operator.EQUALS, Operator.DIFFERS)
        )
    if not fits:
        yield "value", "not_an_answer"
