"""Forms and answers on the real database: frozen once answered, answered once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
from marshmallow import ValidationError

from services.common import errors
from services.common.contracts.form_words import Source
from services.common.forms.definition import load_definition
from services.common.forms.questions import Form, Submission
from services.common.forms.steps import submit_answers
from services.common.forms.store import FormStore
from services.common.ids import new_id
from services.common.storage.mongo import Database
from tests.support.mongo import empty_database
from tests.support.racing import contend
from tests.support.stack import Server

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
QUESTIONS = [
    {"id": "name", "kind": "text", "label": {"ar": "الاسم"}},
    {"id": "level", "kind": "scale", "label": {"ar": "المستوى"}, "required": True},
]


@pytest.fixture
def mine(database: Server) -> Iterator[Database]:
    yield from empty_database(database.uri)


@pytest.fixture
def forms(mine: Database) -> FormStore:
    store = FormStore(mine)
    store.ensure_indexes()
    title, questions = load_definition({"title": {"ar": "استبيان"}, "questions": QUESTIONS})
    mine.transact(partial(store.add, form=Form("f1", title, questions, updated_at=NOW)))
    return store


def submit(
    mine: Database, forms: FormStore, respondent: str = "rana", edition: int = 1, **answers: Any
) -> Submission:
    return mine.transact(
        lambda session: submit_answers(
            forms,
            session,
            submission_id=new_id(),
            form_id="f1",
            sent={"edition": edition, "answers": {"name": "رنا", "level": 3} | answers},
            subject="cohort-1",
            respondent=respondent,
            source=Source.SIGNED_IN,
            now=NOW,
        )
    )


def change(mine: Database, forms: FormStore, title: str) -> Form:
    def work(session: Any) -> Form:
        before = forms.latest("f1", session)
        after = before.revised({"ar": title}, before.questions, NOW)
        forms.save(session, before, after)
        return after

    return mine.transact(work)


def test_a_form_reads_back_as_it_was_stored(mine: Database, forms: FormStore) -> None:
    form = forms.latest("f1")
    assert form == forms.edition("f1", 1)
    assert [question.id for question in form.questions] == ["name", "level"]
    with pytest.raises(errors.NotFound):
        forms.latest("f2")


def test_a_draft_changes_in_place_and_an_answered_edition_stays(
    mine: Database, forms: FormStore
) -> None:
    assert change(mine, forms, "ثانٍ").edition == 1
    submit(mine, forms)
    changed = change(mine, forms, "ثالث")
    assert (changed.edition, changed.version) == (2, 3)
    assert [form.title["ar"] for form in forms.editions("f1")] == ["ثانٍ", "ثالث"]
    assert forms.edition("f1", 1).frozen


def test_answers_to_an_older_edition_are_taken(mine: Database, forms: FormStore) -> None:
    submit(mine, forms, "rana")
    change(mine, forms, "ثانٍ")
    assert submit(mine, forms, "omar", edition=1).edition == 1
    with pytest.raises(errors.Invalid, match="unknown_edition"):
        submit(mine, forms, "sara", edition=3)


def test_a_respondent_answers_once_whatever_races(mine: Database, forms: FormStore) -> None:
    outcomes = contend(*[partial(submit, mine, forms) for _ in range(8)])
    won = [each for each in outcomes if isinstance(each, Submission)]
    assert len(won) == 1
    assert {each.code for each in outcomes if isinstance(each, errors.MasahaError)} == {
        "forms.answered_already"
    }
    assert forms.answered("f1", "cohort-1", "rana") == won[0]


def test_a_change_and_an_answer_at_once_leave_the_answer_its_edition(
    mine: Database, forms: FormStore
) -> None:
    for round_ in range(20):
        title = f"عنوان {round_}"
        edition = forms.latest("f1").edition
        contend(
            partial(change, mine, forms, title),
            partial(submit, mine, forms, f"person-{round_}", edition),
        )
        answered = forms.answered("f1", "cohort-1", f"person-{round_}")
        assert answered is not None
        assert forms.edition("f1", answered.edition).frozen
    versions = [form.version for form in forms.editions("f1")]
    assert versions == sorted(set(versions))


def test_what_does_not_fit_changes_nothing(mine: Database, forms: FormStore) -> None:
    with pytest.raises(ValidationError):
        submit(mine, forms, level=9)
    assert not forms.latest("f1").frozen
    assert list(forms.submissions("f1")) == []


def test_an_erased_person_leaves_figures_and_no_texts(mine: Database, forms: FormStore) -> None:
    submit(mine, forms, "rana")
    submit(mine, forms, "omar")
    assert mine.transact(lambda session: forms.erase_respondent(session, "rana", new_id())) == 1
    assert forms.answered("f1", "cohort-1", "rana") is None
    kept = sorted((dict(each.answers) for each in forms.submissions("f1")), key=len)
    assert kept == [{"level": 3}, {"name": "رنا", "level": 3}]
