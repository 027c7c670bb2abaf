"""Answers to a campaign: by its link, with an account, on paper; each once, and none after its
end."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from services.common import errors
from services.common.context import Call
from services.common.contracts.form_words import Source
from services.consultations.app import App
from services.consultations.operations import campaign_answers, campaigns
from services.consultations.steps import campaign_answers as steps
from tests.support.bookings import MANAGER, MEMBER, OTHER_MEMBER, RAQQA_DESK, TABQA_DESK, call
from tests.support.campaigns import (
    LASTS,
    act,
    answer,
    answer_by_link,
    answers,
    link_of,
    open_campaign,
    prepare_campaign,
    seed_studies,
)
from tests.support.consultations import HUDA, advance


@pytest.fixture(autouse=True)
def _study(app: App) -> None:
    seed_studies(app)


def stored(app: App) -> int:
    return app.database.collection("form_answers").count_documents({})


def counted(app: App, campaign: Any) -> int:
    return app.campaigns.answers_to([campaign.id])[campaign.id]


def test_anybody_answers_by_the_link_and_a_page_sent_twice_counts_once(app: App) -> None:
    campaign = open_campaign(app)
    first = answer_by_link(app, campaign, "page")
    assert answer_by_link(app, campaign, "page") == first
    assert first.source is Source.LINK
    with pytest.raises(errors.Conflict, match="answered_already"):
        answer_by_link(app, campaign, "page", level=4)
    answer_by_link(app, campaign, "another page")
    assert (stored(app), counted(app, campaign)) == (2, 2)


def test_a_person_with_an_account_answers_once(app: App) -> None:
    campaign = open_campaign(app)
    asked = campaign_answers.get_campaign_form(app, call(MEMBER), campaign.id)
    assert not asked.answered
    first = answer(app, campaign, MEMBER, "key")
    assert answer(app, campaign, MEMBER, "key") == first
    with pytest.raises(errors.Conflict, match="answered_already"):
        answer(app, campaign, MEMBER, level=4)
    answer(app, campaign, OTHER_MEMBER)
    assert campaign_answers.get_campaign_form(app, call(MEMBER), campaign.id).answered
    assert counted(app, campaign) == 2


def test_a_key_keeps_an_id_and_not_what_was_answered(app: App) -> None:
    answer(app, open_campaign(app), MEMBER, "key")
    [kept] = app.database.collection("idempotency_keys").find({"_id": {"$regex": "answer"}})
    assert set(kept["answer"]) == {"submission_id"}


def test_a_sheet_is_entered_once_for_its_mark_also_after_the_end(app: App) -> None:
    campaign = open_campaign(app)
    given = answer(app, campaign, RAQQA_DESK, sheet="R-7")
    assert (given.source, given.entered_by) == (Source.PAPER, RAQQA_DESK.id)
    advance(app, LASTS)
    with pytest.raises(errors.Conflict, match="sheet_entered"):
        answer(app, campaign, TABQA_DESK, sheet="r-7", level=4)
    answer(app, campaign, HUDA, sheet="R-8")
    with pytest.raises(errors.Conflict, match="campaign_over"):
        answer(app, campaign, MEMBER)
    assert counted(app, campaign) == 2


@pytest.mark.parametrize(
    ("values", "pointers"),
    [
        ({"legal_support": 5}, ["/answers/legal_support"]),
        ({"legal_support": "urgent"}, ["/answers/legal_support"]),
        ({"centre": "homs"}, ["/answers/centre"]),
        ({"unknown": 1}, ["/answers/unknown"]),
        ({"edition": 2}, ["/edition"]),
    ],
)
def test_answers_that_do_not_fit_say_where_and_leave_nothing(
    app: App, values: dict[str, Any], pointers: list[str]
) -> None:
    campaign = open_campaign(app)
    with pytest.raises(errors.Invalid) as refused:
        answer_by_link(app, campaign, **values)
    assert [each.pointer for each in refused.value.errors] == pointers
    assert (stored(app), counted(app, campaign)) == (0, 0)


def test_a_campaign_that_is_full_takes_no_more(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "MOST_ANSWERS", 2)
    campaign = open_campaign(app)
    for _ in range(2):
        answer_by_link(app, campaign)
    with pytest.raises(errors.Conflict, match="campaign_full") as refused:
        answer_by_link(app, campaign)
    assert refused.value.params == {"most": 2}
    assert stored(app) == 2


def test_a_draft_takes_no_answers_and_people_do_not_know_of_it(app: App) -> None:
    draft = prepare_campaign(app)
    with pytest.raises(errors.NotFound):
        answer(app, draft, MEMBER)
    with pytest.raises(errors.Conflict, match="campaign_not_allowed_now"):
        answer(app, draft, RAQQA_DESK, sheet="R-1")


@pytest.mark.parametrize("token", ["", "x", "0" * 64, "z" * 64])
def test_what_is_no_link_of_ours_opens_nothing(app: App, token: str) -> None:
    open_campaign(app)
    with pytest.raises(errors.NotFound, match="campaign_link_unknown"):
        campaign_answers.open_campaign_link(app, Call(), token)


def test_a_link_for_something_else_opens_no_campaign(app: App) -> None:
    campaign = open_campaign(app)
    token = app.links.reply_token(campaign.id, campaign.link_nonce or "")
    with pytest.raises(errors.NotFound, match="campaign_link_unknown"):
        campaign_answers.open_campaign_link(app, Call(), token)


def test_without_a_key_nobody_answers_by_the_link(app: App) -> None:
    campaign = open_campaign(app)
    command = campaign_answers.AnswerCampaignLink(link_of(app, campaign), answers())
    with pytest.raises(errors.Malformed, match="key_missing"):
        campaign_answers.answer_campaign_link(app, Call(), command)


def test_what_was_taken_is_ranked_and_nothing_comes_after_it(app: App) -> None:
    campaign = open_campaign(app)
    for _ in range(5):
        answer_by_link(app, campaign)
    stopped = campaigns.stop_answers(app, call(MANAGER), act(campaign))

    def enter(number: int) -> bool:
        try:
            answer(app, stopped, RAQQA_DESK, sheet=f"R-{number}")
        except errors.Conflict as refused:
            assert refused.code == "consultations.campaign_over"
            return False
        return True

    def close(_: int) -> bool:
        campaigns.close(app, call(MANAGER), act(stopped))
        return False

    with ThreadPoolExecutor(12) as pool:
        works = [pool.submit(close if n == 4 else enter, n) for n in range(12)]
        taken = sum(each.result() for each in works)
    assert app.campaign_results.get(campaign.id).found.people == stored(app) == 5 + taken
