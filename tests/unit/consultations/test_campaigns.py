"""Campaigns: their states, when answers are taken, and who stands for whom."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.common import errors
from services.common.context import Caller
from services.common.contracts.consultations.campaign_limits import (
    LONGEST_CAMPAIGN,
    PAPER_COMES_LATER,
)
from services.consultations.domain.campaign_states import CampaignStatus
from services.consultations.domain.campaigns import (
    Campaign,
    respondent_of_link,
    respondent_of_sheet,
    works_on,
)
from tests.support.needs import a_study, named

NOW = datetime(2027, 3, 1, 9, tzinfo=UTC)
END = NOW + timedelta(days=14)
SECOND = timedelta(seconds=1)
STUDY = a_study()


def a_campaign(**changes: Any) -> Campaign:
    said: dict[str, Any] = {
        "id": "spring",
        "study_id": "needs",
        "form_id": "needs-form",
        "title": named("Spring"),
        "centre_ids": ("raqqa",),
        "closes_at": END,
        "created_by": "manager",
        "created_at": NOW,
    }
    return Campaign(**said | changes)


def test_a_campaign_opens_takes_paper_after_its_end_and_closes() -> None:
    opened = a_campaign().opened(STUDY, 3, NOW)
    assert (opened.status, opened.edition, opened.due_at) == (CampaignStatus.OPEN, 3, END)
    stopped = opened.stopped(END)
    assert stopped.due_at == END + PAPER_COMES_LATER
    closed = stopped.closed(END + SECOND)
    assert (closed.status, closed.due_at) == (CampaignStatus.CLOSED, None)
    assert closed.version == 4


def test_a_campaign_that_opens_again_keeps_its_edition_and_ends_later() -> None:
    stopped = a_campaign().opened(STUDY, 3, NOW).stopped(END)
    later = END + timedelta(days=7)
    again = stopped.opened(a_study(version=2), 5, END, closes_at=later)
    assert (again.edition, again.study, again.closes_at) == (3, STUDY, later)
    assert again.stopped_at is None
    with pytest.raises(errors.Invalid, match="campaign_closes_too_early"):
        stopped.opened(STUDY, 5, END)


@pytest.mark.parametrize(
    ("act", "to"), [("closed", "closed"), ("stopped", "counting"), ("cancelled", "cancelled")]
)
def test_what_the_table_does_not_allow_says_from_where_to_where(act: str, to: str) -> None:
    closed = a_campaign().opened(STUDY, 1, NOW).stopped(END).closed(END)
    with pytest.raises(errors.Conflict, match="campaign_not_allowed_now") as refused:
        getattr(closed, act)(END)
    assert refused.value.params == {"state": "closed", "to": to}


def test_the_end_lies_ahead_and_within_a_year() -> None:
    draft = a_campaign()
    assert draft.changed({"closes_at": NOW + LONGEST_CAMPAIGN}, NOW).version == 2
    with pytest.raises(errors.Invalid, match="campaign_closes_too_late"):
        draft.changed({"closes_at": NOW + LONGEST_CAMPAIGN + SECOND}, NOW)
    with pytest.raises(errors.Invalid, match="campaign_closes_too_early"):
        draft.changed({"closes_at": NOW}, NOW)


def test_a_change_that_changes_nothing_makes_no_version() -> None:
    draft = a_campaign()
    assert draft.changed({"title": named("Spring")}, NOW) is draft


@pytest.mark.parametrize(
    ("campaign", "at", "online", "on_paper"),
    [
        (a_campaign(), NOW, "not_allowed_now", "not_allowed_now"),
        (a_campaign().opened(STUDY, 1, NOW), END - SECOND, None, None),
        # Before the worker has come to it.
        (a_campaign().opened(STUDY, 1, NOW), END, "campaign_over", None),
        (a_campaign().opened(STUDY, 1, NOW).stopped(NOW), NOW + SECOND, "campaign_over", None),
        (a_campaign().opened(STUDY, 1, NOW).stopped(NOW).closed(NOW), NOW, *["campaign_over"] * 2),
        (a_campaign().opened(STUDY, 1, NOW).cancelled(NOW), NOW, *["not_allowed_now"] * 2),
    ],
)
def test_answers_are_taken_while_it_is_open_and_sheets_until_it_is_closed(
    campaign: Campaign, at: datetime, online: str | None, on_paper: str | None
) -> None:
    for refusal, paper in ((online, False), (on_paper, True)):
        if refusal is None:
            campaign.check_takes(at, on_paper=paper)
        else:
            with pytest.raises(errors.Conflict, match=refusal):
                campaign.check_takes(at, on_paper=paper)


def test_a_link_ends_with_the_campaign() -> None:
    linked = a_campaign().opened(STUDY, 1, NOW).linked("nonce")
    assert linked.stopped(END).link_nonce == "nonce"
    assert linked.stopped(END).closed(END).link_nonce is None
    assert linked.cancelled(END).link_nonce is None


def test_a_page_that_is_sent_twice_is_one_respondent_and_tells_of_nobody() -> None:
    first = respondent_of_link("spring", "key")
    assert first == respondent_of_link("spring", "key")
    assert (
        len({first, respondent_of_link("spring", "other"), respondent_of_link("fall", "key")}) == 3
    )
    assert "key" not in first


def test_a_sheet_is_known_by_its_mark_in_any_letters() -> None:
    assert respondent_of_sheet("R-17") == respondent_of_sheet("r-17")


@pytest.mark.parametrize(
    ("caller", "works"),
    [
        (Caller("manager", roles=frozenset({"manager"})), True),
        (
            Caller("desk", roles=frozenset({"front_desk"}), centres=frozenset({"raqqa"})),
            True,
        ),
        (
            Caller("desk", roles=frozenset({"front_desk"}), centres=frozenset({"tabqa"})),
            False,
        ),
        (Caller("adviser", roles=frozenset({"adviser"})), False),
        (Caller("member"), False),
    ],
)
def test_staff_of_its_centres_work_on_it(caller: Caller, works: bool) -> None:
    assert works_on(caller, a_campaign()) is works
