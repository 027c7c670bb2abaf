"""The domain of forms: standard library only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, ClassVar

from services.common.contracts.form_words import Kind, Operator, Source

Name = Mapping[str, str]
Answers = Mapping[str, Any]


WITH_CHOICES = frozenset({Kind.CHOICE, Kind.CHOICES})
WITH_RANGE = frozenset({Kind.INTEGER, Kind.DECIMAL, Kind.SCALE})
WITH_LENGTH = frozenset({Kind.TEXT, Kind.PARAGRAPH})

#: The answer to a scale that does not apply to the respondent.
NOT_APPLICABLE = "not_applicable"


@dataclass(frozen=True, slots=True)
class Condition:
    """One reason to show a question.

    Attributes:
        question_id: an earlier question of the same form.
        value: a choice's id, a number or a text, as fits the earlier question.
    """

    question_id: str
    operator: Operator
    value: str | int | float

    def is_met_by(self, answers: Answers) -> bool:
        """Whether the answers given so far meet it; an earlier question without an answer never
        does."""
        answer = answers.get(self.question_id)
        if answer is None:
            return False
        match self.operator:
            case Operator.EQUALS:
                return bool(answer == self.value)
            case Operator.DIFFERS:
                return bool(answer != self.value)
            case Operator.INCLUDES:
                return self.value in answer
            case Operator.AT_LEAST:
                return answer != NOT_APPLICABLE and bool(answer >= self.value)
            case Operator.AT_MOST:
                return answer != NOT_APPLICABLE and bool(answer <= self.value)


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the answers that a question offers, or one level of a scale.

    Attributes:
        id: within the question; of a level, its number as text.
    """

    id: str
    label: Name


@dataclass(frozen=True, slots=True)
class Question:
    """One question of a form.

    Attributes:
        id: within the form.
        label: what is asked, by language.
        hint: what helps to answer it.
        choices: what a choice offers; of a scale, its levels that have a text.
        minimum, maximum: of a number or a scale, both included.
        max_length: of a text, in characters.
        not_applicable: whether a scale may be answered with :data:`NOT_APPLICABLE`.
        shown_if: it is shown where all of these hold.
        identifying: whether the answer may say who answered; then it is hidden from readers who
            are not to know, and erased with the person.
    """

    id: str
    kind: Kind
    label: Name
    hint: Name | None = None
    required: bool = False
    choices: tuple[Choice, ...] = ()
    minimum: int | float | None = None
    maximum: int | float | None = None
    max_length: int | None = None
    not_applicable: bool = False
    shown_if: tuple[Condition, ...] = ()
    identifying: bool = False

    def is_shown(self, answers: Answers) -> bool:
        """Whether a respondent with these answers sees it."""
        return all(condition.is_met_by(answers) for condition in self.shown_if)


@dataclass(frozen=True, slots=True)
class Form:
    """One edition of a form.

    Attributes:
        edition: 1, 2, …; answers name the one that they were given to.
        frozen: whether it has been answered; then it never changes.
        version: of the form over all editions, for ``If-Match``.
        purpose: what it is used for, as the branch names it.
        owner: who may change it, as the branch names it, such as a centre.
    """

    kind: ClassVar[str] = "form"

    id: str
    title: Name
    questions: tuple[Question, ...]
    edition: int = 1
    frozen: bool = False
    version: int = 1
    updated_at: datetime | None = None
    purpose: str = ""
    owner: str = ""

    def revised(self, title: Name, questions: tuple[Question, ...], now: datetime) -> Form:
        """The form with another definition: the same edition, or the next if this one is frozen.
        The form itself where nothing differs."""
        if (dict(title), questions) == (dict(self.title), self.questions):
            return self
        return replace(
            self,
            title=title,
            questions=questions,
            edition=self.edition + 1 if self.frozen else self.edition,
            frozen=False,
            version=self.version + 1,
            updated_at=now,
        )

    def question(self, question_id: str) -> Question | None:
        """The question with this id."""
        return next((each for each in self.questions if each.id == question_id), None)


@dataclass(frozen=True, slots=True)
class Submission:
    """The answers that one respondent gave.

    Attributes:
        subject: what they are about, such as a cohort or a case, as the branch names it.
        respondent: who answered, once for each form and subject; a person's id, or a random id for
            an answer without a name.
        entered_by: the person of the staff who typed answers from paper.
        answers: question id → answer, only of questions that were shown.
    """

    id: str
    form_id: str
    edition: int
    subject: str
    respondent: str
    source: Source
    submitted_at: datetime
    answers: Answers = field(default_factory=dict)
    entered_by: str | None = None
