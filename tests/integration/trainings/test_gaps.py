"""Applicants of one score: the organisation that needs the course most comes first."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.common.contracts.consultations import events as consultations
from services.common.contracts.registry import EventType
from services.common.errors import Permanent
from services.common.events.envelope import CloudEvent
from services.common.ids import new_id
from services.trainings.app import App
from services.trainings.domain.applications import Application
from services.trainings.domain.cohorts import Cohort
from services.trainings.domain.roster import Standing
from services.trainings.operations import selection_rules
from services.trainings.operations.assessment_events import apply_assessments
from services.trainings.operations.selection import waitlist_application
from services.trainings.schemas.applications import ActOnApplication
from services.trainings.schemas.selection import ShortlistBest
from tests.integration.trainings.test_reviews import set_rules
from tests.support.applications import (
    applicant,
    apply,
    approve,
    check_sound,
    offer_seats,
    statuses,
    stored,
)
from tests.support.bookings import NOW, RAQQA_DESK, call
from tests.support.trainings import open_cohort

AGREED, VERIFIED = consultations.ASSESSMENT_AGREED, consultations.ASSESSMENT_VERIFIED


def assessed(
    organisation: str,
    mean: float | None,
    version: int = 2,
    kind: EventType = AGREED,
    **topics: float,
) -> CloudEvent:
    """What consultations publishes of an organisation."""
    data = {
        "assessment_id": f"of-{organisation}",
        "organisation_id": organisation,
        "instrument_id": "capacity-1",
        "family": "capacity",
        "status": kind.name.rpartition(".")[2],
        "held_on": "2026-11-01",
        "mean": mean,
        "domains": [],
        "topics": [{"topic_id": id, "mean": of} for id, of in topics.items()],
        "version": version,
        "changed_by": "adviser",
    }
    kind.check(data)
    return CloudEvent(
        id=new_id(),
        source="/masaha/consultations",
        type=kind.name,
        subject=data["assessment_id"],
        time=NOW,
        dataschema=kind.dataschema,
        data=data,
        aggregate_version=version,
        actor_kind="person",
    )


@pytest.fixture
def cohort(app: App) -> Cohort:
    for each in ("hope", "peace"):
        approve(app, each)
    return set_rules(app, open_cohort(app, mode="selection", capacity=1))


@pytest.fixture
def applied(app: App, cohort: Cohort) -> dict[str, Application]:
    """One application of each of two organisations, and one of none, in this order."""
    return {
        each: apply(app, cohort, applicant(f"of-{each}", None if each == "none" else each))
        for each in ("hope", "none", "peace")
    }


def ranking(app: App, cohort: Cohort) -> list[tuple[str, float | None]]:
    found = selection_rules.cohort_ranking(app, call(RAQQA_DESK), cohort.id)
    return [(each.application.participant_id, each.application.gap) for each in found]


def test_the_larger_gap_comes_first_and_time_decides_between_the_rest(
    app: App, cohort: Cohort, applied: dict[str, Application]
) -> None:
    assert [name for name, _ in ranking(app, cohort)] == ["of-hope", "of-none", "of-peace"]
    apply_assessments(app, [assessed("hope", 3.4), assessed("peace", 2.5)])
    assert ranking(app, cohort) == [("of-peace", 0.5), ("of-hope", 0.2), ("of-none", None)]
    # What was ranked is stored with the decision.
    shortlisted = selection_rules.shortlist_best(
        app, call(RAQQA_DESK), ShortlistBest(cohort.id, 2, None)
    )
    assert [each.gap for each in shortlisted] == [0.5, 0.2]
    assert stored(app, applied["peace"]).gap == 0.5
    # Verified since: the order is another one when seats are offered.
    apply_assessments(app, [assessed("hope", 1.0, 3, VERIFIED)])
    offer_seats(app, cohort, first=1)
    assert statuses(app, cohort)["of-hope"] == "offered"
    check_sound(app, cohort)


def test_a_late_event_and_one_that_counts_no_more_change_nothing(
    app: App, cohort: Cohort, applied: dict[str, Application]
) -> None:
    apply_assessments(app, [assessed("hope", 2.5, 3)])
    apply_assessments(app, [assessed("hope", 1.0, 2), assessed("hope", 2.5, 3)])
    assert ranking(app, cohort)[0] == ("of-hope", 0.5)
    apply_assessments(app, [assessed("hope", 2.5, 4, consultations.ASSESSMENT_WITHDRAWN)])
    assert [gap for _, gap in ranking(app, cohort)] == [None, None, None]


def test_the_queue_is_in_the_order_of_the_gaps(
    app: App, cohort: Cohort, applied: dict[str, Application]
) -> None:
    apply_assessments(app, [assessed("peace", 1.0)])
    offer_seats(app, cohort, applied["none"].id)
    for each in ("hope", "peace"):
        now = stored(app, applied[each])
        waitlist_application(app, call(RAQQA_DESK), ActOnApplication(now.id, now.version))
    roster = check_sound(app, cohort)
    waiting = [each for each in roster.entries if each.standing is Standing.WAITING]
    ranked = sorted(waiting, key=lambda each: each.rank.key)
    assert [each.person_id for each in ranked] == ["of-peace", "of-hope"]


def test_people_who_come_first_are_ranked_by_time_alone(app: App) -> None:
    approve(app, "hope")
    cohort = open_cohort(app, capacity=1)
    apply_assessments(app, [assessed("hope", 1.0)])
    for each in (applicant("one"), applicant("two"), applicant("three", "hope")):
        assert apply(app, cohort, each).gap is None


def test_what_breaks_the_contract_is_permanent(app: App) -> None:
    event = assessed("hope", 2.0)
    with pytest.raises(Permanent):
        apply_assessments(app, [replace(event, data={**event.data, "mean": "high"})])
    assert app.assessments.page() == []
