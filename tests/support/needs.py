"""Needs studies in the situations that tests need."""

from __future__ import annotations

from typing import Any

from services.common.contracts.form_words import Kind
from services.common.forms.questions import Choice, Form, Question
from services.consultations.domain.needs_studies import Need, NeedsStudy


def named(words: str) -> dict[str, str]:
    """A name in both languages."""
    return {"ar": words, "en": words}


def a_scale(name: str, **changes: Any) -> Question:
    """A question from 1 to 4 that need not apply."""
    said: dict[str, Any] = {"minimum": 1, "maximum": 4, "not_applicable": True, **changes}
    return Question(name, Kind.SCALE, named(name), **said)


def a_choice(name: str, *choices: str) -> Question:
    return Question(
        name, Kind.CHOICE, named(name), choices=tuple(Choice(c, named(c)) for c in choices)
    )


def a_needs_form(more: tuple[Question, ...] = (), **changes: Any) -> Form:
    """Centre, kind of organisation, three needs, and what more is asked."""
    questions = (
        a_choice("centre", "raqqa", "tabqa"),
        a_choice("kind", "association", "team"),
        a_scale("planning"),
        a_scale("finance"),
        a_scale("law"),
        *more,
    )
    return Form("needs-form", named("Needs"), questions, **changes)


def a_study(**changes: Any) -> NeedsStudy:
    """What ranks the form above."""
    said: dict[str, Any] = {
        "id": "needs",
        "title": named("Needs"),
        "form_id": "needs-form",
        "needs": (
            Need("planning", topic_id="strategic-planning"),
            Need("finance", topic_id="financial-management"),
            Need("law", case_kind="legal"),
        ),
        "centre_question": "centre",
        "kind_question": "kind",
    }
    return NeedsStudy(**said | changes)


def some_answers(number: int, **answers: Any) -> list[dict[str, Any]]:
    """The same answers of so many people."""
    return [dict(answers) for _ in range(number)]
