"""What many people answered to a form: counts and means, without names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from services.common.contracts.form_words import Kind
from services.common.forms.questions import (
    NOT_APPLICABLE,
    WITH_CHOICES,
    WITH_LENGTH,
    Form,
    Name,
    Question,
)
from services.common.suppression import LEAST_SHOWN

_COUNTED = WITH_CHOICES | {Kind.SCALE}
_MEASURED = frozenset({Kind.SCALE, Kind.INTEGER, Kind.DECIMAL})


@dataclass(frozen=True, slots=True)
class CountOfAnswer:
    """How often one answer was given.

    Attributes:
        answer: id of a choice, level of a scale, or ``not_applicable``.
    """

    answer: str
    label: Name | None
    count: int


@dataclass(frozen=True, slots=True)
class QuestionSummary:
    """What was answered to one question.

    Attributes:
        counts: none where fewer than 5 people answered the question.
        mean: of a number or a scale; ``None`` where fewer than 5 people gave one.
        texts: in the order of the alphabet, which does not say who wrote them; none where fewer
            than 5 people answered the question.
    """

    question: Question
    answered: int
    counts: tuple[CountOfAnswer, ...] = ()
    mean: Fraction | None = None
    texts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AnswerSummary:
    """What was answered to a form.

    Attributes:
        questions: none where fewer than 5 people answered: each would be known by their answers.
    """

    answered: int
    questions: tuple[QuestionSummary, ...] = ()

    @property
    def is_hidden(self) -> bool:
        """Whether there are too few answers to show any."""
        return 0 < self.answered < LEAST_SHOWN


def summarise(editions: Sequence[Form], answers: Sequence[Mapping[str, Any]]) -> AnswerSummary:
    """The counts and means of a form over all its editions.

    Args:
        editions: oldest first; a question is shown as its newest edition has it.
        answers: of each person, by the question's id.
    """
    if len(answers) < LEAST_SHOWN:
        return AnswerSummary(len(answers))
    questions = {each.id: each for form in editions for each in form.questions}
    shown = [each for each in questions.values() if each.kind is not Kind.NOTE]
    return AnswerSummary(len(answers), tuple(_summary(each, answers) for each in shown))


def _summary(question: Question, answers: Sequence[Mapping[str, Any]]) -> QuestionSummary:
    given = [each[question.id] for each in answers if question.id in each]
    # Fewer than 5 of those who answered the form may have answered this question.
    few = len(given) < LEAST_SHOWN
    if few:
        return QuestionSummary(question, len(given))
    texts = tuple(sorted(map(str, given))) if question.kind in WITH_LENGTH else ()
    return QuestionSummary(
        question,
        len(given),
        _counts(question, given) if question.kind in _COUNTED else (),
        _mean(given) if question.kind in _MEASURED else None,
        texts,
    )


def _counts(question: Question, given: Sequence[Any]) -> tuple[CountOfAnswer, ...]:
    labels = {each.id: each.label for each in question.choices}
    times = Counter(
        str(one) for each in given for one in (each if isinstance(each, list) else [each])
    )
    if question.kind is Kind.SCALE:
        low, high = question.minimum, question.maximum
        levels = [str(each) for each in range(int(low or 0), int(high or 0) + 1)]
        order = [*levels, NOT_APPLICABLE] if question.not_applicable else levels
    else:
        order = list(labels)
    # Choices of an older edition come last.
    order += sorted(times.keys() - set(order))
    return tuple(CountOfAnswer(each, labels.get(each), times[each]) for each in order)


def _mean(given: Sequence[Any]) -> Fraction | None:
    numbers = [Fraction(str(each)) for each in given if each != NOT_APPLICABLE]
    return sum(numbers, Fraction()) / len(numbers) if len(numbers) >= LEAST_SHOWN else None
