"""A needs study from the draft to ranked needs: by link, with an account, on paper; through the
real door."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree

import httpx
from pymongo import MongoClient

from services.common.clock import to_wire
from tests.e2e.conftest import SignIn
from tests.support.awaiting import until
from tests.support.campaigns import answers
from tests.support.client import code_of, key, tag
from tests.support.stack import Stack


def act(client: httpx.Client, path: str, what: str, **body: Any) -> dict[str, Any]:
    """An action on a campaign as it stands now."""
    seen = client.get(path).raise_for_status()
    found: dict[str, Any] = (
        client.post(f"{path}/{what}", json=body, headers=tag(seen)).raise_for_status().json()
    )
    return found


def fill_in(page: str, level: int) -> dict[str, str]:
    """The fields of the page, as a browser sends them."""
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="(\w+)"', page))
    said = answers(level=level)["answers"]
    return hidden | {f"answer.{name}": str(value) for name, value in said.items()}


def test_from_a_campaign_to_ranked_needs(stack: Stack, signed_in: SignIn) -> None:
    manager, desk, member, adviser, other_desk = (
        signed_in(name)
        for name in ("manager", "frontdesk-raqqa", "member", "adviser", "frontdesk-tabqa")
    )
    [study] = manager.get("/v1/needs-studies").raise_for_status().json()["items"]
    request = {
        "study_id": study["id"],
        "title": {"ar": "احتياجات الربيع", "en": "Spring needs"},
        "centre_ids": ["raqqa"],
        "closes_at": to_wire(datetime.now(UTC) + timedelta(days=10)),
    }
    assert code_of(desk.post("/v1/campaigns", json=request, headers=key())) == (403, "forbidden")
    made = manager.post("/v1/campaigns", json=request, headers=key()).raise_for_status()
    campaign = made.headers["Location"]
    assert member.get(campaign).status_code == 404
    assert act(manager, campaign, "open")["status"] == "open"
    linked = desk.put(f"{campaign}/link", json={"wanted": True}, headers=tag(desk.get(campaign)))
    token = linked.raise_for_status().json()["link_token"]
    assert other_desk.get(campaign).json()["link_token"] is None

    # A person without an account, on a page without a script.
    page = httpx.get(f"{stack.gateway_url}/campaign-links/{token}").raise_for_status()
    assert "ما الذي تحتاجه منظمتكم؟" in page.text
    sent = fill_in(page.text, level=4)
    for _ in range(2):
        thanks = httpx.post(f"{stack.gateway_url}/campaign-links/{token}", data=sent, timeout=20)
        assert (thanks.status_code, "شكراً لكم" in thanks.text) == (200, True)
    incomplete = fill_in(page.text, level=4) | {"once": "0" * 32, "answer.legal_support": ""}
    again = httpx.post(f"{stack.gateway_url}/campaign-links/{token}", data=incomplete, timeout=20)
    assert (again.status_code, again.text.count('class="fault"')) == (422, 1)

    # Programs, with the link and with accounts; staff, from paper.
    by_link = f"{stack.gateway_url}/v1/campaign-links/{token}/answers"
    for _ in range(2):
        said = answers(level=2, legal_support=4)
        httpx.post(by_link, json=said, headers=key(), timeout=20).raise_for_status()
    member.post(f"{campaign}/answers", json=answers(), headers=key()).raise_for_status()
    twice = member.post(f"{campaign}/answers", json=answers(level=1), headers=key())
    assert code_of(twice) == (409, "forms.answered_already")
    sheet = answers(sheet="R-1", legal_support=3)
    assert code_of(member.post(f"{campaign}/answers", json=sheet, headers=key())) == (
        403,
        "forbidden",
    )
    adviser.post(f"{campaign}/answers", json=sheet, headers=key()).raise_for_status()
    same = desk.post(f"{campaign}/answers", json=sheet, headers=key())
    assert code_of(same) == (409, "consultations.sheet_entered")
    assert desk.get(campaign).json()["answers"] == 5
    assert code_of(member.get(f"{campaign}/needs")) == (409, "consultations.needs_not_yet")

    act(manager, campaign, "stop")
    late = httpx.post(by_link, json=answers(), headers=key(), timeout=20)
    assert code_of(late) == (409, "consultations.campaign_over")
    refused = manager.patch(
        campaign, json={"title": {"ar": "س"}}, headers=tag(manager.get(campaign))
    )
    assert code_of(refused) == (409, "consultations.campaign_not_allowed_now")
    assert refused.json()["state"] == "counting"
    assert act(manager, campaign, "close")["status"] == "closed"

    found = member.get(f"{campaign}/needs").raise_for_status().json()
    assert (found["people"], found["needs"][0]["question_id"]) == (5, "legal_support")
    table = member.get(f"{campaign}/needs.csv", headers={"Accept-Language": "ar"})
    assert table.raise_for_status().headers["Content-Type"] == "text/csv; charset=utf-8"
    assert "الاحتياج" in table.text.splitlines()[0]
    picture = member.get(f"{campaign}/needs.svg").raise_for_status()
    assert picture.headers["Content-Type"].startswith("image/svg+xml")
    assert ElementTree.fromstring(picture.text).tag.endswith("svg")
    beside = {"with": campaign.rpartition("/")[2]}
    compared = member.get(f"{campaign}/comparison", params=beside).raise_for_status().json()
    assert {each["change"] for each in compared["needs"]} == {0}

    # What was found is where recommendations begin.
    with MongoClient[dict[str, Any]](stack.mongo_uri) as database:
        known = database["masaha_consultations"]["needs_found"]
        until(lambda: known.count_documents({"_id": beside["with"]}) == 1, "what was found")
