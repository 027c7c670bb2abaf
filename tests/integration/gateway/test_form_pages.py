"""The page behind the link of a form."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from services.common.contracts.forms_errors import ANSWERED_ALREADY
from services.common.contracts.trainings.forms_errors import LINK_EXPIRED, LINK_UNKNOWN
from services.common.errors import FieldError, Invalid
from tests.support.gateway import Door, a_door

TOKEN = "a" * 64
PAGE = f"/form-links/{TOKEN}"
ENGLISH = {"Accept-Language": "en"}


def named(arabic: str, english: str) -> dict[str, str]:
    return {"ar": arabic, "en": english}


def question(name: str, kind: str, label: dict[str, str], **more: Any) -> dict[str, Any]:
    return {
        "id": name,
        "kind": kind,
        "label": label,
        "hint": None,
        "required": False,
        "choices": [],
        "minimum": None,
        "maximum": None,
        "max_length": None,
        "not_applicable": False,
        "shown_if": [],
        "identifying": False,
    } | more


USEFUL = question(
    "useful",
    "scale",
    named("ما فائدة الدورة؟", "How useful was the course?"),
    required=True,
    minimum=1,
    maximum=4,
    not_applicable=True,
    choices=[{"id": "4", "label": named("كبيرة", "Very")}],
)
WHY = question(
    "why",
    "paragraph",
    named("ما الذي لم يفد؟", "What did not help?"),
    hint=named("بضع كلمات", "A few words"),
    max_length=2000,
    shown_if=[{"question_id": "useful", "operator": "at_most", "value": 2}],
)
USED = question(
    "used",
    "choices",
    named("ما الذي استُخدم؟", "What have you used?"),
    choices=[
        {"id": "plan", "label": named("الخطة", "The plan")},
        {"id": "<b>", "label": named("<b>", "<b>bold</b>")},
    ],
)
WELCOME = question("welcome", "note", named("أهلاً بكم", "Welcome"))


def opened(answered: bool = False) -> dict[str, Any]:
    return {
        "occasion": "feedback",
        "cohort_title": named("إدارة المشاريع", "Project management"),
        "expires_at": "2027-01-01T00:00:00Z",
        "answered": answered,
        "form": {
            "id": "form-1",
            "edition": 3,
            "title": named("رأيكم في الدورة", "What you think of the course"),
            "questions": [WELCOME, USEFUL, WHY, USED],
        },
    }


@pytest.fixture(scope="module")
def a_gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    with a_door(tmp_path_factory.mktemp("door")) as door:
        yield door


@pytest.fixture
def door(a_gateway: Door) -> Door:
    a_gateway.branches.asked.clear()
    a_gateway.branches.answers = {"open_form_link": opened(), "answer_by_link": {}}
    return a_gateway


def test_the_form_is_a_page_in_the_readers_language(door: Door) -> None:
    arabic = door("GET", PAGE)
    assert (arabic.status_code, arabic.content_type) == (200, "text/html; charset=utf-8")
    assert '<html lang="ar" dir="rtl">' in arabic.text
    for words in ("رأيكم في الدورة", "إدارة المشاريع", "ما فائدة الدورة؟", "4 – كبيرة", "لا ينطبق"):
        assert words in arabic.text
    condition = "فقط إذا كان الردّ على «ما فائدة الدورة؟» لا يزيد على: 2."
    assert condition in re.sub("[\u2068\u2069]", "", arabic.text)
    assert arabic.headers["Cache-Control"] == "private, no-store"
    english = door("GET", f"{PAGE}?language=en")
    for words in ("Welcome", "What did not help?", "A few words", "Does not apply", "(required)"):
        assert words in english.text
    assert "<b>bold" not in english.text
    assert "<script" not in english.text


def test_what_is_filled_in_is_answered_once_and_thanked_for(door: Door) -> None:
    form = {
        "edition": "3",
        "once": "0" * 32,
        "answer.useful": "٢",
        "answer.why": "Too fast.",
        "answer.used": ["plan", "<b>"],
    }
    page = door("POST", PAGE, data=form, headers=ENGLISH)
    assert page.status_code == 200
    assert "Thank you" in page.text
    assert "<form" not in page.text
    branch, method, sent, call = door.branches.asked[-1]
    assert (branch, method) == ("trainings", "answer_by_link")
    assert sent == {
        "token": TOKEN,
        "form_id": "form-1",
        "edition": 3,
        "answers": {"useful": 2, "why": "Too fast.", "used": ["plan", "<b>"]},
    }
    assert (call.caller.kind, call.idempotency_key) == ("visitor", "0" * 32)


def test_each_page_is_given_a_key_of_its_own(door: Door) -> None:
    first, second = (door("GET", PAGE).text.partition('name="once" value="')[2] for _ in range(2))
    assert first[:32] != second[:32]


def test_a_refused_form_comes_back_as_it_was_filled_in_and_says_where(door: Door) -> None:
    fault = FieldError("/answers/useful", "required", "Missing data for required field.")
    door.branches.answers["answer_by_link"] = Invalid(errors=[fault])
    form = {"edition": "3", "once": "1" * 32, "answer.why": "<i>so</i>", "answer.used": "plan"}
    page = door("POST", PAGE, data=form, headers=ENGLISH)
    assert page.status_code == 422
    assert 'role="alert"' in page.text
    assert page.text.count('class="fault"') == 1
    assert "&lt;i&gt;so&lt;/i&gt;</textarea>" in page.text
    assert 'value="plan" checked' in page.text
    assert f'name="once" value="{"1" * 32}"' in page.text


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"edition": "newest"},
        {"edition": "3", "answer.useful": ["1", "2"]},
    ],
)
def test_a_page_that_holds_no_answers_asks_the_branch_for_none(
    door: Door, form: dict[str, Any]
) -> None:
    page = door("POST", PAGE, data=form, headers=ENGLISH)
    assert page.status_code == 422
    assert "<form" in page.text
    assert [method for _, method, _, _ in door.branches.asked] == ["open_form_link"]


def test_who_has_answered_is_thanked_and_asked_no_more(door: Door) -> None:
    door.branches.answers["open_form_link"] = opened(answered=True)
    page = door("GET", PAGE, headers=ENGLISH)
    assert "arrived already" in page.text
    assert "<form" not in page.text


def test_other_answers_by_the_same_link_are_refused(door: Door) -> None:
    door.branches.answers["answer_by_link"] = ANSWERED_ALREADY()
    page = door("POST", PAGE, data={"edition": "3", "answer.useful": "1"}, headers=ENGLISH)
    assert page.status_code == 409
    assert 'role="alert"' in page.text


@pytest.mark.parametrize(("refusal", "status"), [(LINK_UNKNOWN, 404), (LINK_EXPIRED, 409)])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_link_that_opens_nothing_shows_why_and_no_form(
    door: Door, method: str, refusal: Any, status: int
) -> None:
    door.branches.answers["open_form_link"] = refusal()
    page = door(method, PAGE, data={"edition": "3"}, headers=ENGLISH)
    assert (page.status_code, page.mimetype) == (status, "text/html")
    assert 'role="alert"' in page.text
    assert "<form" not in page.text


def test_a_form_that_is_too_long_is_refused(door: Door) -> None:
    form = {"edition": "3", "answer.why": "س" * 50_000}
    assert door("POST", PAGE, data=form, headers=ENGLISH).status_code == 413
    assert [method for _, method, _, _ in door.branches.asked] == ["open_form_link"]


def test_a_branch_that_is_away_is_told_on_the_page(door: Door) -> None:
    door.branches.away = True
    try:
        page = door("GET", PAGE, headers=ENGLISH)
    finally:
        door.branches.away = False
    assert page.status_code == 503
    assert page.headers["Retry-After"]
    assert 'role="alert"' in page.text
