"""Forms answered by people with a seat, by a link without an account."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from services.common import errors
from services.common.context import VISITOR, Caller
from services.common.contracts.form_words import Source
from services.common.forms.questions import Form, Submission
from services.trainings.app import App
from services.trainings.domain.admissions import admit_by_hand, enrol
from services.trainings.domain.answering import Occasion
from services.trainings.domain.application_states import ApplicationAction
from services.trainings.domain.departures import withdraw
from services.trainings.operations.form_links import (
    VALID,
    answer_by_link,
    make_form_link,
    open_form_link,
)
from services.trainings.schemas.form_links import AnswerByLink, MakeFormLink
from services.trainings.steps.roster_changes import apply_roster_change
from services.trainings.steps.save_application import save_application
from tests.support.bookings import RAQQA_DESK, TABQA_DESK, call
from tests.support.trainings import (
    advance,
    make_form,
    now_is,
    open_cohort,
    question,
    register,
    seat,
    use_form,
)

RANA = Caller(id="rana")
FEEDBACK, FOLLOW_UP = Occasion.FEEDBACK, Occasion.FOLLOW_UP_3


class Situation:
    """A cohort with two forms, in which Rana has a seat.

    Args:
        over: whether the last session has begun.
    """

    def __init__(self, app: App, *, over: bool = True) -> None:
        self.app = app
        asked = [question("useful", "scale", required=True)]
        self.form = make_form(app, purpose="feedback", questions=asked)
        self.later = make_form(app, purpose="follow_up", questions=asked)
        self.cohort = use_form(app, use_form(app, open_cohort(app), self.form), self.later)
        register(app, "رنا", id=RANA.id, has_account=True)
        self.application = seat(app, self.cohort, RANA.id)
        if over:
            self.last_session()

    def last_session(self) -> None:
        """Feedback is answered from then on."""
        now_is(self.app, self.cohort.sessions[-1].starts_at)

    def token(self, occasion: Occasion = FEEDBACK) -> str:
        command = MakeFormLink(self.application.id, occasion)
        return make_form_link(self.app, call(RAQQA_DESK), command)[0]

    def answer(self, token: str, form: Form | None = None, **answers: Any) -> Submission:
        asked = form or self.form
        sent = {"form_id": asked.id, "edition": asked.edition, "answers": answers}
        return answer_by_link(self.app, call(VISITOR), AnswerByLink(token, sent))

    def withdraw(self) -> None:
        def work(session: Any) -> None:
            cohort = self.app.cohorts.get(self.cohort.id, session)
            assert cohort.roster is not None
            change = withdraw(cohort.roster, self.application.id, self.app.clock.now())
            apply_roster_change(self.app, RANA, session, cohort, change)

        self.app.database.transact(work)

    def come_back(self, *, by_hand: bool) -> None:
        """A seat again for who has left: by another application, or given by staff."""

        def work(session: Any) -> None:
            cohort = self.app.cohorts.get(self.cohort.id, session)
            assert cohort.roster is not None
            now = self.app.clock.now()
            before = self.app.applications.get(self.application.id, session)
            if by_hand:
                change = admit_by_hand(cohort.roster, before.entry, now, note="Comes after all")
            else:
                again = before.after(ApplicationAction.REAPPLY, now)
                save_application(self.app, RANA, session, cohort, before, again)
                change = enrol(cohort.roster, [again.entry], now)
            apply_roster_change(self.app, RANA, session, cohort, change)

        self.app.database.transact(work)

    def nothing_is_stored(self) -> bool:
        return self.app.forms.answers_of(RANA.id) == []


@pytest.fixture
def here(app: App) -> Situation:
    return Situation(app)


def test_the_holder_of_a_link_answers_without_an_account(app: App, here: Situation) -> None:
    token = here.token()
    shown = open_form_link(app, call(VISITOR), token)
    assert (shown.occasion, shown.form, shown.answered) == (FEEDBACK, here.form, False)
    assert shown.expires_at == app.clock.now() + VALID
    given = here.answer(token, useful=4)
    assert (given.respondent, given.source) == (RANA.id, Source.LINK)
    assert open_form_link(app, call(VISITOR), token).answered


def test_the_same_answers_again_change_nothing_and_others_are_refused(
    app: App, here: Situation
) -> None:
    token = here.token()
    assert here.answer(token, useful=4) == here.answer(token, useful=4)
    with pytest.raises(errors.Conflict, match=r"forms\.answered_already"):
        here.answer(token, useful=1)
    assert [each.answers for each in app.forms.answers_of(RANA.id)] == [{"useful": 4}]


def test_a_link_is_for_its_occasion_alone(app: App, here: Situation) -> None:
    token = here.token(FOLLOW_UP)
    assert open_form_link(app, call(VISITOR), token).form == here.later
    with pytest.raises(errors.Invalid, match=r"trainings\.form_of_other_cohort"):
        here.answer(token, useful=4)
    assert here.nothing_is_stored()


@pytest.mark.parametrize("use", ["open", "answer"])
def test_a_link_is_void_once_it_expires_or_its_person_leaves(
    app: App, here: Situation, use: str
) -> None:
    token = here.token()

    def try_it() -> None:
        if use == "open":
            open_form_link(app, call(VISITOR), token)
        else:
            here.answer(token, useful=4)

    here.withdraw()
    with pytest.raises(errors.Conflict, match=r"trainings\.no_seat_any_more"):
        try_it()
    with pytest.raises(errors.Conflict, match=r"trainings\.no_seat_any_more"):
        here.token()
    advance(app, VALID - timedelta(seconds=1))
    with pytest.raises(errors.Conflict, match=r"trainings\.no_seat_any_more"):
        try_it()
    advance(app, timedelta(seconds=1))
    with pytest.raises(errors.Conflict, match=r"trainings\.link_expired"):
        try_it()
    assert here.nothing_is_stored()


@pytest.mark.parametrize("by_hand", [False, True], ids=["applies again", "is admitted by hand"])
def test_a_link_from_before_a_withdrawal_stays_void_when_the_person_comes_back(
    app: App, *, by_hand: bool
) -> None:
    here = Situation(app, over=False)
    before = here.token()
    here.withdraw()
    here.come_back(by_hand=by_hand)
    for use in (lambda: open_form_link(app, call(VISITOR), before), lambda: here.answer(before)):
        with pytest.raises(errors.Conflict, match=r"trainings\.no_seat_any_more"):
            use()
    assert here.nothing_is_stored()
    now = here.token()
    assert open_form_link(app, call(VISITOR), now).form == here.form
    here.withdraw()
    here.come_back(by_hand=by_hand)
    for each in (before, now):
        with pytest.raises(errors.Conflict, match=r"trainings\.no_seat_any_more"):
            open_form_link(app, call(VISITOR), each)
    last = here.token()
    here.last_session()
    assert here.answer(last, useful=4).respondent == RANA.id


@pytest.mark.parametrize("token", ["", "x", "0" * 64, "z" * 64])
def test_what_is_no_link_of_ours_opens_nothing(app: App, here: Situation, token: str) -> None:
    with pytest.raises(errors.NotFound, match=r"trainings\.link_unknown"):
        open_form_link(app, call(VISITOR), token)


def test_a_link_of_an_invitation_opens_no_form(app: App, here: Situation) -> None:
    token = app.links.reply_token(here.application.id, "nonce")
    with pytest.raises(errors.NotFound, match=r"trainings\.link_unknown"):
        open_form_link(app, call(VISITOR), token)


def test_staff_of_the_centre_make_links(app: App, here: Situation) -> None:
    command = MakeFormLink(here.application.id, FEEDBACK)
    with pytest.raises(errors.Forbidden):
        make_form_link(app, call(TABQA_DESK), command)
    with pytest.raises(errors.NotFound):
        make_form_link(app, call(RAQQA_DESK), MakeFormLink(command.id, Occasion.PRE_TEST))
