"""A blind selection: whatever a reviewer asks, no answer says who has applied.

The reviewer here is a trainer of the cohort too, whom the branch shows more than to anybody else
who may review blindly.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from services.common import errors
from services.common.context import Caller
from services.common.directory.facts import Organisation
from services.common.directory.people import Membership, Person
from services.trainings.app import App
from services.trainings.operations.assignments import accept_assignment
from services.trainings.schemas.assignments import AnswerAssignment
from tests.integration.trainings.test_reviews import set_reviewers, set_rules
from tests.integration.trainings.test_who_may import ROWS, TRAINER, Situation
from tests.support.applications import offer_seats
from tests.support.bookings import MANAGER, MEMBER, RAQQA_DESK, call
from tests.support.trainings import know

HIDDEN_NAME = "ليلى حسن"
HIDDEN_ORGANISATION = "جمعية الفرات"
HIDDEN_PHONE = "+963944987654"
ORGANISATION_ID = "amal"


class BlindSituation(Situation):
    """One thing of each kind, where a trainer reviews an application blindly."""

    def __init__(self, app: App) -> None:
        super().__init__(app, mode="selection")
        assigned = self.assignment
        command = AnswerAssignment(assigned.id, assigned.version)
        accept_assignment(app, call(TRAINER), command)
        cohort = set_rules(app, app.cohorts.get(self.cohort.id), blind=True)
        self.cohort = set_reviewers(app, cohort, TRAINER.id)

        def work(session: Any) -> None:
            member = app.participants.get(MEMBER.id, session)
            told = replace(member, phone=HIDDEN_PHONE, version=member.version + 1)
            app.participants.save(session, told, member.version)
            name = {"ar": HIDDEN_ORGANISATION}
            app.directory.put_organisations(
                session, [Organisation(ORGANISATION_ID, 1, name, "approved")]
            )

        app.database.transact(work)


@pytest.fixture
def here(app: App) -> BlindSituation:
    return BlindSituation(app)


def said(here: Situation, who: Caller, method: str, request: dict[str, Any]) -> str:
    """All that the caller gets to read: the answer, or the refusal with its details."""
    try:
        answer = here.ask(who, method, request)
    except errors.MasahaError as error:
        answer = [error.code, error.detail, error.params, error.extra, error.errors]
    return json.dumps(answer, default=str, ensure_ascii=False)


def hidden_words(here: BlindSituation, text: str) -> list[str]:
    """Those of the hidden words that the text holds."""
    words = (HIDDEN_NAME, HIDDEN_ORGANISATION, HIDDEN_PHONE, "female", f'"{ORGANISATION_ID}"')
    # The id of the person's account is among those that the person's own calls hold.
    return [each for each in (*words, f'"{MEMBER.id}"') if each in text]


# Everybody reads the name on a certificate by its code. That is of a course in the past, and says
# nothing of who has applied now.
PUBLIC_BY_DESIGN = {"verify_certificate"}


@pytest.mark.parametrize("method", [each for each in ROWS if each not in PUBLIC_BY_DESIGN])
def test_no_method_says_who_has_applied(here: BlindSituation, method: str) -> None:
    request = ROWS[method].request(here)
    text = said(here, TRAINER, method, request)
    assert hidden_words(here, text) == []


@pytest.mark.parametrize(
    "method", ["list_applications", "get_application", "application_answers", "cohort_ranking"]
)
def test_the_hidden_words_are_there_for_staff(here: BlindSituation, method: str) -> None:
    request = {"id": here.application.id}
    if method == "list_applications":
        request = {"cohort_id": here.cohort.id}
    if method == "cohort_ranking":
        request = {"id": here.cohort.id}
    text = said(here, RAQQA_DESK, method, request)
    assert HIDDEN_NAME in text or HIDDEN_ORGANISATION in text


def test_lists_of_the_cohort_hide_the_undecided(app: App, here: BlindSituation) -> None:
    request = {"cohort_id": here.cohort.id}
    seen = here.ask(TRAINER, "list_applications", request)["items"]
    assert [each["id"] for each in seen] == [here.seated]
    assert here.ask(TRAINER, "cohort_seats", {"id": here.cohort.id})["taken"] is None
    for method in ("get_application", "application_answers"):
        with pytest.raises(errors.NotFound):
            here.ask(TRAINER, method, {"id": here.application.id})


def test_a_reviewer_is_shown_the_answers_that_do_not_identify(here: BlindSituation) -> None:
    (task,) = here.ask(TRAINER, "list_review_tasks", {"cohort_id": here.cohort.id})["items"]
    assert task == {
        "application_id": here.application.id,
        "name": None,
        "organisation_id": None,
        "answers": {"why": "للعمل"},
    }
    shown = here.ask(TRAINER, "get_review", {"id": here.application.id})
    assert [each["id"] for each in shown["questions"]] == ["why", "years"]
    written = here.ask(
        TRAINER, "put_review", {"id": here.application.id, "scores": {"need": 4, "plan": 5}}
    )
    assert written["scores"] == {"need": 4, "plan": 5}
    assert hidden_words(here, json.dumps([shown, written], ensure_ascii=False)) == []


def test_that_an_application_is_of_ones_own_organisation_is_not_said(here: BlindSituation) -> None:
    colleague = replace(TRAINER, organisations={ORGANISATION_ID: "member"})
    assert here.ask(colleague, "list_review_tasks", {"cohort_id": here.cohort.id})["items"] == []
    nowhere = said(here, colleague, "get_review", {"id": "nothing"})
    assert said(here, colleague, "get_review", {"id": here.application.id}) == nowhere


@pytest.mark.parametrize("who", [RAQQA_DESK, MANAGER], ids=["desk", "manager"])
def test_staff_who_see_names_do_not_review_blindly(
    app: App, here: BlindSituation, who: Caller
) -> None:
    know(app, who.id)
    set_reviewers(app, here.cohort, who.id)
    for method, request in (
        ("list_review_tasks", {"cohort_id": here.cohort.id}),
        ("get_review", {"id": here.application.id}),
        ("put_review", {"id": here.application.id, "scores": {"need": 1}}),
    ):
        with pytest.raises(errors.Conflict, match=r"trainings\.reviewer_sees_names"):
            here.ask(who, method, request)
    assert app.reviews.of_application(here.application.id) == []


def test_a_decided_application_is_seen_as_before(app: App, here: BlindSituation) -> None:
    offer_seats(app, here.cohort, here.application.id)
    seen = here.ask(TRAINER, "get_application", {"id": here.application.id})
    assert (seen["name"], seen["status"]) == (HIDDEN_NAME, "offered")


def test_a_free_text_says_neither_name_nor_organisation(app: App, here: BlindSituation) -> None:
    why = f"أنا ليلى من {HIDDEN_ORGANISATION}، هاتفي 0944987654"
    answers = {**here.answers, "answers": {"employer": "سرّ", "why": why}}
    now = app.applications.get(here.application.id)
    here.ask(
        MEMBER, "change_answers", {**here.stale(now.id), "expected_version": now.version, **answers}
    )
    for method, request in (
        ("list_review_tasks", {"cohort_id": here.cohort.id}),
        ("get_review", {"id": here.application.id}),
    ):
        text = said(here, TRAINER, method, request)
        assert "أنا … من … …، هاتفي …" in text
    # Staff, who decide, read what was written.
    text = said(here, RAQQA_DESK, "application_answers", {"id": here.application.id})
    assert why in text


def test_a_free_text_hides_the_name_of_the_account_and_every_organisation_of_the_person(
    app: App, here: BlindSituation
) -> None:
    name = {"ar": "شباب الطبقة الجديد", "en": "New Youth of Tabqa"}

    def work(session: Any) -> None:
        account = {"ar": "سلمى درويش", "en": "Salma Darwish"}
        app.directory.put_people(session, [Person(MEMBER.id, 9, account, "s@masaha.example", "en")])
        app.directory.put_organisations(session, [Organisation("youth", 1, name, "approved")])
        belongs = Membership("youth", MEMBER.id, 1, "member", active=True)
        app.directory.put_memberships(session, [belongs])

    app.database.transact(work)
    why = "I am Salma Darwish (درويش) of New Youth of Tabqa"
    answers = {**here.answers, "answers": {"employer": "سرّ", "why": why}}
    now = app.applications.get(here.application.id)
    here.ask(
        MEMBER, "change_answers", {**here.stale(now.id), "expected_version": now.version, **answers}
    )
    text = said(here, TRAINER, "get_review", {"id": here.application.id})
    assert "I am … … (…) of … … … …" in text
