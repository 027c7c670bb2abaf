"""Answers as rows, for an export that people read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from services.common.contracts.form_words import Kind
from services.common.forms.questions import NOT_APPLICABLE, WITH_CHOICES, Form, Question, Submission
from services.common.languages import in_language

Row = list[Any]


def columns(editions: Sequence[Form]) -> list[Question]:
    """The questions of all editions, each once, in the order of the newest that has it; those that
    were dropped follow."""
    found: dict[str, Question] = {}
    for form in reversed(editions):
        for question in form.questions:
            if question.kind is not Kind.NOTE:
                found.setdefault(question.id, question)
    return list(found.values())


def headings(editions: Sequence[Form], language: str) -> Row:
    """What is asked, in the reader's language."""
    return [in_language(question.label, language) for question in columns(editions)]


def rows(
    editions: Sequence[Form], submissions: Iterable[Submission], language: str
) -> Iterator[Row]:
    """One row for each submission: choices by their text, numbers as numbers."""
    asked = columns(editions)
    by_edition = {form.edition: {each.id: each for each in form.questions} for form in editions}
    for submission in submissions:
        questions = by_edition[submission.edition]
        yield [
            shown(questions.get(each.id, each), submission.answers.get(each.id), language)
            for each in asked
        ]


def shown(question: Question, answer: Any, language: str) -> Any:
    """An answer as a reader sees it; empty where there is none."""
    if answer is None:
        return ""
    if question.kind in WITH_CHOICES:
        labels = {choice.id: in_language(choice.label, language) for choice in question.choices}
        chosen = [answer] if isinstance(answer, str) else answer
        return " | ".join(labels.get(each, each) for each in chosen)
    return "" if answer == NOT_APPLICABLE else answer
