"""The right answers of a test, kept apart from its form: participants are shown the form."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from services.trainings.domain.learning_gain import Key


@dataclass(frozen=True, slots=True)
class RightAnswers:
    """What one question is worth.

    Attributes:
        right: of a question that takes several choices, exactly these; of another, any of these.
    """

    question_id: str
    points: int
    right: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class TestKey:
    """The right answers to one edition of a test.

    Attributes:
        id: of the form's edition.
        version: 0 before there are any.
    """

    kind: ClassVar[str] = "test_key"

    id: str
    form_id: str
    edition: int
    questions: tuple[RightAnswers, ...] = field(default=())
    version: int = 0

    @property
    def keys(self) -> dict[str, Key]:
        """By the question's id, as scores are counted by them."""
        return {
            each.question_id: Key(each.points, frozenset(each.right)) for each in self.questions
        }

    @property
    def facts(self) -> dict[str, Any]:
        """What a history says of it, in wire form."""
        return {
            "questions": {
                each.question_id: {"points": each.points, "right": list(each.right)}
                for each in self.questions
            }
        }

    def changed(self, questions: tuple[RightAnswers, ...]) -> TestKey:
        """The key with these answers; the key itself where nothing differs."""
        if questions == self.questions:
            return self
        return replace(self, questions=questions, version=self.version + 1)
