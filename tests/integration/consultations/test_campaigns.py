"""Campaigns: how they begin and end, what is published of them, and who hears what."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.common import errors
from services.common.clock import to_wire
from services.common.context import VISITOR
from services.common.contracts.consultations.campaign_limits import PAPER_COMES_LATER
from services.common.history.wire import ListHistory
from services.consultations.app import App
from services.consultations.domain.campaign_states import CampaignStatus
from services.consultations.operations import campaign_answers, campaigns
from services.consultations.operations.needs_studies import change_needs_study
from services.consultations.schemas import campaigns as schemas
from services.consultations.schemas.campaigns import ActOnCampaign, ChangeCampaign
from services.consultations.schemas.needs_studies import (
    change_needs_study as change_request,
)
from tests.support.bookings import MANAGER, MEMBER, NOW, RAQQA_DESK, call
from tests.support.campaigns import (
    LASTS,
    STUDY,
    act,
    answer_by_link,
    answers,
    campaign_request,
    close_after,
    link_of,
    open_campaign,
    prepare_campaign,
    seed_studies,
)
from tests.support.consultations import advance, events_of, run_due_deadlines

SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def _study(app: App) -> None:
    seed_studies(app)


def test_a_campaign_ends_by_itself_and_closes_when_paper_has_come(app: App) -> None:
    campaign = open_campaign(app)
    for _ in range(5):
        answer_by_link(app, campaign)
    advance(app, LASTS - SECOND)
    run_due_deadlines(app)
    assert app.campaigns.get(campaign.id).status is CampaignStatus.OPEN
    advance(app, SECOND)
    run_due_deadlines(app)
    assert app.campaigns.get(campaign.id).status is CampaignStatus.COUNTING
    advance(app, PAPER_COMES_LATER)
    run_due_deadlines(app)
    closed = app.campaigns.get(campaign.id)
    assert (closed.status, closed.closed_at) == (CampaignStatus.CLOSED, app.clock.now())
    assert [each["type"] for each in events_of(app, campaign.id)] == [
        "consultations.campaign.created",
        "consultations.campaign.opened",
        "consultations.campaign.changed",
        "consultations.campaign.stopped",
        "consultations.campaign.closed",
    ]


def test_the_event_of_the_end_says_what_is_needed_most_and_names_nobody(app: App) -> None:
    given = [answers(level=1, legal_support=4, report_writing=3) for _ in range(6)]
    closed = close_after(app, given)
    said = events_of(app, closed.id)[-1]["data"]
    assert (said["people"], said["least"], said["most"]) == (6, 1, 4)
    assert said["needs"][:2] == [
        {
            "question_id": "legal_support",
            "topic_id": None,
            "case_kind": "legal",
            "need": 4.0,
            "rank": 1,
        },
        {
            "question_id": "report_writing",
            "topic_id": "report-writing",
            "case_kind": None,
            "need": 3.0,
            "rank": 2,
        },
    ]
    assert len(said["needs"]) == 11


def test_of_few_people_the_event_says_nothing(app: App) -> None:
    closed = close_after(app, [answers() for _ in range(4)])
    said = events_of(app, closed.id)[-1]["data"]
    assert (said["people"], said["needs"]) == (None, [])


def test_a_campaign_that_is_opened_again_takes_answers_until_later(app: App) -> None:
    campaign = open_campaign(app)
    stopped = campaigns.stop_answers(app, call(MANAGER), act(campaign))
    with pytest.raises(errors.Conflict, match="campaign_over"):
        answer_by_link(app, campaign)
    later = app.clock.now() + timedelta(days=30)
    again = campaigns.open_campaign(app, call(MANAGER), act(stopped, closes_at=later))
    advance(app, LASTS)
    run_due_deadlines(app)
    assert app.campaigns.get(campaign.id) == again
    answer_by_link(app, again)


def test_a_cancelled_campaign_ranks_nothing_and_is_gone_for_people(app: App) -> None:
    campaign = open_campaign(app)
    answer_by_link(app, campaign)
    gone = campaigns.cancel_campaign(app, call(MANAGER), act(campaign, reason="تؤجّل"))
    with pytest.raises(errors.NotFound):
        campaigns.get_campaign(app, call(MEMBER), campaign.id)
    with pytest.raises(errors.NotFound, match="campaign_link_unknown"):
        campaign_answers.open_campaign_link(app, call(VISITOR), link_of(app, campaign))
    assert app.campaign_results.page() == []
    history = campaigns.campaign_history(app, call(RAQQA_DESK), ListHistory(gone.id))
    assert [(each.action, each.reason) for each in history][-1] == ("cancel", "تؤجّل")
    with pytest.raises(errors.Conflict, match="campaign_not_allowed_now"):
        campaigns.open_campaign(app, call(MANAGER), act(gone))


@pytest.mark.parametrize(
    ("values", "code", "pointer"),
    [
        ({"study_id": "nothing"}, "unknown_study", "/study_id"),
        ({"centre_ids": ["raqqa", "homs"]}, "unknown_centre", "/centre_ids/1"),
        ({"closes_at": to_wire(NOW)}, "campaign_closes_too_early", "/closes_at"),
        (
            {"closes_at": to_wire(NOW + timedelta(days=367))},
            "campaign_closes_too_late",
            "/closes_at",
        ),
    ],
)
def test_a_campaign_that_cannot_be_is_refused_and_nothing_is_stored(
    app: App, values: dict[str, object], code: str, pointer: str
) -> None:
    command = schemas.create_campaign(campaign_request(**values))
    with pytest.raises(errors.Invalid, match=code) as refused:
        campaigns.create_campaign(app, call(MANAGER), command)
    assert [each.pointer for each in refused.value.errors] == [pointer]
    assert app.campaigns.page() == []


def test_the_same_key_prepares_one_campaign(app: App) -> None:
    command = schemas.create_campaign(campaign_request())
    twice = [campaigns.create_campaign(app, call(MANAGER, "key"), command) for _ in range(2)]
    assert twice[0] == twice[1]
    assert app.campaigns.page() == twice[:1]


def test_a_change_says_which_version_it_changes(app: App) -> None:
    draft = prepare_campaign(app)
    changed = campaigns.change_campaign(
        app, call(MANAGER), ChangeCampaign(draft.id, 1, {"title": {"ar": "الخريف"}}, None)
    )
    assert changed.version == 2
    with pytest.raises(errors.Stale):
        campaigns.open_campaign(app, call(MANAGER), ActOnCampaign(draft.id, 1))


def test_a_new_link_makes_the_one_before_void(app: App) -> None:
    campaign = open_campaign(app)
    first = link_of(app, campaign)
    shown = campaigns.show_campaigns(app, call(RAQQA_DESK), [campaign])[0]
    assert shown.link_token == first
    assert campaigns.show_campaigns(app, call(MEMBER), [campaign])[0].link_token is None
    command = schemas.set_campaign_link(
        {"id": campaign.id, "expected_version": campaign.version, "wanted": True}
    )
    changed = campaigns.set_campaign_link(app, call(RAQQA_DESK), command)
    with pytest.raises(errors.NotFound, match="campaign_link_unknown"):
        campaign_answers.open_campaign_link(app, call(VISITOR), first)
    found = campaign_answers.open_campaign_link(app, call(VISITOR), link_of(app, changed))
    assert found.form.frozen


def test_what_a_campaign_asks_stays_when_the_study_changes(app: App) -> None:
    campaign = open_campaign(app)
    label = {"ar": "القانون", "en": "Law"}
    command = change_request(
        {
            "id": STUDY,
            "expected_version": 1,
            "form": {
                "title": {"ar": "سؤال"},
                "questions": [{"id": "law", "kind": "scale", "label": label}],
            },
            "needs": [{"question_id": "law", "case_kind": "legal"}],
            "centre_question": None,
            "kind_question": None,
        }
    )
    _, form = change_needs_study(app, call(MANAGER), command)
    assert form.edition == 2
    closed = close_after(app, [answers(legal_support=4) for _ in range(5)], campaign)
    found = app.campaign_results.get(closed.id).found
    assert found.needs[0].question_id == "legal_support"
    following = open_campaign(app)
    asked = campaign_answers.get_campaign_form(app, call(MEMBER), following.id).form
    assert [each.id for each in asked.questions] == ["law"]


def test_a_study_that_does_not_fit_its_form_is_not_stored(app: App) -> None:
    needs = [{"question_id": "nothing"}, {"question_id": "obstacles"}]
    command = change_request({"id": STUDY, "expected_version": 1, "needs": needs})
    with pytest.raises(errors.Invalid, match="study_unfit") as refused:
        change_needs_study(app, call(MANAGER), command)
    assert [(each.pointer, each.code) for each in refused.value.errors] == [
        ("/needs/0/question_id", "not_an_answer"),
        ("/needs/1/question_id", "not_an_answer"),
    ]
    assert app.needs_studies.get(STUDY).version == 1
