"""A request for support, from the organisation's phone to the end of the case, through the real
door."""

from __future__ import annotations

import httpx

from tests.e2e.conftest import SignIn
from tests.support.client import code_of, key, tag

ANSWERS = {"edition": 1, "answers": {"tried": "جدول بسيط", "documents": ["budget"]}}


def request(**values: object) -> dict[str, object]:
    return {
        "kind_id": "technical",
        "organisation_id": "euphrates-development",
        "centre_id": "raqqa",
        "title": "دليل الإجراءات المالية",
        "description": "نحتاج إلى دليل مالي قبل توقيع المنحة.",
        "speciality": "finance",
        "form": ANSWERS,
        **values,
    }


def step(client: httpx.Client, where: str, name: str, **body: object) -> httpx.Response:
    """A step of a case as it stands now."""
    seen = client.get(where).raise_for_status()
    return client.post(f"{where}/{name}", json=body, headers=tag(seen))


def test_a_case_from_the_request_to_its_end(signed_in: SignIn) -> None:
    member, desk, adviser, trainer = (
        signed_in(name) for name in ("member", "frontdesk-raqqa", "adviser", "trainer")
    )
    kinds = httpx.get(str(member.base_url.join("/v1/consultation-kinds"))).raise_for_status()
    assert {each["id"] for each in kinds.json()["items"]} >= {"technical", "legal", "planning"}

    made = member.post("/v1/cases", json=request(), headers=key()).raise_for_status()
    where = made.headers["Location"]
    assert made.status_code == 201
    assert made.headers["Cache-Control"] == "private, no-store"
    assert made.json()["answers"] == ANSWERS["answers"]
    for outsider in (trainer, adviser, signed_in("frontdesk-tabqa")):
        assert code_of(outsider.get(where)) == (404, "not_found")
    wrong = request(organisation_id="tabqa-youth")
    assert code_of(member.post("/v1/cases", json=wrong, headers=key())) == (403, "forbidden")

    early = step(desk, where, "assign", adviser_id="nobody")
    assert code_of(early) == (422, "consultations.unknown_adviser")
    suggested = desk.get(f"{where}/suggestions").raise_for_status().json()["items"]
    first = suggested[0]
    assert (first["adviser_id"], first["rank"]) == ("adviser", 1)
    assert {each["term"] for each in first["reasons"] if each["fits"]} >= {"speciality", "centre"}
    step(desk, where, "assign", adviser_id="adviser").raise_for_status()
    assert where.endswith(adviser.get("/v1/cases").json()["items"][0]["id"])

    too_early = step(member, where, "close")
    assert code_of(too_early) == (409, "consultations.case_not_allowed_now")
    assert (too_early.json()["state"], too_early.json()["to"]) == ("assigned", "closed")
    step(adviser, where, "start").raise_for_status()
    step(adviser, where, "ask", question="ما آخر تقرير مالي؟").raise_for_status()
    stale = member.post(f"{where}/resume", json={}, headers={"If-Match": '"1"'})
    assert code_of(stale) == (412, "stale")
    step(member, where, "resume").raise_for_status()
    step(adviser, where, "resolve", outcome="أُعدّ الدليل واعتمدته المنظمة.").raise_for_status()
    closed = step(member, where, "close").raise_for_status()
    assert (closed.json()["status"], closed.json()["outcome"][:4]) == ("closed", "أُعد")
    history = member.get(f"{where}/history").raise_for_status()
    assert [each["action"] for each in history.json()["items"]] == [
        "submit",
        "assigned",
        "started",
        "awaiting",
        "resumed",
        "resolved",
        "closed",
    ]


def test_a_legal_case_is_nowhere_but_with_its_people(signed_in: SignIn) -> None:
    member, adviser = signed_in("member"), signed_in("adviser")
    legal = request(
        kind_id="legal", speciality=None, form={"edition": 1, "answers": {"urgent": "days"}}
    )
    made = member.post("/v1/cases", json=legal, headers=key()).raise_for_status()
    where, case_id = made.headers["Location"], made.json()["id"]
    assert made.json()["confidential"]
    for name in ("manager", "frontdesk-raqqa", "representative"):
        other = signed_in(name)
        assert code_of(other.get(where)) == (404, "not_found")
        assert case_id not in other.get("/v1/cases?limit=200").text
        assert case_id not in other.get("/v1/consultation-tasks?limit=200").text
    assert adviser.get(where).raise_for_status().json()["adviser_id"] is None
    assert case_id in adviser.get("/v1/consultation-tasks?limit=200").text
    step(adviser, where, "assign", adviser_id="adviser").raise_for_status()
    step(member, where, "withdraw").raise_for_status()
