"""Situations of tests and feedback: who has a seat, what is asked, what is answered."""

from __future__ import annotations

from typing import Any

from services.common.context import Caller
from services.common.forms.questions import Form, Submission
from services.trainings.app import App
from services.trainings.domain.cohorts import Cohort
from services.trainings.operations import answering, test_keys
from services.trainings.schemas.answers import answer_form, set_test_key
from tests.support.bookings import RAQQA_DESK, call
from tests.support.trainings import make_form, open_cohort, question, register, seat, use_form

QUESTIONS = 20
POINTS = 5


def enrolled(app: App, *names: str, **values: Any) -> Cohort:
    """A cohort in which people of these ids, who have accounts, have a seat."""
    cohort = open_cohort(app, capacity=max(len(names), 1) + 1, **values)
    for name in names:
        if app.participants.look_up(name) is None:
            register(app, name, id=name, has_account=True)
    for name in names:
        seat(app, app.cohorts.get(cohort.id), name)
    return app.cohorts.get(cohort.id)


def make_test(app: App) -> Form:
    """A test of twenty questions, five points each; the right answer is always ``b``."""
    choices = [{"id": each, "label": {"ar": each, "en": each}} for each in ("a", "b", "c")]
    form = make_form(
        app,
        purpose="pre_test",
        questions=[question(f"q{n}", "choice", choices=choices) for n in range(QUESTIONS)],
    )
    rows = [{"question_id": f"q{n}", "points": POINTS, "right": ["b"]} for n in range(QUESTIONS)]
    set_key(app, form, rows)
    return form


def set_key(app: App, form: Form, questions: list[dict[str, Any]], version: int = 0) -> Any:
    """Say which answers are right."""
    request = {
        "id": form.id,
        "expected_version": version,
        "edition": form.edition,
        "questions": questions,
    }
    return test_keys.set_test_key(app, call(RAQQA_DESK), set_test_key(request))


def with_tests(app: App, *names: str) -> tuple[Cohort, Form]:
    """A cohort with people in it, and one form as its pre-test and its post-test."""
    cohort, form = enrolled(app, *names), make_test(app)
    cohort = use_form(app, app.cohorts.get(cohort.id), form, "pre_test")
    return use_form(app, cohort, form, "post_test"), form


def answers_worth(percent: int) -> dict[str, str]:
    """Answers to the test that get so many percent."""
    right = percent // POINTS
    return {f"q{n}": "b" if n < right else "a" for n in range(QUESTIONS)}


def answer(
    app: App,
    cohort: Cohort,
    form: Form,
    occasion: str,
    who: str | Caller,
    answers: dict[str, Any],
    **values: Any,
) -> Submission:
    """What a person answers; ``participant_id`` says whose paper it is."""
    caller = who if isinstance(who, Caller) else Caller(id=who)
    request = {
        "cohort_id": cohort.id,
        "occasion": occasion,
        "form_id": form.id,
        "edition": form.edition,
        "answers": answers,
        **values,
    }
    key = f"{caller.id}-{app.new_id()}"
    return answering.answer_form(app, call(caller, key), answer_form(request))
