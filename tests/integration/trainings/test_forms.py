"""Forms: made, changed, frozen by an answer, exchanged with other tools, used by cohorts."""

from __future__ import annotations

from typing import Any

import pytest

from services.common import errors
from services.common.context import VISITOR
from services.common.contracts.form_words import Source
from services.common.contracts.trainings.form_purposes import FormPurpose
from services.common.forms.questions import Form, Submission
from services.trainings.app import App
from services.trainings.domain.cohorts import Cohort
from services.trainings.operations import cohort_forms, forms
from services.trainings.schemas.forms import (
    ChangeFormByWorkbook,
    CreateFormOfWorkbook,
    GetForm,
    OfCohort,
    change_form,
    list_forms,
)
from services.trainings.steps.cohort_answers import answer_cohort_form
from tests.support.bookings import MANAGER, MEMBER, RAQQA_DESK, TABQA_DESK, call
from tests.support.trainings import make_form, open_cohort, prepare, question, use_form

APPLICATION = FormPurpose.APPLICATION


def answer(
    app: App, cohort: Cohort, form: Form, respondent: str = "rana", **answers: Any
) -> Submission | None:
    sent = {"form_id": form.id, "edition": form.edition, "answers": answers}
    return app.database.transact(
        lambda session: answer_cohort_form(
            app,
            session,
            cohort,
            APPLICATION,
            sent,
            respondent=respondent,
            source=Source.SIGNED_IN,
            pointer="/answers",
        )
    )


def change(app: App, form: Form, **changes: Any) -> Form:
    request = {"id": form.id, "expected_version": form.version, **changes}
    return forms.change_form(app, call(RAQQA_DESK), change_form(request))


def found(app: App, **query: Any) -> list[str]:
    return [each.id for each in forms.find_forms(app, call(TABQA_DESK), list_forms(query))]


def test_an_answered_edition_stays_and_a_change_begins_the_next(app: App) -> None:
    form = make_form(app)
    cohort = use_form(app, open_cohort(app), form)
    first = change(app, form, title={"ar": "طلب"})
    assert (first.edition, first.version) == (1, 2)
    answer(app, cohort, first, why="للعمل")
    second = change(app, first, questions=[question("why", "paragraph")])
    assert (second.edition, second.version, second.frozen) == (2, 3, False)
    kept = forms.get_form(app, call(RAQQA_DESK), GetForm(form.id, 1))
    assert kept.frozen
    assert kept.questions == form.questions
    with pytest.raises(errors.Stale):
        change(app, first, title={"ar": "قديم"})
    history = app.history.of(f"form/{form.id}", after=None, limit=9)
    assert [each.version for each in history] == [1, 2, 3]


def test_forms_are_found_by_purpose_centre_and_words_each_once(app: App) -> None:
    form = make_form(app)
    test = make_form(app, MANAGER, purpose="pre_test", centre_id="tabqa", title={"ar": "اختبار"})
    answer(app, use_form(app, open_cohort(app), form), form, why="للعمل")
    change(app, form, title={"ar": "استمارة المشاركة"})
    assert found(app) == [form.id, test.id]
    assert found(app, purpose="pre_test") == found(app, centre_id="tabqa") == [test.id]
    assert found(app, search="استماره") == [form.id]
    assert found(app, search="طلب") == []
    assert found(app, limit=1, after=[form.id]) == [test.id]


def test_a_workbook_goes_out_and_comes_back_the_same(app: App) -> None:
    form = make_form(app)
    made = forms.form_workbook(app, call(RAQQA_DESK), GetForm(form.id))
    command = CreateFormOfWorkbook(APPLICATION, "raqqa", made.name, made.data)
    both = [forms.create_form_of_workbook(app, call(RAQQA_DESK, "one"), command) for _ in range(2)]
    assert both[0] == both[1]
    assert both[0].questions == form.questions
    same = ChangeFormByWorkbook(form.id, form.version, made.name, made.data)
    unchanged = forms.change_form_by_workbook(app, call(RAQQA_DESK), same)
    assert (unchanged.version, unchanged.questions) == (1, form.questions)


def test_a_workbook_of_another_tool_does_not_uncover_who_answered(app: App) -> None:
    form = make_form(app)
    plain = make_form(app, questions=[question("employer"), question("why", "paragraph")])
    made = forms.form_workbook(app, call(RAQQA_DESK), GetForm(plain.id))
    command = ChangeFormByWorkbook(form.id, form.version, made.name, made.data)
    changed = forms.change_form_by_workbook(app, call(RAQQA_DESK), command)
    assert [each.identifying for each in changed.questions] == [True, False]


@pytest.mark.parametrize(
    ("name", "file", "code"),
    [
        ("form.xlsx", b"%PDF-1.7 no workbook", "files.not_as_named"),
        ("form.pdf", b"%PDF-1.7", "files.type_not_taken"),
        ("form.xlsx", b"", "files.empty"),
        ("form.xlsx", b"PK\x03\x04 cut off", "files.not_as_named"),
    ],
)
def test_a_file_that_is_not_what_its_name_says_changes_nothing(
    app: App, name: str, file: bytes, code: str
) -> None:
    form = make_form(app)
    with pytest.raises(errors.Invalid) as refused:
        forms.change_form_by_workbook(
            app, call(RAQQA_DESK), ChangeFormByWorkbook(form.id, form.version, name, file)
        )
    assert refused.value.code == code
    with pytest.raises(errors.Invalid):
        forms.create_form_of_workbook(
            app, call(RAQQA_DESK), CreateFormOfWorkbook(APPLICATION, "raqqa", name, file)
        )
    assert found(app) == [form.id]
    assert app.forms.latest(form.id) == form


def test_a_cohort_uses_one_form_for_each_purpose(app: App) -> None:
    application, test = make_form(app), make_form(app, purpose="pre_test")
    cohort = use_form(app, use_form(app, prepare(app), application), test)
    cohort = use_form(app, cohort, test, "post_test")
    assert cohort.forms == {
        "application": application.id,
        "pre_test": test.id,
        "post_test": test.id,
    }
    with pytest.raises(errors.Invalid, match=r"trainings\.form_of_other_purpose"):
        use_form(app, cohort, test, "feedback")
    assert app.cohorts.get(cohort.id) == cohort


def test_a_form_that_people_answered_stays_with_the_cohort(app: App) -> None:
    form = make_form(app)
    cohort = use_form(app, open_cohort(app), form)
    answer(app, cohort, form, why="للعمل")
    with pytest.raises(errors.Conflict, match=r"trainings\.form_answered"):
        use_form(app, cohort, make_form(app))
    other = use_form(app, open_cohort(app), form)
    assert use_form(app, other, make_form(app)).version == other.version + 1


def test_everybody_is_shown_the_form_of_the_application_and_staff_the_others(app: App) -> None:
    form, feedback = make_form(app), make_form(app, purpose="feedback")
    cohort = use_form(app, use_form(app, open_cohort(app), form), feedback)
    shown = cohort_forms.get_cohort_form(app, call(VISITOR), OfCohort(cohort.id, APPLICATION))
    assert shown == form
    of_feedback = OfCohort(cohort.id, FormPurpose.FEEDBACK)
    assert cohort_forms.get_cohort_form(app, call(RAQQA_DESK), of_feedback) == feedback
    with pytest.raises(errors.NotFound):
        cohort_forms.get_cohort_form(app, call(MEMBER), of_feedback)
    draft = use_form(app, prepare(app), form)
    with pytest.raises(errors.NotFound):
        cohort_forms.get_cohort_form(app, call(VISITOR), OfCohort(draft.id, APPLICATION))


def test_answers_are_of_the_cohorts_own_form_and_every_fault_is_named(app: App) -> None:
    form, other = make_form(app), make_form(app)
    cohort = use_form(app, open_cohort(app), form)
    with pytest.raises(errors.Invalid, match=r"trainings\.form_of_other_cohort") as refused:
        answer(app, cohort, other, why="للعمل")
    assert refused.value.errors[0].pointer == "/answers/form_id"
    with pytest.raises(errors.Invalid) as refused:
        answer(app, cohort, form, years=99, unknown=1)
    assert {each.pointer: each.code for each in refused.value.errors} == {
        "/answers/answers/why": "required",
        "/answers/answers/years": "range",
        "/answers/answers/unknown": "unknown",
    }
    assert not app.forms.latest(form.id).frozen
    assert not app.forms.has_answers(form.id, f"application/{cohort.id}")


def test_answers_are_a_table_for_staff(app: App) -> None:
    form = make_form(app)
    cohort = use_form(app, open_cohort(app), form)
    answer(app, cohort, form, why="للعمل", years=3)
    answer(app, cohort, form, "sami", employer="منظمة الأمل", why="=1+1")
    query = OfCohort(cohort.id, APPLICATION)
    table = cohort_forms.cohort_form_answers(app, call(RAQQA_DESK), query)
    assert table["headings"] == ["Question employer", "Question why", "Question years"]
    assert [row[2:] for row in table["rows"]] == [["", "للعمل", 3], ["منظمة الأمل", "=1+1", ""]]
