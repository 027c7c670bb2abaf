"""Assessments on the real database: agreed, verified, compared; and what is recommended by them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from services.common import errors
from services.common.context import Caller
from services.consultations.app import App
from services.consultations.domain.assessment_states import AssessmentStatus
from services.consultations.domain.instruments import ItemLink
from services.consultations.domain.recommendation_states import RecommendationStatus
from services.consultations.operations import assessments
from services.consultations.schemas import assessments as schemas
from tests.support.assessments import agree, enter, note, seed_instrument, start, verify
from tests.support.bookings import REPRESENTATIVE, call
from tests.support.consultations import HUDA, advance, events_of
from tests.support.racing import contend

STATUS = RecommendationStatus


@pytest.fixture(autouse=True)
def instrument(app: App) -> None:
    seed_instrument(app)


def withdraw(app: App, assessment: Any) -> None:
    command = schemas.WithdrawAssessment(assessment.id, assessment.version, "خطأ في الإدخال")
    assessments.withdraw_assessment(app, call(HUDA), command)


def targets(app: App, status: RecommendationStatus) -> list[str]:
    return [each.target.id for each in app.recommendations.page({"status": status.value})]


def test_agreed_scores_are_published_as_means_and_recommended_by(app: App) -> None:
    agreed = agree(app, priorities=[{"domain_id": "finance", "urgency": 4, "readiness": 3}])
    *_, event = events_of(app, agreed.id)
    assert event["type"] == "consultations.assessment.agreed"
    assert event["data"]["mean"] == 2.25
    assert event["data"]["domains"] == [
        {"domain_id": "finance", "mean": 1.5},
        {"domain_id": "people", "mean": 3.0},
    ]
    assert event["data"]["topics"] == [
        {"topic_id": "financial-management", "mean": 1.5},
        {"topic_id": "human-resources", "mean": 3.0},
    ]
    first = next(e for e in app.recommendations.page({}) if e.rank == 1)
    assert (first.target.id, first.items) == ("technical", {"budget": 2, "cash": 1})
    assert (first.terms.gap, first.terms.urgency, first.terms.readiness) == (83, 100, 75)
    assert targets(app, STATUS.PROPOSED) == ["technical", "financial-management"]


def test_the_history_has_scores_and_no_words_of_the_conversation(app: App) -> None:
    draft = start(app)
    request = {
        "id": draft.id,
        "expected_version": 1,
        "scores": [{"item_id": "cash", "score": 2, "remark": "لا أحد يراجع الصندوق"}],
    }
    command = schemas.change_assessment(request)
    assessments.change_assessment(app, call(REPRESENTATIVE), command)
    entries = list(app.database.collection("history").find({}))
    assert "الصندوق" not in str(entries)
    assert "cash" in str(entries)


def test_verified_scores_take_the_place_of_the_agreed_ones_and_of_their_proposals(
    app: App,
) -> None:
    agreed = agree(app)
    before = {each.id for each in app.recommendations.page({})}
    verified = verify(app, agreed, {"budget": 3, "cash": 3, "roles": 1})
    assert verified.status is AssessmentStatus.VERIFIED
    assert events_of(app, agreed.id)[-1]["data"]["mean"] == 2.0
    assert {each.status for each in app.recommendations.page({}) if each.id in before} == {
        STATUS.SUPERSEDED
    }
    assert targets(app, STATUS.PROPOSED) == ["planning", "human-resources"]


def test_a_withdrawn_assessment_takes_its_proposals_with_it(app: App) -> None:
    withdraw(app, agree(app))
    assert targets(app, STATUS.PROPOSED) == []


def test_a_withdrawn_draft_leaves_the_proposals_of_others(app: App) -> None:
    agree(app)
    withdraw(app, start(app))
    assert targets(app, STATUS.PROPOSED) != []


def test_there_is_one_draft_at_a_time_whatever_races(app: App) -> None:
    outcomes = contend(*[partial(start, app) for _ in range(6)])
    drafts = app.assessments.page({})
    assert len(drafts) == 1
    refused = [each for each in outcomes if isinstance(each, errors.MasahaError)]
    assert [(each.code, each.extra) for each in refused] == [
        ("consultations.assessment_open", {"assessment_id": drafts[0].id})
    ] * 5


def test_the_same_key_begins_one_assessment(app: App) -> None:
    command = schemas.start_assessment(
        {
            "organisation_id": "amal",
            "instrument_id": "capacity-1",
            "held_on": "2026-11-01",
            "people": 3,
        }
    )
    keyed = call(REPRESENTATIVE, key="one")
    first, _ = assessments.start_assessment(app, keyed, command)
    again, _ = assessments.start_assessment(app, keyed, command)
    assert again == first


@pytest.mark.parametrize(
    ("scores", "code"),
    [
        ([{"item_id": "cash", "score": 5}], "range"),
        ([{"item_id": "cash", "score": 0}], "range"),
    ],
)
def test_a_score_outside_the_scale_is_no_request(scores: list[Any], code: str) -> None:
    faults = schemas.contract.AssessmentChanges().validate({"scores": scores})
    assert "score" in faults["scores"][0]


def test_a_refused_change_changes_nothing(app: App) -> None:
    draft = enter(app, start(app), {"cash": 2})
    with pytest.raises(errors.Invalid):
        enter(app, draft, {"budget": 1, "nothing": 1})
    with pytest.raises(errors.Stale):
        enter(app, replace(draft, version=draft.version - 1), {"budget": 1})
    assert app.assessments.get(draft.id) == draft


def test_nobody_verifies_their_own_organisation(app: App) -> None:
    own = Caller(id="huda", roles=frozenset({"adviser"}), organisations={"amal": "representative"})
    agreed = agree(app)
    with pytest.raises(errors.Forbidden):
        note(app, agreed, {"cash": 1}, caller=own)
    assert app.assessments.get(agreed.id) == agreed


def test_a_score_with_nothing_to_show_for_it_is_not_verified(app: App) -> None:
    agreed = agree(app)
    with pytest.raises(errors.Invalid) as refused:
        note(app, agreed, {"cash": 2}, evidence=None)
    assert refused.value.code == "consultations.evidence_missing"
    assert note(app, agreed, {"cash": 1}, evidence=None).version == agreed.version + 1


def compare(app: App, later: Any, earlier: Any) -> Any:
    query = schemas.CompareAssessments(later.id, earlier.id)
    return assessments.compare_assessments(app, call(REPRESENTATIVE), query)


def test_a_later_assessment_is_compared_over_items_that_stand_for_each_other(app: App) -> None:
    first = agree(app)
    seed_instrument(
        app,
        id="capacity-2",
        edition=2,
        earlier_id="capacity-1",
        links=(ItemLink("budget", "budget"), ItemLink("pay", "pay")),
    )
    second = agree(app, {"budget": 4, "cash": 4, "roles": 4, "pay": 4}, instrument_id="capacity-2")
    found = compare(app, second, first)
    assert [(each.domain_id, each.before, each.after) for each in found.domains] == [
        ("finance", 2, 4)
    ]
    assert found.left_out == ("cash", "roles", "pay")
    with pytest.raises(errors.Conflict) as refused:
        compare(app, first, second)
    assert refused.value.code == "consultations.not_comparable"


def test_nothing_is_compared_with_itself_or_with_a_later_one(app: App) -> None:
    first = agree(app)
    advance(app, timedelta(days=1))
    second = agree(app, {"budget": 4, "cash": 4, "roles": 4, "pay": 4})
    assert compare(app, second, first).change > 0
    for later, earlier in ((first, second), (second, second)):
        with pytest.raises(errors.Invalid, match="not_earlier") as refused:
            compare(app, later, earlier)
        assert [each.pointer for each in refused.value.errors] == ["/earlier_id"]


def test_a_draft_is_not_compared(app: App) -> None:
    first, draft = agree(app), start(app)
    with pytest.raises(errors.Conflict) as refused:
        compare(app, draft, first)
    assert refused.value.params == {"state": "draft", "to": "compare"}
