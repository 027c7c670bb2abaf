"""Who represents an organisation is asked to answer a campaign, by a link that counts once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from services.common import errors
from services.common.clock import to_wire
from services.common.context import VISITOR
from services.common.directory.organisations import Organisation
from services.common.directory.people import Membership
from services.common.forms.questions import Submission
from services.common.personal_data import Erasure
from services.common.storage.deadlines import Deadline
from services.common.storage.leases import LeaseLost
from services.common.storage.mongo import Session
from services.consultations.app import App
from services.consultations.domain.campaign_requests import REQUEST_PURPOSE
from services.consultations.domain.campaigns import Campaign
from services.consultations.domain.deadlines import DeadlineKind
from services.consultations.operations import campaign_answers, campaign_requests, campaigns
from services.consultations.operations.personal_data import erase
from services.consultations.schemas import campaigns as schemas
from tests.integration.consultations.test_action_plans import keep_hours
from tests.support.bookings import MANAGER, REPRESENTATIVE, call
from tests.support.campaigns import LASTS, act, answer, answers, open_campaign, seed_studies
from tests.support.consultations import advance, run_due_deadlines

SENT, REMINDED, WITHDRAWN = (
    f"consultations.campaign_request.{each}" for each in ("sent", "reminded", "withdrawn")
)


@pytest.fixture(autouse=True)
def _studies(app: App) -> None:
    seed_studies(app)


def put(app: App, organisation_id: str, people: Iterable[str], status: str = "approved") -> None:
    """An organisation, represented by these people; one member more is no representative."""

    def work(session: Session) -> None:
        facts = [Organisation(organisation_id, 1, {"ar": organisation_id}, status)]
        app.directory.put_organisations(session, facts)
        roles = [*((each, "representative") for each in people), ("just-a-member", "member")]
        rows = [Membership(organisation_id, who, 1, role, active=True) for who, role in roles]
        app.directory.put_memberships(session, rows)

    app.database.transact(work)


def events_to(app: App, event_type: str) -> list[str]:
    """Who gets a message of a type, in order of ids."""
    found = app.database.collection("outbox").find({"event.type": event_type})
    return sorted(each["event"]["data"]["person_id"] for each in found)


def token_of(app: App, campaign: Campaign, person_id: str) -> str:
    """The token of a person's own link, as notifications makes it from the event."""
    [event] = [
        each["event"]["data"]
        for each in app.database.collection("outbox").find({"event.type": SENT})
        if each["event"]["data"]["person_id"] == person_id
        and each["event"]["data"]["campaign_id"] == campaign.id
    ]
    assert event["link_purpose"] == REQUEST_PURPOSE
    return app.links.lasting_token(event["link_purpose"], event["request_id"], campaign.id)


def answer_own(app: App, token: str, **values: Any) -> Submission:
    command = schemas.answer_campaign_link(answers(token=token, **values))
    return campaign_answers.answer_campaign_link(app, call(VISITOR, app.new_id()), command)


def test_who_represents_an_approved_organisation_is_asked_once(app: App) -> None:
    put(app, "women", ["lina", "mona"])
    put(app, "youth", ["omar", "lina"])
    put(app, "farmers", ["fadi"], status="pending")
    known = set(events_to(app, SENT))
    campaign = open_campaign(app)
    for _ in range(3):
        run_due_deadlines(app)
    asked = events_to(app, SENT)
    assert {"lina", "mona", "omar"} <= set(asked) - known
    assert len(asked) == len(set(asked))
    assert not {"fadi", "just-a-member"} & set(asked)
    [lina] = app.campaign_requests.of_person("lina")
    assert (lina.campaign_id, lina.organisation_id) == (campaign.id, "women")


def test_many_are_asked_a_few_at_a_time_whatever_dies_between(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(campaign_requests, "AT_ONCE", 2)
    put(app, "women", [f"person-{n}" for n in range(7)])
    campaign = open_campaign(app)
    lost = Deadline(DeadlineKind.CAMPAIGN_REQUESTS, campaign.id, app.clock.now(), {}, 1, "dead")
    with pytest.raises(LeaseLost):
        campaign_requests.update_requests(app, lost)
    assert events_to(app, SENT) == []
    run_due_deadlines(app)
    asked = events_to(app, SENT)
    assert {f"person-{n}" for n in range(7)} <= set(asked)
    assert len(asked) == len(set(asked))


def test_a_link_of_ones_own_counts_once_and_with_the_account(app: App) -> None:
    put(app, "women", ["lina"])
    campaign = open_campaign(app)
    run_due_deadlines(app)
    token = token_of(app, campaign, "lina")
    seen = campaign_answers.open_campaign_link(app, call(VISITOR), token)
    assert (seen.campaign.id, seen.answered) == (campaign.id, False)
    first = answer_own(app, token)
    # Sent again, on another page with another key, it is the same.
    assert answer_own(app, token).id == first.id
    assert first.respondent == "lina"
    with pytest.raises(errors.Conflict, match="answered_already"):
        answer_own(app, token, level=4)
    assert campaign_answers.open_campaign_link(app, call(VISITOR), token).answered
    assert app.campaigns.answers_to([campaign.id]) == {campaign.id: 1}


def test_who_has_answered_with_the_account_does_not_count_again_by_link(app: App) -> None:
    put(app, "women", [REPRESENTATIVE.id])
    campaign = open_campaign(app)
    run_due_deadlines(app)
    answer(app, campaign, REPRESENTATIVE, "key")
    token = token_of(app, campaign, REPRESENTATIVE.id)
    assert campaign_answers.open_campaign_link(app, call(VISITOR), token).answered
    with pytest.raises(errors.Conflict, match="answered_already"):
        answer_own(app, token, level=4)
    assert app.campaigns.answers_to([campaign.id]) == {campaign.id: 1}


def test_before_the_end_who_has_not_answered_is_reminded_once_in_working_time(app: App) -> None:
    keep_hours(app)
    put(app, "women", ["lina", "mona"])
    campaign = open_campaign(app)
    run_due_deadlines(app)
    answer_own(app, token_of(app, campaign, "mona"))
    # Three days before the end it is Friday, and the centre opens on Sunday at nine.
    for passed in (LASTS - timedelta(days=3, seconds=1), timedelta(hours=2), timedelta(hours=46)):
        assert events_to(app, REMINDED) == []
        advance(app, passed)
        run_due_deadlines(app)
    assert events_to(app, REMINDED) == []
    advance(app, timedelta(seconds=1))
    for _ in range(3):
        run_due_deadlines(app)
    reminded = events_to(app, REMINDED)
    assert "lina" in reminded
    assert "mona" not in reminded
    assert len(reminded) == len(set(reminded))


def test_many_are_reminded_a_few_at_a_time(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(campaign_requests, "AT_ONCE", 2)
    put(app, "women", [f"person-{n}" for n in range(7)])
    campaign = open_campaign(app)
    run_due_deadlines(app)
    for number in (0, 1, 2):
        answer_own(app, token_of(app, campaign, f"person-{number}"))
    advance(app, LASTS - timedelta(days=2))
    run_due_deadlines(app)
    reminded = events_to(app, REMINDED)
    assert {f"person-{n}" for n in (3, 4, 5, 6)} <= set(reminded)
    assert not {f"person-{n}" for n in (0, 1, 2)} & set(reminded)
    assert len(reminded) == len(set(reminded))


def test_a_later_end_is_reminded_of_for_itself_and_asks_nobody_again(app: App) -> None:
    put(app, "women", ["lina"])
    campaign = open_campaign(app)
    run_due_deadlines(app)
    advance(app, LASTS - timedelta(days=2))
    run_due_deadlines(app)
    before = campaigns.get_campaign(app, call(MANAGER), campaign.id)
    later = to_wire(app.clock.now() + timedelta(days=10))
    command = schemas.change_campaign(
        {"id": before.id, "expected_version": before.version, "closes_at": later}
    )
    campaigns.change_campaign(app, call(MANAGER), command)
    run_due_deadlines(app)
    assert events_to(app, REMINDED).count("lina") == 1
    advance(app, timedelta(days=8))
    run_due_deadlines(app)
    assert events_to(app, REMINDED).count("lina") == 2
    assert events_to(app, SENT).count("lina") == 1
    answer_own(app, token_of(app, campaign, "lina"))


@pytest.mark.parametrize("how", ["stop", "cancel"])
def test_what_takes_no_answers_asks_and_reminds_nobody(app: App, how: str) -> None:
    put(app, "women", ["lina"])
    campaign = open_campaign(app)
    act_on(app, how, campaign)
    run_due_deadlines(app)
    advance(app, LASTS - timedelta(days=1))
    run_due_deadlines(app)
    assert events_to(app, SENT) == events_to(app, REMINDED) == []


@pytest.mark.parametrize("how", ["stop", "cancel"])
def test_what_asks_for_answers_is_withdrawn_when_none_are_taken(
    app: App, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    monkeypatch.setattr(campaign_requests, "AT_ONCE", 2)
    people = [f"person-{n}" for n in range(5)]
    put(app, "women", people)
    campaign = open_campaign(app)
    run_due_deadlines(app)
    act_on(app, how, campaign)
    for _ in range(2):
        run_due_deadlines(app)
    withdrawn = events_to(app, WITHDRAWN)
    assert set(people) <= set(withdrawn)
    assert len(withdrawn) == len(set(withdrawn))


def test_a_campaign_that_opens_again_asks_again_who_has_not_answered(app: App) -> None:
    put(app, "women", ["lina", "mona"])
    campaign = open_campaign(app)
    run_due_deadlines(app)
    token = token_of(app, campaign, "lina")
    answer_own(app, token_of(app, campaign, "mona"))
    act_on(app, "stop", campaign)
    run_due_deadlines(app)
    put(app, "women", ["new"])
    stopped = campaigns.get_campaign(app, call(MANAGER), campaign.id)
    later = to_wire(app.clock.now() + timedelta(days=20))
    again = schemas.open_campaign(
        {"id": stopped.id, "expected_version": stopped.version, "closes_at": later}
    )
    campaigns.open_campaign(app, call(MANAGER), again)
    for _ in range(2):
        run_due_deadlines(app)
    asked = events_to(app, SENT)
    assert (asked.count("lina"), asked.count("mona"), asked.count("new")) == (2, 1, 1)
    # The link of the first mail works.
    answer_own(app, token)


def act_on(app: App, how: str, campaign: Campaign) -> None:
    """A manager stops or cancels a campaign."""
    if how == "stop":
        campaigns.stop_answers(app, call(MANAGER), act(campaign))
    else:
        campaigns.cancel_campaign(app, call(MANAGER), act(campaign, reason="لا وقت"))


def test_a_link_of_another_purpose_or_campaign_opens_nothing(app: App) -> None:
    put(app, "women", ["lina"])
    campaign, other = open_campaign(app), open_campaign(app)
    run_due_deadlines(app)
    request = next(
        each for each in app.campaign_requests.of_person("lina") if each.campaign_id == campaign.id
    )
    for purpose, nonce in (("campaign", campaign.id), (REQUEST_PURPOSE, other.id)):
        token = app.links.lasting_token(purpose, request.id, nonce)
        with pytest.raises(errors.NotFound, match="campaign_link_unknown"):
            campaign_answers.open_campaign_link(app, call(VISITOR), token)


def test_after_the_end_the_link_says_so_and_thanks_who_has_answered(app: App) -> None:
    put(app, "women", ["lina", "mona"])
    campaign = open_campaign(app)
    run_due_deadlines(app)
    mine, late = (token_of(app, campaign, each) for each in ("lina", "mona"))
    answer_own(app, mine)
    advance(app, LASTS)
    assert campaign_answers.open_campaign_link(app, call(VISITOR), mine).answered
    with pytest.raises(errors.Conflict, match="campaign_over"):
        campaign_answers.open_campaign_link(app, call(VISITOR), late)
    with pytest.raises(errors.Conflict, match="campaign_over"):
        answer_own(app, late)


def test_an_erasure_makes_the_link_void_and_keeps_the_numbers(app: App) -> None:
    put(app, "women", ["lina"])
    campaign = open_campaign(app)
    run_due_deadlines(app)
    token = token_of(app, campaign, "lina")
    answer_own(app, token)
    app.database.transact(partial(erase, app, erasure=Erasure("lina", 9)))
    with pytest.raises(errors.NotFound, match="campaign_link_unknown"):
        campaign_answers.open_campaign_link(app, call(VISITOR), token)
    assert app.campaigns.answers_to([campaign.id]) == {campaign.id: 1}
