"""Recommendations on the real database: decided by a person, followed by what came of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from services.common import errors
from services.common.events.envelope import CloudEvent
from services.consultations.app import App
from services.consultations.domain.recommendation_states import RecommendationStatus
from services.consultations.domain.recommendations import Outcome, Recommendation, Target
from services.consultations.operations import recommendations
from services.consultations.operations.loop_events import apply_loop_events
from services.consultations.schemas import recommendations as schemas
from tests.support.assessments import agree, seed_instrument
from tests.support.bookings import NOW, call
from tests.support.campaigns import answers, close_after, seed_studies
from tests.support.consultations import HUDA, events_of, submit, submit_confidential

Decide = Callable[..., Recommendation]
STATUS = RecommendationStatus


@pytest.fixture
def finance(app: App) -> Recommendation:
    """A proposed training in finance."""
    seed_instrument(app)
    agree(app)
    return app.recommendations.page({"target.id": "financial-management"})[0]


def decide(app: App, how: str, recommendation: Recommendation, **values: Any) -> Recommendation:
    command = schemas.DecideRecommendation(
        recommendation.id, recommendation.version, values.get("reason")
    )
    operation: Decide = getattr(recommendations, f"{how}_recommendation")
    return operation(app, call(HUDA), command)


def event(type: str, subject: str, version: int, **data: Any) -> CloudEvent:
    return CloudEvent(
        id=f"{subject}-{version}",
        source=f"/masaha/{type.partition('.')[0]}",
        type=type,
        subject=subject,
        time=NOW + timedelta(days=version),
        dataschema="/schemas/x/1",
        data=data,
        aggregate_version=version,
        actor_kind="person",
    )


def application(status: str, version: int, id: str = "p1", **data: Any) -> CloudEvent:
    said = {
        "application_id": id,
        "organisation_id": "amal",
        "topic_id": "financial-management",
        "status": status,
    }
    return event(f"trainings.application.{status}", id, version, **said | data)


def case(status: str, version: int, id: str = "c1", **data: Any) -> CloudEvent:
    said = {"case_id": id, "organisation_id": "amal", "kind_id": "technical", "status": status}
    fact = {"closed": "closed"}.get(status, "changed")
    return event(f"consultations.case.{fact}", id, version, **said | data)


def test_a_person_approves_with_a_reason_or_without(app: App, finance: Recommendation) -> None:
    approved = decide(app, "approve", finance)
    assert (approved.status, approved.decided_by) == (STATUS.APPROVED, "huda")
    assert events_of(app, finance.id)[-1]["type"] == "consultations.recommendation.approved"
    with pytest.raises(errors.Conflict) as refused:
        decide(app, "decline", approved, reason="سبب")
    assert refused.value.params == {"state": "approved", "to": "declined"}
    ended = decide(app, "end", approved, reason="تغيّرت الأولويات")
    assert (ended.status, ended.reason) == (STATUS.LAPSED, "تغيّرت الأولويات")


def test_what_came_of_an_approved_one_is_counted_once_each(
    app: App, finance: Recommendation
) -> None:
    decide(app, "approve", finance)
    apply_loop_events(app, [application("enrolled", 2), application("enrolled", 2, "p2")])
    assert app.recommendations.get(finance.id).status is STATUS.UNDER_WAY
    arrived = [application("completed", 5), application("not_completed", 4, "p2")]
    apply_loop_events(app, arrived)
    apply_loop_events(app, [*arrived, application("enrolled", 2)])
    found = app.recommendations.get(finance.id)
    assert (found.status, found.outcome) == (STATUS.ACHIEVED, Outcome(0, 1, 1))
    # A corrected attendance takes the only completion back.
    apply_loop_events(app, [application("not_completed", 6)])
    found = app.recommendations.get(finance.id)
    assert (found.status, found.outcome) == (STATUS.UNDER_WAY, Outcome(0, 0, 2))
    assert events_of(app, finance.id)[-1]["data"]["status"] == "under_way"


def test_an_older_event_that_comes_late_changes_nothing(app: App, finance: Recommendation) -> None:
    decide(app, "approve", finance)
    apply_loop_events(app, [application("completed", 5)])
    apply_loop_events(app, [application("enrolled", 2)])
    assert app.recommendations.get(finance.id).outcome == Outcome(0, 1, 0)


@pytest.mark.parametrize(
    "data",
    [{"organisation_id": "furat"}, {"organisation_id": None}, {"topic_id": "report-writing"}],
)
def test_what_others_do_moves_none(app: App, finance: Recommendation, data: dict[str, Any]) -> None:
    decide(app, "approve", finance)
    apply_loop_events(app, [application("completed", 5, **data)])
    assert app.recommendations.get(finance.id).outcome == Outcome()


def test_nothing_comes_of_what_nobody_has_approved(app: App, finance: Recommendation) -> None:
    apply_loop_events(app, [application("completed", 5)])
    assert app.recommendations.get(finance.id) == finance


def test_a_consultation_is_followed_by_its_case(app: App, finance: Recommendation) -> None:
    technical = app.recommendations.page({"target.id": "technical"})[0]
    decide(app, "approve", technical)
    apply_loop_events(app, [case("submitted", 1), case("in_progress", 4)])
    assert app.recommendations.get(technical.id).outcome == Outcome(begun=1)
    apply_loop_events(app, [case("closed", 9)])
    found = app.recommendations.get(technical.id)
    assert (found.status, found.outcome) == (STATUS.ACHIEVED, Outcome(completed=1))


@pytest.mark.parametrize("late", [False, True])
def test_a_case_that_is_sealed_is_forgotten(app: App, finance: Recommendation, late: bool) -> None:
    technical = app.recommendations.page({"target.id": "technical"})[0]
    decide(app, "approve", technical)
    gone = event("consultations.case.gone", "c1", 6, case_id="c1")
    begun = case("in_progress", 4)
    for each in [gone, begun] if late else [begun, gone]:
        apply_loop_events(app, [each])
    assert app.recommendations.get(technical.id).outcome == Outcome()
    apply_loop_events(app, [case("in_progress", 7)])
    assert app.recommendations.get(technical.id).outcome == Outcome(begun=1)


@pytest.mark.parametrize("fact", ["limit_warned", "referred"])
def test_what_else_befalls_a_case_is_left_alone(app: App, fact: str) -> None:
    apply_loop_events(app, [event(f"consultations.case.{fact}", "c1", 3, case_id="c1")])


def test_what_is_pursued_is_not_proposed_again(app: App, finance: Recommendation) -> None:
    decide(app, "approve", finance)
    agree(app, {"budget": 1, "cash": 1, "roles": 4, "pay": 4})
    proposed = app.recommendations.page({"status": "proposed"})
    assert [(each.target.id, each.rank) for each in proposed] == [("technical", 1)]
    assert app.recommendations.get(finance.id).status is STATUS.APPROVED


# -- from a needs study -----------------------------------------------------------------------


def campaign(id: str, *needs: tuple[str | None, str | None, float], version: int = 3) -> CloudEvent:
    said = [
        {"question_id": f"q{n}", "topic_id": topic, "case_kind": kind, "need": need, "rank": n}
        for n, (topic, kind, need) in enumerate(needs, 1)
    ]
    data = {"campaign_id": id, "least": 1, "most": 5, "people": 40, "needs": said}
    return event("consultations.campaign.closed", id, version, **data)


def propose(app: App, key: str | None = None, centre_id: str | None = None) -> list[Recommendation]:
    command = schemas.ProposeFromNeeds("amal", centre_id)
    return recommendations.propose_from_study(app, call(HUDA, key=key), command)


def test_recommendations_begin_with_what_the_newest_study_found(app: App) -> None:
    apply_loop_events(
        app,
        [
            campaign("new", ("human-resources", None, 4.2), (None, "planning", 3.0), version=5),
            campaign("old", ("report-writing", None, 5.0)),
            campaign("silent", version=9),
        ],
    )
    found = propose(app, key="one")
    assert [(each.target, each.terms.gap, each.origin_id) for each in found] == [
        (Target(found[0].target.help, "human-resources"), 80, "new"),
        (Target(found[1].target.help, "planning"), 50, "new"),
    ]
    assert propose(app, key="one") == found


def test_an_assessed_organisation_has_no_need_of_a_study(app: App, finance: Recommendation) -> None:
    apply_loop_events(app, [campaign("new", ("human-resources", None, 4.2))])
    with pytest.raises(errors.Conflict) as refused:
        propose(app)
    assert refused.value.code == "consultations.already_assessed"
    assert refused.value.extra == {"assessment_id": finance.origin_id}


def test_without_a_study_there_is_nothing_to_begin_with(app: App) -> None:
    with pytest.raises(errors.Conflict) as refused:
        propose(app)
    assert refused.value.code == "consultations.no_needs_known"


def test_the_needs_of_the_organisations_centre_count(app: App) -> None:
    """In Raqqa people need report writing, in Tabqa advocacy."""
    seed_studies(app)
    given = [answers(level=1, report_writing=4) for _ in range(6)]
    given += [answers(centre="tabqa", level=1, mobilisation_advocacy=4) for _ in range(6)]
    closed = close_after(app, given)
    told = events_of(app, closed.id)[-1]
    data = {name: value for name, value in told["data"].items() if name != "version"}
    apply_loop_events(app, [event(told["type"], closed.id, closed.version, **data)])

    def first(**values: Any) -> str:
        return propose(app, **values)[0].target.id

    assert first(centre_id="raqqa") == "report-writing"
    assert first(centre_id="tabqa") == "mobilisation-advocacy"
    submit_confidential(app, centre_id="raqqa")
    submit(app, centre_id="tabqa")
    submit_confidential(app, centre_id="raqqa")
    assert first() == "mobilisation-advocacy"
    with pytest.raises(errors.Invalid, match="unknown_centre"):
        propose(app, centre_id="aleppo")
