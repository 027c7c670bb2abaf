"""Applications come with answers to the form of their cohort, which change until a decision."""

from __future__ import annotations

from typing import Any

import pytest

from services.common import errors
from services.common.forms.questions import Form
from services.trainings.app import App
from services.trainings.domain.applications import Application
from services.trainings.domain.cohorts import Cohort
from services.trainings.operations import forms
from services.trainings.operations.application_forms import application_answers, change_answers
from services.trainings.schemas import applications as schemas
from services.trainings.schemas.forms import change_form
from tests.support.applications import applicant, apply, shortlist, statuses, withdraw
from tests.support.bookings import RAQQA_DESK, TABQA_DESK, call
from tests.support.trainings import answers_to, make_form, open_cohort, question, use_form

RANA = applicant("rana")


@pytest.fixture
def form(app: App) -> Form:
    return make_form(app)


@pytest.fixture
def cohort(app: App, form: Form) -> Cohort:
    return use_form(app, open_cohort(app, mode="selection"), form)


def change(app: App, application: Application, sent: dict[str, Any], who: Any = RANA) -> Any:
    version = app.applications.get(application.id).version
    command = schemas.change_answers({"id": application.id, "expected_version": version, **sent})
    return change_answers(app, call(who), command)


def test_the_answers_come_with_the_application(app: App, cohort: Cohort, form: Form) -> None:
    application = apply(app, cohort, RANA, answers=answers_to(form, why="للعمل", years=3))
    for reader in (RANA, RAQQA_DESK):
        shown = application_answers(app, call(reader), application.id)
        assert (shown.form.questions, shown.answers) == (
            form.questions,
            {"why": "للعمل", "years": 3},
        )
    with pytest.raises(errors.NotFound):
        application_answers(app, call(TABQA_DESK), application.id)


@pytest.mark.parametrize(
    ("answers", "faults"),
    [
        ({}, {"/answers/answers/why": "required"}),
        ({"why": "x", "years": "many"}, {"/answers/answers/years": "type"}),
        (
            {"years": 51, "colour": "red"},
            {
                "/answers/answers/colour": "unknown",
                "/answers/answers/why": "required",
                "/answers/answers/years": "range",
            },
        ),
    ],
)
def test_an_application_with_wrong_answers_is_refused_naming_each(
    app: App, cohort: Cohort, form: Form, answers: dict[str, Any], faults: dict[str, str]
) -> None:
    with pytest.raises(errors.Invalid) as refused:
        apply(app, cohort, RANA, answers=answers_to(form, **answers))
    assert {each.pointer: each.code for each in refused.value.errors} == faults
    assert statuses(app, cohort) == {}
    assert app.participants.look_up(RANA.id) is None
    assert not app.forms.latest(form.id).frozen


def test_an_application_without_answers_or_with_those_to_another_form_is_refused(
    app: App, cohort: Cohort
) -> None:
    with pytest.raises(errors.Invalid, match=r"trainings\.answers_missing"):
        apply(app, cohort, RANA)
    with pytest.raises(errors.Invalid, match=r"trainings\.form_of_other_cohort"):
        apply(app, cohort, RANA, answers=answers_to(make_form(app), why="للعمل"))
    other = open_cohort(app)
    with pytest.raises(errors.Invalid, match=r"trainings\.form_of_other_cohort"):
        apply(app, other, RANA, answers=answers_to(make_form(app), why="للعمل"))
    assert statuses(app, cohort) == statuses(app, other) == {}


def test_answers_change_until_the_application_is_decided(
    app: App, cohort: Cohort, form: Form
) -> None:
    application = apply(app, cohort, RANA, answers=answers_to(form, why="للعمل"))
    changed = change(app, application, answers_to(form, why="لأتعلّم"))
    assert changed.version == application.version + 1
    assert changed.submission_id == application.submission_id
    change(app, application, answers_to(form, why="بالهاتف"), RAQQA_DESK)
    submission = app.forms.given(f"application/{cohort.id}", RANA.id)
    assert submission is not None
    assert (submission.answers, submission.entered_by) == ({"why": "بالهاتف"}, RAQQA_DESK.id)
    shortlist(app, application)
    with pytest.raises(errors.Conflict, match=r"trainings\.application_not_allowed_now"):
        change(app, application, answers_to(form, why="متأخّر"))
    assert app.forms.given(f"application/{cohort.id}", RANA.id) == submission


def test_an_edition_that_a_phone_still_shows_is_taken(app: App, cohort: Cohort, form: Form) -> None:
    apply(app, cohort, applicant("sami"), answers=answers_to(form, why="للعمل"))
    request = {
        "id": form.id,
        "expected_version": form.version,
        "questions": [question("goal", required=True)],
    }
    newer = forms.change_form(app, call(RAQQA_DESK), change_form(request))
    assert newer.edition == 2
    application = apply(app, cohort, RANA, answers=answers_to(form, why="قديم"))
    assert application_answers(app, call(RANA), application.id).form.edition == 1
    changed = change(app, application, answers_to(newer, goal="جديد"))
    assert application_answers(app, call(RANA), changed.id).answers == {"goal": "جديد"}


def test_a_person_who_comes_back_answers_anew(app: App, cohort: Cohort, form: Form) -> None:
    application = apply(app, cohort, RANA, answers=answers_to(form, why="أولاً"))
    withdraw(app, application)
    again = apply(app, cohort, RANA, answers=answers_to(form, why="ثانياً"))
    assert again.id == application.id
    assert application_answers(app, call(RANA), again.id).answers == {"why": "ثانياً"}
