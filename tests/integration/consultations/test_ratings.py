"""Ratings: once for each closing, by a link that is for that alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from services.common import errors
from services.common.context import VISITOR, Caller
from services.consultations.app import App
from services.consultations.domain.cases import Case
from services.consultations.domain.ratings import VALID
from services.consultations.operations import case_steps
from services.consultations.operations.break_glass import break_glass
from services.consultations.operations.ratings import make_rating_link
from services.consultations.schemas.case_steps import StepOfCase
from services.consultations.schemas.sealing import BreakGlass
from services.consultations.service import ConsultationsService
from tests.support.bookings import MANAGER, MEMBER, RAQQA_DESK, REPRESENTATIVE, call
from tests.support.consultation_referrals import close, given_to_huda, rating_link
from tests.support.consultations import (
    HUDA,
    advance,
    events_of,
    know_adviser,
    submit,
    submit_confidential,
)


def by_link(app: App, method: str, token: str, who: Caller = VISITOR, **request: Any) -> Any:
    service = ConsultationsService()
    service.app, service.call = app, call(who)
    return getattr(service, method)({"token": token, **request})


@pytest.fixture
def case(app: App) -> Case:
    """A case that is closed."""
    return close(app, given_to_huda(app, submit(app)))


def shown(app: App, case: Case, who: Any = MEMBER) -> Any:
    service = ConsultationsService()
    service.app, service.call = app, call(who)
    return service.get_rating({"id": case.id})


def reviews(app: App) -> list[Any]:
    return list(app.database.collection("tasks").find({"what": "review_rating"}))


def test_a_closing_is_rated_once(app: App, case: Case) -> None:
    token = rating_link(app, case)
    assert rating_link(app, case) == token
    assert rating_link(app, case, REPRESENTATIVE) != token
    assert by_link(app, "open_rating", token) == {
        "expires_at": shown(app, case)["expires_at"],
        "rated": False,
        "lowest": 1,
        "highest": 5,
    }
    for _ in range(2):
        assert by_link(app, "rate_by_link", token, score=4, remark="شكراً")["rated"] is True
    with pytest.raises(errors.Conflict, match="rated_already"):
        by_link(app, "rate_by_link", token, score=5)
    rating = shown(app, case)
    assert (rating["score"], rating["remark"], rating["version"]) == (4, "شكراً", 2)
    assert [each["type"] for each in events_of(app, case.id)][-1] == "consultations.case.rated"
    assert reviews(app) == []


@pytest.mark.parametrize("score", [1, 2])
def test_a_low_score_opens_a_review(app: App, case: Case, score: int) -> None:
    by_link(app, "rate_by_link", rating_link(app, case), score=score)
    (task,) = reviews(app)
    assert (task["open"], task["sealed"], task["case_id"]) == (True, False, case.id)


def test_a_low_score_of_a_sealed_case_is_for_its_advisers(app: App) -> None:
    case = close(app, given_to_huda(app, submit_confidential(app)))
    by_link(app, "rate_by_link", rating_link(app, case), score=1)
    (task,) = reviews(app)
    assert (task["sealed"], task["people"]) == (True, ["huda"])
    with pytest.raises(errors.NotFound):
        shown(app, case, MANAGER)
    assert events_of(app, case.id) == []


def test_who_breaks_the_glass_gets_no_link(app: App) -> None:
    """Who has it writes down a rating, and so in a case that may only be read."""
    case = close(app, given_to_huda(app, submit_confidential(app)))
    grant = BreakGlass(case.number, "شكوى", timedelta(minutes=10))
    break_glass(app, call(MANAGER), grant)
    with pytest.raises(errors.NotFound):
        make_rating_link(app, call(MANAGER), case.id)
    assert make_rating_link(app, call(MEMBER), case.id)


def test_a_link_ends(app: App, case: Case) -> None:
    token = rating_link(app, case)
    advance(app, VALID - timedelta(seconds=1))
    by_link(app, "open_rating", token)
    advance(app, timedelta(seconds=1))
    for method, more in (("open_rating", {}), ("rate_by_link", {"score": 3})):
        with pytest.raises(errors.Conflict, match="rating_link_expired"):
            by_link(app, method, token, **more)


@pytest.mark.parametrize("token", ["x", "0" * 64])
def test_a_link_that_is_none_opens_nothing(app: App, case: Case, token: str) -> None:
    with pytest.raises(errors.NotFound, match="rating_link_unknown"):
        by_link(app, "open_rating", token)


def test_a_link_is_for_nothing_else(app: App, case: Case) -> None:
    rating = app.ratings.of_case(case.id)[-1]
    other = app.links.expiring_token("consultations.other", rating.id, rating.expires_at)
    with pytest.raises(errors.NotFound, match="rating_link_unknown"):
        by_link(app, "rate_by_link", other, score=1)


def test_what_is_not_closed_is_not_rated(app: App) -> None:
    case = given_to_huda(app, submit(app))
    with pytest.raises(errors.Conflict, match="nothing_to_rate"):
        rating_link(app, case)
    with pytest.raises(errors.NotFound):
        shown(app, case)


def test_each_closing_is_rated_for_itself(app: App, case: Case) -> None:
    first = rating_link(app, case)
    by_link(app, "rate_by_link", first, score=1)
    version = app.cases.get(case.id).version
    reopened = case_steps.reopen_case(
        app, call(MEMBER), StepOfCase(case.id, version, reason="لم تُحلّ")
    )
    again = close(app, reopened)
    second = rating_link(app, again)
    assert second != first
    by_link(app, "rate_by_link", second, score=5)
    assert [each.score for each in app.ratings.of_case(case.id)] == [1, 5]
    assert app.ratings.scores_of([case.id]) == {case.id: 5}


@pytest.mark.parametrize("who", [HUDA, RAQQA_DESK, MANAGER], ids=lambda who: who.id)
def test_who_works_for_the_centres_neither_gets_nor_uses_a_link(
    app: App, case: Case, who: Caller
) -> None:
    with pytest.raises(errors.Forbidden):
        rating_link(app, case, who)
    member_too = replace(who, organisations={"amal": "representative"})
    with pytest.raises(errors.Forbidden):
        rating_link(app, case, member_too)
    token = rating_link(app, case)
    for method, request in (("open_rating", {}), ("rate_by_link", {"score": 5})):
        with pytest.raises(errors.NotFound, match="rating_link_unknown"):
            by_link(app, method, token, who, **request)
    assert shown(app, case)["score"] is None


def test_a_link_of_a_member_who_has_become_staff_is_void(app: App, case: Case) -> None:
    token = rating_link(app, case)
    know_adviser(app, MEMBER.id, roles=frozenset({"front_desk"}), centres=frozenset({"raqqa"}))
    with pytest.raises(errors.NotFound, match="rating_link_unknown"):
        by_link(app, "rate_by_link", token, score=5)
