"""Pre-test and post-test: answered by participants, scored by a key that they never see."""

from __future__ import annotations

from typing import Any

import pytest

from services.common import errors
from services.common.context import Caller
from services.common.personal_data import Erasure
from services.trainings.app import App
from services.trainings.domain.cohorts import Cohort
from services.trainings.operations import learning_gain, test_keys
from services.trainings.operations.personal_data import erase
from services.trainings.schemas.answers import GetTestKey
from services.trainings.service import TrainingsService
from tests.support.bookings import RAQQA_DESK, call
from tests.support.training_answers import answer, answers_worth, enrolled, set_key, with_tests
from tests.support.trainings import events_of, make_form, now_is, question, use_form


def gain(app: App, cohort: Cohort) -> Any:
    """What staff read, in wire form."""
    service = TrainingsService()
    service.app, service.call = app, call(RAQQA_DESK)
    return service.learning_gain({"cohort_id": cohort.id})


def at_the_end(app: App, cohort: Cohort) -> None:
    last = app.cohorts.get(cohort.id).ends_at
    assert last is not None
    now_is(app, last)


def test_the_gain_of_a_cohort_and_of_its_people(app: App) -> None:
    scores = {"a": (40, 70), "b": (100, 100), "c": (100, 90), "d": (60, 45), "e": (0, 0)}
    cohort, form = with_tests(app, *scores, "f")
    for name, (pre, _) in {**scores, "f": (50, None)}.items():
        answer(app, cohort, form, "pre_test", name, answers_worth(pre))
    at_the_end(app, cohort)
    for name, (_, post) in scores.items():
        answer(app, cohort, form, "post_test", name, answers_worth(post))
    found = gain(app, cohort)
    assert (found["mean_pre"], found["mean_post"]) == (60, 61)
    assert found["gain"] == {"value": 0.025, "reason": None}
    assert (found["pairs"], found["unpaired"], found["unscored"]) == (5, 1, 0)
    changes = {each["participant_id"]: each["change"] for each in found["items"]}
    assert changes == {
        "a": {"value": 0.5, "reason": None},
        "b": {"value": None, "reason": "ceiling"},
        "c": {"value": -0.1, "reason": None},
        "d": {"value": -0.25, "reason": None},
        "e": {"value": None, "reason": "floor"},
        "f": {"value": None, "reason": "no_post_test"},
    }


def test_participants_read_their_own_gain_alone(app: App) -> None:
    cohort, form = with_tests(app, "a", "b")
    answer(app, cohort, form, "pre_test", "a", answers_worth(40))
    own = learning_gain.my_learning_gain(app, call(Caller(id="a")), cohort.id)
    assert (own.scores.pre, own.scores.post) == (40, None)
    other = learning_gain.my_learning_gain(app, call(Caller(id="b")), cohort.id)
    assert (other.scores.pre, other.change.value) == (None, None)
    with pytest.raises(errors.Conflict, match=r"trainings\.not_in_cohort"):
        learning_gain.my_learning_gain(app, call(Caller(id="stranger")), cohort.id)
    with pytest.raises(errors.Forbidden):
        learning_gain.learning_gain(app, call(Caller(id="a")), cohort.id)


def test_a_test_is_answered_once(app: App) -> None:
    cohort, form = with_tests(app, "a")
    first = answer(app, cohort, form, "pre_test", "a", answers_worth(40))
    with pytest.raises(errors.Conflict, match=r"forms\.answered_already"):
        answer(app, cohort, form, "pre_test", "a", answers_worth(80))
    assert gain(app, cohort)["items"][0]["pre"] == 40
    (event,) = events_of(app, first.id)
    assert event["type"] == "trainings.form.answered"
    assert "answers" not in event["data"]


def test_a_test_of_another_cohort_is_refused(app: App) -> None:
    cohort, _ = with_tests(app, "a")
    other, other_form = with_tests(app, "b")
    with pytest.raises(errors.Invalid, match=r"trainings\.form_of_other_cohort"):
        answer(app, cohort, other_form, "pre_test", "a", answers_worth(40))
    with pytest.raises(errors.Conflict, match=r"trainings\.not_in_cohort"):
        answer(app, other, other_form, "pre_test", "a", answers_worth(40))
    assert gain(app, cohort)["items"] == gain(app, other)["items"] == []


def test_a_person_without_a_seat_is_refused(app: App) -> None:
    cohort, form = with_tests(app, "a")
    for who in ("stranger", "waiting"):
        with pytest.raises(errors.Conflict, match=r"trainings\.not_in_cohort"):
            answer(app, cohort, form, "pre_test", who, answers_worth(40))


def test_tests_have_their_time(app: App) -> None:
    cohort, form = with_tests(app, "a")
    with pytest.raises(errors.Conflict, match=r"trainings\.answers_not_yet"):
        answer(app, cohort, form, "post_test", "a", answers_worth(40))
    at_the_end(app, cohort)
    with pytest.raises(errors.Conflict, match=r"trainings\.answers_over") as over:
        answer(app, cohort, form, "pre_test", "a", answers_worth(40))
    assert "answers_close_at" in over.value.extra
    # What was answered on paper in time is entered later.
    answer(app, cohort, form, "pre_test", RAQQA_DESK, answers_worth(40), participant_id="a")
    assert gain(app, cohort)["items"][0]["pre"] == 40


def test_answers_on_paper_say_who_entered_them(app: App) -> None:
    cohort, form = with_tests(app, "a", "b")
    taken = answer(app, cohort, form, "pre_test", RAQQA_DESK, answers_worth(55), participant_id="a")
    assert (taken.respondent, taken.source.value, taken.entered_by) == (
        "a",
        "paper",
        RAQQA_DESK.id,
    )
    with pytest.raises(errors.Forbidden):
        answer(app, cohort, form, "pre_test", "b", answers_worth(100), participant_id="b")


def test_answers_without_a_key_are_not_scored_until_there_is_one(app: App) -> None:
    cohort = enrolled(app, "a")
    choices = [{"id": each, "label": {"ar": each}} for each in ("x", "y")]
    form = make_form(app, purpose="pre_test", questions=[question("q", "choice", choices=choices)])
    cohort = use_form(app, app.cohorts.get(cohort.id), form)
    answer(app, cohort, form, "pre_test", "a", {"q": "x"})
    assert (gain(app, cohort)["unscored"], gain(app, cohort)["items"]) == (1, [])
    set_key(app, form, [{"question_id": "q", "points": 3, "right": ["y"]}])
    assert gain(app, cohort)["items"][0]["pre"] == 0
    # A key that was wrong is corrected, and scores follow.
    set_key(app, form, [{"question_id": "q", "points": 3, "right": ["x"]}], version=1)
    assert gain(app, cohort)["items"][0]["pre"] == 100
    with pytest.raises(errors.Stale):
        set_key(app, form, [{"question_id": "q", "points": 1, "right": ["x"]}], version=1)


@pytest.mark.parametrize(
    ("row", "pointer"),
    [
        ({"question_id": "q", "right": ["z"]}, "/questions/0/right"),
        ({"question_id": "unknown", "right": ["x"]}, "/questions/0/question_id"),
        ({"question_id": "why", "right": ["x"]}, "/questions/0/question_id"),
    ],
)
def test_a_key_fits_the_questions(app: App, row: dict[str, Any], pointer: str) -> None:
    choices = [{"id": each, "label": {"ar": each}} for each in ("x", "y")]
    questions = [question("q", "choice", choices=choices), question("why", "paragraph")]
    form = make_form(app, purpose="post_test", questions=questions)
    with pytest.raises(errors.Invalid, match=r"trainings\.key_unfit") as refused:
        set_key(app, form, [{"points": 1, **row}])
    assert [each.pointer for each in refused.value.errors] == [pointer]
    found = test_keys.get_test_key(app, call(RAQQA_DESK), GetTestKey(form.id))
    assert (found.version, found.questions) == (0, ())


def test_the_tests_of_an_erased_person_stay_a_pair(app: App) -> None:
    cohort, form = with_tests(app, "a")
    answer(app, cohort, form, "pre_test", "a", answers_worth(40))
    at_the_end(app, cohort)
    answer(app, cohort, form, "post_test", "a", answers_worth(70))
    app.database.transact(lambda session: erase(app, session, Erasure("a", 9)))
    found = gain(app, cohort)
    assert (found["pairs"], found["gain"]["value"]) == (1, 0.5)
    assert [each["participant_id"] == "a" for each in found["items"]] == [False]


def test_an_erasure_takes_the_answers_from_the_keys_of_staff(app: App) -> None:
    cohort, form = with_tests(app, "a", "b")
    for each in ("a", "b"):
        paper = answers_worth(55)
        answer(app, cohort, form, "pre_test", RAQQA_DESK, paper, participant_id=each)
    app.database.transact(lambda session: erase(app, session, Erasure("a", 9)))
    kept = app.database.collection("idempotency_keys").find({"answer.respondent": {"$ne": None}})
    assert [each["answer"]["respondent"] for each in kept] == ["b"]
