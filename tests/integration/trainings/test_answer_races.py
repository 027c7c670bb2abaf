"""An answer that arrives in the very moment in which staff give the cohort another form."""

from __future__ import annotations

import threading
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import replace
from typing import Any

import pytest

from services.common.context import VISITOR
from services.common.errors import MasahaError
from services.trainings.app import App
from services.trainings.domain.answering import Occasion
from services.trainings.operations.form_links import answer_by_link, make_form_link
from services.trainings.schemas.form_links import AnswerByLink, MakeFormLink
from tests.support.bookings import RAQQA_DESK, call
from tests.support.training_answers import answer, enrolled
from tests.support.trainings import make_form, now_is, question, use_form

_MEETING_SECONDS = 0.5


@pytest.mark.parametrize("by_link", [False, True])
def test_a_form_is_answered_or_changed_never_both(app: App, by_link: bool) -> None:
    cohort = enrolled(app, "rana")
    asked = [question("useful", "scale", required=True)]
    old = make_form(app, purpose="feedback", questions=asked)
    new = make_form(app, purpose="feedback", questions=asked)
    cohort = use_form(app, cohort, old)
    now_is(app, cohort.sessions[-1].starts_at)
    cohort = app.cohorts.get(cohort.id)
    application = app.applications.of_cohort(cohort.id)[0]
    token, _ = make_form_link(
        app, call(RAQQA_DESK), MakeFormLink(application.id, Occasion.FEEDBACK)
    )
    with ThreadPoolExecutor(1) as pool:
        changing: list[Future[Any]] = []
        # Of one who is signed in the first id is that of the idempotency key.
        before = iter(() if by_link else ("key",))

        def new_id() -> str:
            """The id of the answer: its transaction has read the cohort and written nothing."""
            inside = threading.current_thread() is threading.main_thread() and not changing
            if inside and next(before, None) is None:
                changing.append(pool.submit(use_form, app, cohort, new))
                # Without a common lock it is done at once; with one it waits for this answer.
                wait(changing, timeout=_MEETING_SECONDS)
            return app.new_id()

        answering = replace(app, new_id=new_id)
        sent = {"form_id": old.id, "edition": old.edition, "answers": {"useful": 4}}
        outcomes: list[bool] = []
        try:
            if by_link:
                answer_by_link(answering, call(VISITOR), AnswerByLink(token, sent))
            else:
                answer(answering, cohort, old, "feedback", "rana", {"useful": 4})
            outcomes.append(True)
        except MasahaError:
            outcomes.append(False)
        outcomes.append(changing[0].exception() is None)
    assert sorted(outcomes) == [False, True], "one of the two is refused"
    used = app.cohorts.get(cohort.id).forms["feedback"]
    answered = app.forms.answers_of("rana")
    assert all(each.form_id == used for each in answered)
