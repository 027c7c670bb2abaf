"""Reviews: scored by those who are asked, never of one's own; ranked, and shortlisted."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from services.common import errors
from services.common.context import Caller
from services.trainings.app import App
from services.trainings.domain.applications import Application
from services.trainings.domain.cohorts import Cohort
from services.trainings.operations import reviewing, selection_rules
from services.trainings.operations.personal_data import export
from services.trainings.schemas import selection as schemas
from tests.support.applications import (
    applicant,
    apply,
    erase,
    nominate,
    offer_seats,
    shortlist,
    statuses,
    withdraw,
)
from tests.support.bookings import RAQQA_DESK, call
from tests.support.racing import contend
from tests.support.trainings import announce, know, open_cohort, prepare, selection_request

OMAR, HUDA = applicant("omar"), applicant("huda")


def set_rules(app: App, cohort: Cohort, **values: Any) -> Cohort:
    request = {"id": cohort.id, "expected_version": cohort.version, **selection_request(**values)}
    return selection_rules.set_selection(app, call(RAQQA_DESK), schemas.set_selection(request))


def set_reviewers(app: App, cohort: Cohort, *names: str) -> Cohort:
    request = {"id": cohort.id, "expected_version": cohort.version, "person_ids": list(names)}
    return selection_rules.set_reviewers(app, call(RAQQA_DESK), schemas.set_reviewers(request))


def reviewed_cohort(app: App, **values: Any) -> Cohort:
    """A cohort with a selection, which Omar and Huda review."""
    know(app, "omar", "huda")
    cohort = open_cohort(app, mode="selection", capacity=2)
    return set_reviewers(app, set_rules(app, cohort, **values), "omar", "huda")


def score(app: App, application: Application, who: Caller, **scores: int | None) -> Any:
    command = schemas.put_review({"id": application.id, "scores": scores})
    return reviewing.put_review(app, call(who), command)


def tasks(app: App, cohort: Cohort, who: Caller, **query: Any) -> list[str]:
    listed = schemas.list_review_tasks({"cohort_id": cohort.id, **query})
    return [each.application_id for each in reviewing.find_review_tasks(app, call(who), listed)]


def totals(app: App, cohort: Cohort) -> list[tuple[str, float | None]]:
    ranked = selection_rules.cohort_ranking(app, call(RAQQA_DESK), cohort.id)
    return [(each.application.participant_id, each.score.total) for each in ranked]


def test_a_reviewer_sees_what_is_left_to_review(app: App) -> None:
    cohort = reviewed_cohort(app)
    first, second, third = [apply(app, cohort, applicant(name)) for name in ("a", "b", "c")]
    assert tasks(app, cohort, OMAR) == [first.id, second.id, third.id]
    score(app, second, OMAR, need=4, plan=3)
    withdraw(app, third)
    assert tasks(app, cohort, OMAR) == [first.id]
    assert tasks(app, cohort, OMAR, reviewed=True) == [second.id]
    assert tasks(app, cohort, HUDA) == [first.id, second.id]
    assert tasks(app, cohort, HUDA, limit=1, after=[first.id]) == [second.id]


def test_scores_make_the_ranking_and_the_shortlist_and_the_order_of_offers(app: App) -> None:
    cohort = reviewed_cohort(app, reviews=2)
    people = [apply(app, cohort, applicant(name)) for name in ("a", "b", "c", "d")]
    for application, need in zip(people, (2, 5, 4, 1), strict=True):
        for reviewer in (OMAR, HUDA):
            score(app, application, reviewer, need=need, plan=need)
    assert totals(app, cohort) == [("b", 100.0), ("c", 80.0), ("a", 40.0), ("d", 20.0)]
    command = schemas.shortlist_best({"cohort_id": cohort.id, "most": 3, "least_score": 30})
    both = [selection_rules.shortlist_best(app, call(RAQQA_DESK, "one"), command) for _ in range(2)]
    assert [each.participant_id for each in both[0]] == ["b", "c", "a"]
    assert both[0] == both[1]
    former = replace(RAQQA_DESK, roles=frozenset(), centres=frozenset())
    with pytest.raises(errors.Forbidden):
        selection_rules.shortlist_best(app, call(former, "one"), command)
    assert [each.participant_id for each in offer_seats(app, cohort, first=3)] == ["b", "c", "a"]
    assert statuses(app, cohort) == {
        "a": "waitlisted",
        "b": "offered",
        "c": "offered",
        "d": "submitted",
    }
    roster = app.cohorts.get(cohort.id).roster
    assert roster is not None
    assert {each.person_id: each.rank.score for each in roster.entries} == {
        "a": 40.0,
        "b": 100.0,
        "c": 80.0,
    }


def test_the_ranking_says_what_a_score_is_made_of_and_what_is_missing(app: App) -> None:
    cohort = reviewed_cohort(app, reviews=2)
    application = apply(app, cohort, applicant("a"))
    score(app, application, OMAR, need=5, plan=3)
    score(app, application, HUDA, need=4, plan=None)
    (ranked,) = selection_rules.cohort_ranking(app, call(RAQQA_DESK), cohort.id)
    assert (ranked.score.total, ranked.score.missing) == (None, ("plan",))
    assert (ranked.score.means, ranked.reviews) == ({"need": 4.5, "plan": 3.0}, 2)
    score(app, application, HUDA, need=4, plan=5)
    assert totals(app, cohort) == [("a", 87.5)]
    assert app.applications.get(application.id).score == 87.5


def test_two_reviewers_at_once_both_count(app: App) -> None:
    cohort = reviewed_cohort(app, reviews=2)
    application = apply(app, cohort, applicant("a"))
    contend(
        lambda: score(app, application, OMAR, need=5, plan=5),
        lambda: score(app, application, HUDA, need=3, plan=3),
    )
    assert totals(app, cohort) == [("a", 80.0)]
    assert app.applications.get(application.id).score == 80.0


def test_a_review_may_be_written_anew_until_the_decision(app: App) -> None:
    cohort = reviewed_cohort(app)
    application = apply(app, cohort, applicant("a"))
    score(app, application, OMAR, need=5, plan=5)
    again = score(app, application, OMAR, need=1, plan=1)
    assert again.scores == {"need": 1, "plan": 1}
    assert totals(app, cohort) == [("a", 20.0)]
    shortlist(app, application)
    score(app, application, OMAR, need=2, plan=2)
    offer_seats(app, cohort, application.id)
    with pytest.raises(errors.Conflict, match=r"trainings\.application_not_allowed_now"):
        score(app, application, OMAR, need=5, plan=5)
    assert app.applications.get(application.id).score == 40.0


@pytest.mark.parametrize(
    ("scores", "code"),
    [({"need": 6}, "score_off_scale"), ({"beauty": 1}, "unknown_criterion")],
)
def test_scores_that_do_not_fit_change_nothing(app: App, scores: dict[str, int], code: str) -> None:
    cohort = reviewed_cohort(app)
    application = apply(app, cohort, applicant("a"))
    with pytest.raises(errors.Invalid, match=code):
        score(app, application, OMAR, **scores)
    assert app.reviews.of_application(application.id) == []
    assert app.applications.get(application.id) == application


@pytest.mark.parametrize("blind", [False, True])
def test_nobody_reviews_an_application_of_ones_own(app: App, blind: bool) -> None:
    cohort = reviewed_cohort(app, blind=blind)
    own = apply(app, cohort, OMAR)
    assert tasks(app, cohort, OMAR) == []
    assert tasks(app, cohort, HUDA) == [own.id]
    with pytest.raises(errors.Forbidden, match=r"trainings\.conflict_of_interest"):
        score(app, own, OMAR, need=5, plan=5)
    assert app.applications.get(own.id) == own


@pytest.mark.parametrize("waiting", [False, True], ids=["approved", "not approved"])
def test_nobody_reviews_an_application_of_ones_own_organisation(app: App, waiting: bool) -> None:
    cohort = reviewed_cohort(app)
    colleague = apply(app, cohort, applicant("a", "amal"))
    other = apply(app, cohort, applicant("b", "furat"))
    omar = (
        Caller(id="omar", not_approved=frozenset({"amal"}))
        if waiting
        else applicant("omar", "amal")
    )
    assert tasks(app, cohort, omar) == [other.id]
    with pytest.raises(errors.Forbidden, match=r"trainings\.conflict_of_interest"):
        score(app, colleague, omar, need=5, plan=5)
    with pytest.raises(errors.Forbidden, match=r"trainings\.conflict_of_interest"):
        reviewing.get_review(app, call(omar), colleague.id)


def test_who_has_nominated_a_person_does_not_judge_the_person(app: App) -> None:
    cohort = reviewed_cohort(app)
    representative = applicant("omar", "amal", "representative")
    (nominee,) = nominate(app, cohort, representative, {"name": "هبة", "phone": "+963944123456"})
    with pytest.raises(errors.Forbidden, match=r"trainings\.conflict_of_interest"):
        score(app, nominee, OMAR, need=5, plan=5)


def test_only_those_who_are_asked_review(app: App) -> None:
    cohort = reviewed_cohort(app)
    application = apply(app, cohort, applicant("a"))
    with pytest.raises(errors.NotFound):
        score(app, application, applicant("sami"), need=5, plan=5)
    with pytest.raises(errors.Forbidden):
        score(app, application, RAQQA_DESK, need=5, plan=5)
    score(app, application, OMAR, need=5, plan=5)
    set_reviewers(app, app.cohorts.get(cohort.id), "huda")
    with pytest.raises(errors.NotFound):
        score(app, application, OMAR, need=1, plan=1)
    assert totals(app, cohort) == [("a", 100.0)]


def test_the_rules_stay_once_an_application_is_reviewed(app: App) -> None:
    cohort = reviewed_cohort(app)
    cohort = set_rules(app, cohort, reviews=2)
    application = apply(app, cohort, applicant("a"))
    score(app, application, OMAR, need=5, plan=5)
    with pytest.raises(errors.Conflict, match=r"trainings\.reviews_begun"):
        set_rules(app, cohort, blind=True)
    assert app.cohorts.get(cohort.id).selection == cohort.selection


def test_a_reviewer_is_a_person_who_is_known(app: App) -> None:
    cohort = reviewed_cohort(app)
    with pytest.raises(errors.Invalid, match=r"trainings\.unknown_reviewer") as refused:
        set_reviewers(app, cohort, "omar", "nobody")
    assert [each.pointer for each in refused.value.errors] == ["/person_ids/1"]


def test_without_rules_there_is_nothing_to_score(app: App) -> None:
    know(app, "omar")
    cohort = set_reviewers(app, open_cohort(app, mode="selection"), "omar")
    application = apply(app, cohort, applicant("a"))
    with pytest.raises(errors.Conflict, match=r"trainings\.no_selection"):
        score(app, application, OMAR, need=5)
    with pytest.raises(errors.Conflict, match=r"trainings\.no_selection"):
        totals(app, cohort)


def test_remarks_go_with_the_person_and_scores_stay(app: App) -> None:
    cohort = reviewed_cohort(app)
    application = apply(app, cohort, applicant("a"))
    request = {"id": application.id, "scores": {"need": 5, "plan": 5}, "remark": "خطة واضحة"}
    reviewing.put_review(app, call(OMAR), schemas.put_review(request))
    held = export(app, call(applicant("a")), "a", None)["reviews"]
    assert [(each["scores"], each["remark"]) for each in held] == [
        ({"need": 5, "plan": 5}, "خطة واضحة")
    ]
    assert "omar" not in str(held)
    assert len(export(app, call(OMAR), "omar", None)["reviewed"]) == 1
    erase(app, "a")
    (review,) = app.reviews.of_application(application.id)
    assert (review.scores, review.remark) == ({"need": 5, "plan": 5}, None)


def test_reviewers_are_asked_once_and_not_for_a_draft(app: App) -> None:
    know(app, "one", "two")

    def asked() -> list[list[str]]:
        rows = app.database.collection("outbox").find({"event.type": "trainings.review.assigned"})
        return [each["event"]["data"]["reviewers"] for each in rows.sort("_id", 1)]

    draft = set_reviewers(app, prepare(app, mode="selection"), "one")
    assert asked() == []
    announced = announce(app, draft)
    assert asked() == [["one"]]
    both = set_reviewers(app, announced, "one", "two")
    set_reviewers(app, both, "two")
    assert asked() == [["one"], ["two"]]
