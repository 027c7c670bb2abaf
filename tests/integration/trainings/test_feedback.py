"""Feedback after the course and follow-up months later: asked for, answered, counted."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from services.common import errors
from services.common.clock import from_wire
from services.common.context import VISITOR, Caller
from services.common.contracts.trainings.form_purposes import FormPurpose
from services.common.forms.questions import Form
from services.common.personal_data import Erasure
from services.trainings.app import App
from services.trainings.domain.cohorts import Cohort
from services.trainings.operations import cohort_forms, cohorts, form_links
from services.trainings.operations.personal_data import erase
from services.trainings.schemas.cohorts import CancelCohort
from services.trainings.schemas.form_links import AnswerByLink
from services.trainings.schemas.forms import OfCohort
from services.trainings.service import TrainingsService
from tests.support.bookings import RAQQA_DESK, call
from tests.support.training_answers import answer, enrolled
from tests.support.trainings import LINKS, make_form, now_is, question, use_form

ADVISER = Caller(id="adviser", roles=frozenset({"adviser"}))
PEOPLE = ("a", "b", "c", "d", "e")


def feedback_form(app: App, purpose: str = "feedback") -> Form:
    choices = [{"id": each, "label": {"ar": each, "en": each}} for each in ("yes", "no")]
    return make_form(
        app,
        purpose=purpose,
        questions=[
            question("useful", "scale", minimum=1, maximum=5),
            question("again", "choice", choices=choices),
            question("words", "paragraph"),
        ],
    )


def asked_for(app: App, *names: str, purpose: str = "feedback") -> tuple[Cohort, Form]:
    """A cohort with people in it and a form of this purpose."""
    cohort, form = enrolled(app, *names), feedback_form(app, purpose)
    return use_form(app, app.cohorts.get(cohort.id), form), form


def end_of(app: App, cohort: Cohort) -> Any:
    return app.cohorts.get(cohort.id).ends_at


def requests(app: App, occasion: str) -> list[dict[str, Any]]:
    """The data of the events that ask for this, in the order of the participants."""
    rows = app.database.collection("outbox").find(
        {"event.type": "trainings.feedback.requested", "event.data.occasion": occasion}
    )
    return sorted((row["event"]["data"] for row in rows), key=lambda one: one["participant_id"])


def token_of(request: dict[str, Any]) -> str:
    """The token of the link, as notifications make it of the event."""
    return LINKS.expiring_token(
        request["link_purpose"], request["application_id"], from_wire(request["expires_at"])
    )


def by_link(app: App, form: Form, token: str, **answers: Any) -> Any:
    sent = {"form_id": form.id, "edition": form.edition, "answers": answers}
    return form_links.answer_by_link(app, call(VISITOR), AnswerByLink(token, sent))


def summary(app: App, cohort: Cohort, occasion: str = "feedback") -> Any:
    """What staff read, in wire form."""
    service = TrainingsService()
    service.app, service.call = app, call(RAQQA_DESK)
    return service.answers_summary({"cohort_id": cohort.id, "occasion": occasion})


def test_everybody_with_a_seat_is_asked_at_the_end(app: App) -> None:
    cohort, _ = asked_for(app, "a", "b")
    end = end_of(app, cohort)
    now_is(app, end - timedelta(seconds=1))
    assert requests(app, "feedback") == []
    now_is(app, end)
    asked = requests(app, "feedback")
    assert [(each["participant_id"], each["person_id"]) for each in asked] == [
        ("a", "a"),
        ("b", "b"),
    ]
    assert summary(app, cohort)["requested"] == 2


def test_months_later_people_are_asked_twice_what_has_changed(app: App) -> None:
    cohort, form = asked_for(app, "a", purpose="follow_up")
    end = end_of(app, cohort)
    for occasion, days in (("follow_up_3", 91), ("follow_up_6", 182)):
        now_is(app, end + timedelta(days=days) - timedelta(seconds=1))
        assert requests(app, occasion) == []
        now_is(app, end + timedelta(days=days))
        (request,) = requests(app, occasion)
        taken = by_link(app, form, token_of(request), useful=4)
        assert (taken.respondent, taken.source.value) == ("a", "link")
    assert [summary(app, cohort, each)["answered"] for each in ("follow_up_3", "follow_up_6")] == [
        1,
        1,
    ]


@pytest.mark.parametrize(("occasion", "days"), [("follow_up_3", 91), ("follow_up_6", 182)])
def test_a_follow_up_that_people_answered_is_in_the_table_and_keeps_its_form(
    app: App, occasion: str, days: int
) -> None:
    cohort, form = asked_for(app, "a", purpose="follow_up")
    now_is(app, end_of(app, cohort) + timedelta(days=days))
    answer(app, cohort, form, occasion, "a", {"useful": 4, "words": "جيد"})
    query = OfCohort(cohort.id, FormPurpose.FOLLOW_UP)
    table = cohort_forms.cohort_form_answers(app, call(RAQQA_DESK), query)
    assert [row[2:] for row in table["rows"]] == [[4, "", "جيد"]]
    with pytest.raises(errors.Conflict, match=r"trainings\.form_answered"):
        use_form(app, app.cohorts.get(cohort.id), feedback_form(app, "follow_up"))


def test_who_has_answered_is_not_asked(app: App) -> None:
    cohort, form = asked_for(app, "a", "b")
    last = app.cohorts.get(cohort.id).sessions[-1]
    now_is(app, last.starts_at)
    answer(app, cohort, form, "feedback", "a", {"useful": 5})
    now_is(app, end_of(app, cohort))
    assert [each["participant_id"] for each in requests(app, "feedback")] == ["b"]


def test_a_form_that_is_chosen_late_is_asked_for_once(app: App) -> None:
    cohort = enrolled(app, "a")
    now_is(app, end_of(app, cohort))
    assert requests(app, "feedback") == []
    form = feedback_form(app)
    use_form(app, app.cohorts.get(cohort.id), form)
    now_is(app, end_of(app, cohort) + timedelta(minutes=1))
    assert len(requests(app, "feedback")) == 1
    use_form(app, app.cohorts.get(cohort.id), feedback_form(app, "follow_up"))
    now_is(app, end_of(app, cohort) + timedelta(minutes=2))
    assert len(requests(app, "feedback")) == 1


def test_a_link_shows_the_form_and_takes_one_answer(app: App) -> None:
    cohort, form = asked_for(app, "a")
    now_is(app, end_of(app, cohort))
    token = token_of(requests(app, "feedback")[0])
    shown = form_links.open_form_link(app, call(VISITOR), token)
    assert (shown.form.id, shown.answered) == (form.id, False)
    by_link(app, form, token, useful=5, again="yes")
    assert form_links.open_form_link(app, call(VISITOR), token).answered
    with pytest.raises(errors.Conflict, match=r"forms\.answered_already"):
        by_link(app, form, token, useful=1)
    assert summary(app, cohort)["answered"] == 1


def test_a_link_is_answered_in_its_time(app: App) -> None:
    cohort, form = asked_for(app, "a")
    now_is(app, end_of(app, cohort))
    token = token_of(requests(app, "feedback")[0])
    now_is(app, end_of(app, cohort) + timedelta(days=60))
    with pytest.raises(errors.Conflict, match=r"trainings\.link_expired"):
        by_link(app, form, token, useful=1)


def test_the_link_of_an_erased_person_opens_nothing(app: App) -> None:
    cohort, form = asked_for(app, "a", "b")
    now_is(app, end_of(app, cohort))
    first, _ = (token_of(each) for each in requests(app, "feedback"))
    app.database.transact(lambda session: erase(app, session, Erasure("a", 9)))
    with pytest.raises(errors.Conflict, match=r"trainings\.no_seat_any_more"):
        by_link(app, form, first, useful=1)


def test_a_visiting_adviser_enters_feedback_and_no_test(app: App) -> None:
    cohort, form = asked_for(app, "a")
    now_is(app, end_of(app, cohort))
    taken = answer(app, cohort, form, "feedback", ADVISER, {"useful": 3}, participant_id="a")
    assert taken.entered_by == ADVISER.id
    test = make_form(app, purpose="post_test", questions=[question("q", "integer")])
    cohort = use_form(app, app.cohorts.get(cohort.id), test)
    with pytest.raises(errors.Forbidden):
        answer(app, cohort, test, "post_test", ADVISER, {"q": 1}, participant_id="a")


def test_answers_of_few_people_are_not_shown(app: App) -> None:
    cohort, form = asked_for(app, *PEOPLE)
    now_is(app, end_of(app, cohort))
    for name in PEOPLE[:4]:
        answer(app, cohort, form, "feedback", name, {"useful": 5, "words": "جيد"})
    few = summary(app, cohort)
    assert (few["answered"], few["hidden"], few["questions"]) == (4, True, [])
    answer(app, cohort, form, "feedback", PEOPLE[4], {"useful": 2, "again": "no"})
    found = summary(app, cohort)
    useful, again, words = found["questions"]
    assert (found["answered"], found["hidden"]) == (5, False)
    assert (useful["answered"], useful["mean"]) == (5, 4.4)
    assert [(each["answer"], each["count"]) for each in useful["counts"]] == [
        ("1", 0),
        ("2", 1),
        ("3", 0),
        ("4", 0),
        ("5", 4),
    ]
    # One of the five chose, and four wrote something: what they said stays hidden.
    assert (again["answered"], again["counts"]) == (1, [])
    assert (words["answered"], words["texts"]) == (4, [])


def test_a_cancelled_cohort_asks_nobody_and_takes_no_answers(app: App) -> None:
    cohort, form = asked_for(app, "a")
    end = end_of(app, cohort)
    cohort = app.cohorts.get(cohort.id)
    command = CancelCohort(cohort.id, cohort.version, {"ar": "سبب"})
    cohorts.cancel_cohort(app, call(RAQQA_DESK), command)
    now_is(app, end + timedelta(days=100))
    assert requests(app, "feedback") == []
    with pytest.raises(errors.Conflict):
        answer(app, cohort, form, "feedback", "a", {"useful": 3})
