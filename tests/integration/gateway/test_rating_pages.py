"""The page behind the link of a rating: for people without an account."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from services.common.contracts.consultations.rating_errors import (
    RATED_ALREADY,
    RATING_LINK_EXPIRED,
    RATING_LINK_UNKNOWN,
)
from services.common.contracts.consultations.ratings import HIGHEST, LONGEST_REMARK, LOWEST
from tests.support.gateway import Door, a_door

TOKEN = "a" * 64
PAGE = f"/ratings/{TOKEN}"
ENGLISH = {"Accept-Language": "en"}


def opened(rated: bool = False) -> dict[str, Any]:
    return {
        "expires_at": "2026-12-30T10:00:00Z",
        "rated": rated,
        "lowest": LOWEST,
        "highest": HIGHEST,
    }


@pytest.fixture(scope="module")
def a_gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    with a_door(tmp_path_factory.mktemp("door")) as door:
        yield door


@pytest.fixture
def door(a_gateway: Door) -> Door:
    a_gateway.branches.asked.clear()
    a_gateway.branches.answers = {"open_rating": opened(), "rate_by_link": opened(rated=True)}
    return a_gateway


@pytest.mark.parametrize(
    ("language", "direction", "words"),
    [
        ("ar", "rtl", ("رأيكم في الاستشارة", "5 – أفادت كثيراً", "30 كانون الأول 2026")),
        ("en", "ltr", ("What you think", "1 – It did not help", "until 30 December 2026")),
    ],
)
def test_the_page_asks_in_the_readers_language(
    door: Door, language: str, direction: str, words: tuple[str, ...]
) -> None:
    page = door("GET", f"{PAGE}?language={language}")
    assert (page.status_code, page.content_type) == (200, "text/html; charset=utf-8")
    assert f'<html lang="{language}" dir="{direction}">' in page.text
    for each in words:
        assert each in page.text.replace("\u2068", "").replace("\u2069", "")
    assert page.text.count('type="radio"') == HIGHEST - LOWEST + 1
    assert page.headers["Cache-Control"] == "private, no-store"
    assert "<script" not in page.text


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_who_opens_the_link_rates_nothing(door: Door, method: str) -> None:
    assert door(method, PAGE).status_code == 200
    assert [asked for _, asked, _, _ in door.branches.asked] == ["open_rating"]


@pytest.mark.parametrize(
    ("form", "sent"),
    [
        ({"score": "4"}, {"score": 4, "remark": None}),
        ({"score": "٥", "remark": " \r\n"}, {"score": 5, "remark": None}),
        ({"score": "1", "remark": "لم تُحلّ"}, {"score": 1, "remark": "لم تُحلّ"}),
    ],
)
def test_a_rating_is_sent_and_thanked_for(
    door: Door, form: dict[str, str], sent: dict[str, Any]
) -> None:
    page = door("POST", PAGE, data=form, headers=ENGLISH)
    assert page.status_code == 200
    assert "Thank you" in page.text
    assert "<form" not in page.text
    branch, method, request, call = door.branches.asked[-1]
    assert (branch, method, call.caller.kind) == ("consultations", "rate_by_link", "visitor")
    assert request == {**sent, "token": TOKEN}


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({}, "score"),
        ({"score": "6"}, "score"),
        ({"score": "good"}, "score"),
        ({"score": ["1", "2"]}, "score"),
        ({"score": "3", "remark": "x" * (LONGEST_REMARK + 1)}, "remark"),
    ],
)
def test_a_form_that_holds_no_rating_comes_back_and_says_where(
    door: Door, form: dict[str, Any], field: str
) -> None:
    page = door("POST", PAGE, data={"remark": "<i>so</i>", **form}, headers=ENGLISH)
    assert page.status_code == 422
    assert 'role="alert"' in page.text
    assert page.text.count('class="fault"') == 1
    assert f'id="{field}-fault"' in page.text
    assert "<i>" not in page.text
    assert [asked for _, asked, _, _ in door.branches.asked] == ["open_rating"]


def test_who_has_rated_is_asked_no_more(door: Door) -> None:
    door.branches.answers["open_rating"] = opened(rated=True)
    page = door("GET", PAGE, headers=ENGLISH)
    assert page.status_code == 200
    assert "has arrived by this link already" in page.text
    assert "front desk" in page.text
    assert "<form" not in page.text


@pytest.mark.parametrize("rated", [True, False], ids=["before", "meanwhile"])
def test_another_rating_by_the_same_link_is_refused(door: Door, rated: bool) -> None:
    door.branches.answers |= {"open_rating": opened(rated), "rate_by_link": RATED_ALREADY()}
    page = door("POST", PAGE, data={"score": "1"}, headers=ENGLISH)
    assert page.status_code == 409
    assert 'role="alert"' in page.text
    assert "front desk" in page.text
    assert "<form" not in page.text


@pytest.mark.parametrize(
    ("refusal", "status"), [(RATING_LINK_UNKNOWN, 404), (RATING_LINK_EXPIRED, 409)]
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_link_that_opens_nothing_says_why_and_shows_the_way_on(
    door: Door, method: str, refusal: Any, status: int
) -> None:
    door.branches.answers["open_rating"] = refusal()
    page = door(method, PAGE, data={"score": "5"}, headers=ENGLISH)
    assert (page.status_code, page.mimetype) == (status, "text/html")
    assert 'role="alert"' in page.text
    assert "front desk" in page.text
    assert 'href="/?language=en"' in page.text
    assert "<form" not in page.text


def test_while_the_branch_is_away_the_page_says_when_to_come_again(door: Door) -> None:
    door.branches.away = True
    try:
        page = door("GET", PAGE, headers=ENGLISH)
    finally:
        door.branches.away = False
    assert page.status_code == 503
    assert page.headers["Retry-After"]
    assert 'role="alert"' in page.text
