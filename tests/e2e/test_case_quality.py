"""How a case is followed up, through the real door: limits that follow the hours, a referral with
consent, a rating by link, and the report for donors."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import BytesIO

import httpx
import pytest
from openpyxl import load_workbook

from services.common import csv
from tests.e2e.conftest import SignIn
from tests.e2e.test_cases import request, step
from tests.support.awaiting import until
from tests.support.client import code_of, key, tag, wire


def resolution_of(client: httpx.Client, where: str) -> str:
    """When a case is to be resolved, as it is known now."""
    found = client.get(f"{where}/time-limits").raise_for_status()
    assert found.headers["Cache-Control"] == "private, no-store"
    limits = {each["what"]: each for each in found.json()["items"]}
    assert set(limits) == {"first_answer", "resolution"}
    due_at: str = limits["resolution"]["due_at"]
    return due_at


def test_time_limits_follow_the_hours_of_the_centre(signed_in: SignIn) -> None:
    member, manager = signed_in("member"), signed_in("manager")
    made = member.post("/v1/cases", json=request(centre_id="tabqa"), headers=key())
    where = made.raise_for_status().headers["Location"]
    before = resolution_of(member, where)
    centre = {
        each["id"]: each
        for each in httpx.get(str(manager.base_url.join("/v1/centres"))).json()["items"]
    }["tabqa"]
    hours = {"weekly_hours": centre["weekly_hours"], "exceptions": centre["exceptions"]}
    days = [datetime.now(UTC).date() + timedelta(days=ahead) for ahead in range(1, 8)]
    closed = [{"date": str(day), "name": {"ar": "عطلة"}, "hours": []} for day in days]

    def open_at(**changes: object) -> None:
        seen = manager.get("/v1/centres/tabqa")
        said = {**hours, **changes}
        manager.put("/v1/centres/tabqa/hours", json=said, headers=tag(seen)).raise_for_status()

    open_at(exceptions=closed)
    try:
        later = until(
            lambda: resolution_of(member, where),
            "the limits counted anew",
            enough=lambda due: due != before,
        )
        assert datetime.fromisoformat(later) - datetime.fromisoformat(before) >= timedelta(days=1)
    finally:
        open_at()
    until(lambda: resolution_of(member, where) == before, "the limits as before")
    step(member, where, "withdraw").raise_for_status()


@pytest.fixture
def closed_case(signed_in: SignIn) -> str:
    """A case that was referred to an outside body, resolved and closed."""
    member, desk, adviser = (signed_in(name) for name in ("member", "frontdesk-raqqa", "adviser"))
    made = member.post("/v1/cases", json=request(), headers=key()).raise_for_status()
    where: str = made.headers["Location"]
    step(desk, where, "assign", adviser_id="adviser").raise_for_status()
    step(adviser, where, "start").raise_for_status()
    referral = {"body": "نقابة المحاسبين", "reason": "تدقيق خارجي"}
    refused = adviser.post(f"{where}/referrals", json=referral, headers=key())
    assert code_of(refused) == (422, "consultations.consent_missing")
    assert [each["pointer"] for each in refused.json()["errors"]] == ["/consent"]
    consent = {"means": "written", "given_at": wire(datetime.now(UTC) - timedelta(minutes=1))}
    sent = adviser.post(
        f"{where}/referrals", json={**referral, "consent": consent}, headers=key()
    ).raise_for_status()
    path = sent.headers["Location"]
    outsider = signed_in("trainer")
    assert code_of(outsider.get(path)) == (404, "not_found")
    step(adviser, path, "accept").raise_for_status()
    returned = step(adviser, path, "return", result="helped", outcome="تم التدقيق")
    assert returned.raise_for_status().json()["status"] == "returned"
    assert [each["id"] for each in member.get(f"{where}/referrals").json()["items"]] == [
        sent.json()["id"]
    ]
    step(adviser, where, "resolve", outcome="أُعدّ الدليل.").raise_for_status()
    step(member, where, "close").raise_for_status()
    return where


def test_a_closed_case_is_rated_by_link_and_counted(signed_in: SignIn, closed_case: str) -> None:
    member, manager, desk = (signed_in(name) for name in ("member", "manager", "frontdesk-raqqa"))
    link = member.post(f"{closed_case}/rating-links", json={}).raise_for_status().json()
    visitor = httpx.Client(base_url=member.base_url)
    with visitor:
        path = f"/v1/ratings/{link['token']}"
        page = f"/ratings/{link['token']}"
        assert visitor.get(path).raise_for_status().json()["rated"] is False
        assert 'name="score"' in visitor.get(page).raise_for_status().text
        assert code_of(visitor.post(path, json={"score": 6}))[0] == 422
        thanked = visitor.post(page, data={"score": "1"}).raise_for_status()
        assert 'role="status"' in thanked.text
        assert visitor.post(path, json={"score": 1}).raise_for_status().json()["rated"] is True
        assert 'name="score"' not in visitor.get(page).raise_for_status().text
        assert code_of(visitor.post(path, json={"score": 5})) == (
            409,
            "consultations.rated_already",
        )
        assert code_of(visitor.get(f"/v1/ratings/{'0' * 64}"))[1] == (
            "consultations.rating_link_unknown"
        )
    tasks = desk.get("/v1/consultation-tasks?what=review_rating&limit=200").json()["items"]
    assert closed_case.rpartition("/")[2] in {each["case_id"] for each in tasks}

    today = datetime.now(UTC).date()
    period = {"from": str(today - timedelta(days=2)), "to": str(today + timedelta(days=2))}
    report = manager.get("/v1/reports/consultations", params=period).raise_for_status().json()
    assert report["cases"] >= 1
    assert report["ratings"]["rated"] >= 1
    assert report["sealed"] is None
    text = manager.get("/v1/reports/consultations", params={**period, "format": "csv"})
    table = csv.read(text.raise_for_status().content)
    assert len(table.headings) == 5
    book = manager.get("/v1/reports/consultations", params={**period, "format": "xlsx"})
    sheet = load_workbook(BytesIO(book.raise_for_status().content)).worksheets[0]
    assert sheet.max_row == len(table.rows) + 1
    assert code_of(member.get("/v1/reports/consultations", params=period)) == (403, "forbidden")
    early = {"title": "Q", "first_day": str(today), "last_day": str(today)}
    refused = manager.post("/v1/reports/consultations/periods", json=early, headers=key())
    assert code_of(refused) == (422, "consultations.period_too_short")
    assert refused.json()["months"] == 3
