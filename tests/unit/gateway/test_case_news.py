"""News of cases: each is read in words, in every language."""

from __future__ import annotations

import pytest

from gateway.web.problems import texts
from services.common.contracts.consultations import events
from services.common.contracts.consultations.news import CASE_NEWS
from services.common.contracts.registry import EventType
from services.common.languages import LANGUAGES
from services.consultations.domain.case_states import CaseAction
from services.consultations.domain.news import check_is_news
from services.consultations.domain.referrals import ReferralAction
from services.consultations.domain.time_limits import Alarm, Limited

# Nobody gets news of these: others read them in the log, or an adviser alone.
SILENT = {"visit_grouped"}
FACTS = {
    each.name.removeprefix("consultations.").replace(".", "_")
    for each in vars(events).values()
    if isinstance(each, EventType)
    and each.name.startswith(
        ("consultations.appointment.", "consultations.visit.", "consultations.plan.")
    )
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_piece_of_news_has_a_text_of_its_own(language: str) -> None:
    said = [texts.text(f"news.{each}", language) for each in CASE_NEWS]
    assert all(said)
    # What time began and what a person began read the same.
    assert len(set(said)) == len(said) - 1


def test_what_happens_to_cases_meetings_and_plans_is_news() -> None:
    acts = {CaseAction.SEAL, CaseAction.UNSEAL, CaseAction.BREAK_GLASS}
    referrals = {f"referral_{each}" for each in ReferralAction}
    alarms = {f"{what}_{alarm}" for what in Limited for alarm in Alarm}
    assert set(CASE_NEWS) >= (FACTS - SILENT) | acts | referrals | alarms


def test_a_fact_without_a_text_is_refused_before_it_is_stored() -> None:
    with pytest.raises(ValueError, match="CASE_NEWS"):
        check_is_news("case_painted")
