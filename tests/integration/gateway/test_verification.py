"""Certificates at the door: the PDF, the verification for programs, and the page for people."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.common.contracts.trainings import certificate_errors as codes
from services.common.files.wire import file_to_wire
from tests.support.gateway import Door, a_door

CODE = "MSH-7Q4K-9XPD-M2RT"
NAME = "محمد عبد الله أحمد الصالح"
VALID: dict[str, Any] = {
    "code": CODE,
    "status": "valid",
    "name": NAME,
    "name_withheld": False,
    "kind": "completion",
    "title": {"ar": "Excel للمحاسبة", "en": "Excel for accounting"},
    "hours": 40,
    "first_day": "2026-04-26",
    "last_day": "2026-05-02",
    "centre_name": {"ar": "مركز الرقة", "en": "Raqqa centre"},
    "issued_on": "2026-05-02",
    "valid_until": None,
    "reason": None,
}
REVOKED = {**dict.fromkeys(VALID), "code": CODE, "name_withheld": False} | {
    "status": "revoked",
    "reason": "misused",
}


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    with a_door(tmp_path_factory.mktemp("door")) as door:
        yield door


def answering(door: Door, answer: Any) -> Door:
    door.branches.answers["verify_certificate"] = answer
    return door


def test_a_program_is_answered_what_the_branch_says_and_nobody_stores_it(door: Door) -> None:
    found = answering(door, VALID)("GET", f"/v1/verify/{CODE}")
    assert (found.status_code, found.get_json()) == (200, VALID)
    assert found.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("typed", ["msh 7q4k 9xpd m2rt", "MSH٧Q4K", "x", "MSH-7Q4K%"])
def test_a_code_reaches_the_branch_as_it_is_typed(door: Door, typed: str) -> None:
    asked: list[str] = []
    answering(door, lambda request: asked.append(request["code"]) or VALID)
    path = f"/v1/verify/{typed.replace('%', '%25')}"
    assert door("GET", path).status_code == 200
    assert asked == [typed]


@pytest.mark.parametrize(
    ("language", "direction", "words"),
    [
        ("ar", "rtl", ["الشهادة سارية.", "Excel للمحاسبة", "مركز الرقة", "2 أيار 2026", "40"]),
        ("en", "ltr", ["This certificate is valid.", "Excel for accounting", "2 May 2026"]),
    ],
)
def test_people_read_what_was_issued_in_their_language(
    door: Door, language: str, direction: str, words: list[str]
) -> None:
    found = answering(door, VALID)("GET", f"/verify/{CODE}", headers={"Accept-Language": language})
    text = found.get_data(as_text=True)
    assert found.status_code == 200
    assert f'lang="{language}" dir="{direction}"' in text
    for each in [*words, NAME, CODE]:
        assert each in text
    assert found.headers["Cache-Control"] == "no-store"
    assert "script" not in text


@pytest.mark.parametrize("language", ["ar", "en"])
def test_a_line_of_both_directions_keeps_the_order_of_its_words(door: Door, language: str) -> None:
    """So does the printed certificate, with which people compare it."""
    both = {**VALID, "title": {"ar": "Excel للمحاسبة"}, "name": "سارة Miller العلي"}
    found = answering(door, both)("GET", f"/verify/{CODE}?language={language}")
    for line in ("Excel للمحاسبة", "سارة Miller العلي"):
        assert f'<bdi dir="rtl">{line}</bdi>' in found.get_data(as_text=True)


def test_of_one_that_counts_no_more_people_read_that_and_why(door: Door) -> None:
    text = answering(door, REVOKED)("GET", f"/verify/{CODE}?language=en").get_data(as_text=True)
    assert "It counts no more." in text
    assert "it was misused" in text
    assert "Hours" not in text


def test_a_withheld_name_is_said(door: Door) -> None:
    withheld = {**VALID, "name": None, "name_withheld": True}
    text = answering(door, withheld)("GET", f"/verify/{CODE}?language=en").get_data(as_text=True)
    assert "Withheld: the personal data was erased." in text
    assert "None" not in text


def test_a_name_is_never_markup(door: Door) -> None:
    bold = {**VALID, "name": "<b>هبة</b>"}
    text = answering(door, bold)("GET", f"/verify/{CODE}").get_data(as_text=True)
    assert "<b>" not in text
    assert "&lt;b&gt;" in text


def test_an_unknown_code_is_said_and_can_be_typed_again(door: Door) -> None:
    answering(door, codes.CODE_UNKNOWN())
    program = door("GET", "/v1/verify/MSH-2222-2222-2222")
    assert (program.status_code, program.get_json()["code"]) == (404, "trainings.code_unknown")
    page = door("GET", "/verify/MSH-2222-2222-2222?language=en")
    assert page.status_code == 404
    assert "No certificate has this code" in page.get_data(as_text=True)
    assert 'value="MSH-2222-2222-2222"' in page.get_data(as_text=True)


def test_a_typed_code_leads_to_its_page(door: Door) -> None:
    assert door("GET", "/verify?language=ar").status_code == 200
    found = door("GET", "/verify?code=msh+7q4k/..&language=en")
    assert found.status_code == 303
    assert found.headers["Location"] == "/verify/msh%207q4k%2F..?language=en"


def test_when_the_branch_is_away_no_old_answer_is_given(door: Door) -> None:
    answering(door, VALID)("GET", f"/v1/verify/{CODE}")
    door.branches.away = True
    try:
        assert door("GET", f"/v1/verify/{CODE}").status_code == 503
        page = door("GET", f"/verify/{CODE}")
        assert page.status_code == 503
        assert NAME not in page.get_data(as_text=True)
    finally:
        door.branches.away = False


def test_guessing_is_limited_and_verifying_many_is_not(tmp_path: Path) -> None:
    with a_door(tmp_path, sign_in_limit=3) as door:
        answering(door, VALID)
        assert [door("GET", f"/v1/verify/{CODE}").status_code for _ in range(9)] == [200] * 9
        answering(door, codes.CODE_UNKNOWN())
        tried = [door("GET", f"/v1/verify/MSH-{n}").status_code for n in range(4)]
        assert tried == [404, 404, 404, 429]
        answering(door, VALID)
        limited = door("GET", f"/verify/{CODE}")
        assert limited.status_code == 429
        assert int(limited.headers["Retry-After"]) > 0


def test_keys_and_the_signed_list_are_for_everybody(door: Door) -> None:
    keys = {"keys": [{"kty": "OKP", "kid": "one", "crv": "Ed25519", "x": "AAAA"}]}
    door.branches.answers |= {
        "certificate_keys": keys,
        "withdrawn_certificates": {"statement": "a.b.c"},
    }
    found = door("GET", "/v1/certificates/keys")
    assert (found.status_code, found.get_json()) == (200, keys)
    listed = door("GET", "/v1/certificates/withdrawn")
    assert (listed.status_code, listed.get_data(as_text=True)) == (200, "a.b.c")
    assert listed.mimetype == "application/jose"


@pytest.fixture(scope="module")
def inhabited(tmp_path_factory: pytest.TempPathFactory, database: Any) -> Iterator[Door]:
    with a_door(tmp_path_factory.mktemp("door"), database.uri) as door:
        yield door


def test_a_certificate_is_handed_over_as_a_file_that_nobody_keeps(inhabited: Door) -> None:
    inhabited.branches.answers["certificate_pdf"] = file_to_wire(
        f"{CODE}-ar.pdf", "application/pdf", b"%PDF-1.7 of a test"
    )
    found = inhabited("GET", "/v1/certificates/one/pdf?language=ar", "member")
    assert (found.status_code, found.data) == (200, b"%PDF-1.7 of a test")
    assert found.mimetype == "application/pdf"
    assert found.headers["Cache-Control"] == "no-store"
    assert found.headers["Content-Disposition"].startswith("attachment; ")
    assert inhabited("GET", "/v1/certificates/one/pdf").status_code == 401


def test_while_it_is_made_the_client_is_asked_to_come_again(inhabited: Door) -> None:
    waiting = {"name": f"{CODE}-en.pdf", "content_type": "application/pdf", "content": None}
    inhabited.branches.answers["certificate_pdf"] = waiting
    found = inhabited("GET", "/v1/certificates/one/pdf", "member")
    assert (found.status_code, found.get_json()) == (202, {"name": f"{CODE}-en.pdf"})
    assert int(found.headers["Retry-After"]) > 0
