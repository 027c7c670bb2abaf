"""What a sealed case leaves in feeds, exports, inboxes and metrics, beside an open one in which the
same is done: nothing, to all who are not on it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from deploy.local.processes import HOST, Layer, table
from tests.e2e.conftest import SignIn
from tests.e2e.test_need_to_know import FILE_NAME, NOTE, ROLES, TITLE, fill
from tests.support.awaiting import until
from tests.support.client import key, tag, wire
from tests.support.stack import Stack

MEMBER, ADVISER = "member", "adviser"
OUTSIDERS = tuple(each for each in ROLES if each != ADVISER)
EXPORTERS = ("manager", "operator")
_STAMP = re.compile(r"DTSTAMP:.*|LAST-MODIFIED:.*")
_SAMPLE = re.compile(r"^([a-z_:]+(?:\{[^}]*\})?) ", re.MULTILINE)

Traces = Mapping[str, object]


def feeds_of(clients: Mapping[str, httpx.Client]) -> dict[str, str]:
    """Role → the path of its own calendar; staff have one of the centre, too."""
    wanted = [(role, {"kind": "person", "id": role}) for role in clients]
    wanted += [(role, {"kind": "centre", "id": "raqqa"}) for role in ("manager", "frontdesk-raqqa")]
    return {
        f"{role} {details['kind']}": clients[role]
        .post("/v1/calendars", json=details, headers=key())
        .raise_for_status()
        .json()["path"]
        for role, details in wanted
    }


def traces_of(
    clients: Mapping[str, httpx.Client], feeds: Mapping[str, str], visitor: httpx.Client
) -> Traces:
    """All that these people find, without times at which it was asked."""
    found: dict[str, object] = {}
    for role, client in clients.items():
        found[f"inbox of {role}"] = client.get("/v1/inbox?limit=200").raise_for_status().json()
        mine = client.get("/v1/me/export").raise_for_status().json()
        found[f"export of {role}"] = without_times(mine)
    for role in EXPORTERS:
        for person in (MEMBER, ADVISER):
            answer = clients[role].get(f"/v1/people/{person}/export")
            exported = without_times(answer.json()) if answer.is_success else answer.status_code
            found[f"export of {person} to {role}"] = exported
    for name, path in feeds.items():
        feed = visitor.get(path).raise_for_status().text
        found[f"feed of {name}"] = _STAMP.sub("", feed)
    return found


def without_times(exported: dict[str, Any]) -> dict[str, Any]:
    # Of the own account: when the person has signed in last, and so on.
    return {name: value for name, value in exported.items() if name != "exported_at"}


def labels(stack: Stack) -> set[str]:
    """Every measure of every process, with its labels and without its value."""
    processes = [each for each in table(stack.settings) if each.layer is Layer.BRANCHES]
    ports = [each.ports[0] for each in processes]
    found: set[str] = set()
    for port in ports:
        answer = httpx.get(f"http://{HOST}:{port}/metrics")
        if answer.is_success:
            found |= set(_SAMPLE.findall(answer.text))
    assert any("consultations" in each for each in found)
    return found


def work_on(kind: str, member: httpx.Client, adviser: httpx.Client, desk: httpx.Client) -> str:
    """Have a case of a kind with a sealed note, a file and an appointment; its id."""
    details = {
        "kind_id": kind,
        "organisation_id": "euphrates-development",
        "centre_id": "raqqa",
        "title": TITLE,
        "description": NOTE,
    }
    if kind == "legal":
        details["form"] = {"edition": 1, "answers": {"urgent": "days"}}  # type: ignore[assignment]
    made = member.post("/v1/cases", json=details, headers=key()).raise_for_status()
    where, case_id = made.headers["Location"], made.json()["id"]
    fill(member, where)
    assigns = adviser if kind == "legal" else desk
    seen = assigns.get(where).raise_for_status()
    chosen = {"adviser_id": ADVISER, "reason": "تعرف الموضوع"}
    assigns.post(f"{where}/assign", json=chosen, headers=tag(seen)).raise_for_status()
    begin = datetime.now(UTC) + timedelta(days=2)
    within = {"starts_at": wire(begin), "ends_at": wire(begin + timedelta(days=9))}
    path = f"/v1/advisers/{ADVISER}/availability"
    slots = member.get(path, params={"case_id": case_id, **within}).raise_for_status().json()
    appointment = {"case_id": case_id, "mode": "remote", **slots["items"][0]}
    member.post("/v1/appointments", json=appointment, headers=key()).raise_for_status()
    return str(case_id)


def has_news_of_appointment(client: httpx.Client, case_id: str) -> bool:
    """Whether the news of the last act has gone the whole way to an inbox."""
    items = client.get("/v1/inbox?limit=200").raise_for_status().json()["items"]
    told = [each["subject_id"] for each in items if each["event_type"].endswith("news.sent")]
    found = [client.get(f"/v1/news/{each}") for each in told]
    seen = [each.json() for each in found if each.is_success]
    return any(
        each["case_id"] == case_id and each["what"].startswith("appointment_") for each in seen
    )


def test_no_feed_export_inbox_or_measure_tells_of_a_sealed_case(
    stack: Stack, signed_in: SignIn
) -> None:
    member, adviser = signed_in(MEMBER), signed_in(ADVISER)
    desk = signed_in("frontdesk-raqqa")
    clients = {role: signed_in(role) for role in OUTSIDERS}
    feeds = feeds_of(clients)
    with httpx.Client(base_url=stack.gateway_url, timeout=20) as visitor:
        opened = work_on("technical", member, adviser, desk)
        until(lambda: has_news_of_appointment(adviser, opened), "news of the open case")
        traces_of(clients, feeds, visitor)
        known = labels(stack)
        before = traces_of(clients, feeds, visitor)

        sealed = work_on("legal", member, adviser, desk)
        until(lambda: has_news_of_appointment(adviser, sealed), "news of the sealed case")
        after = traces_of(clients, feeds, visitor)

        differing = [name for name, seen in before.items() if after[name] != seen]
        assert differing == []
        for secret in (sealed, TITLE, NOTE, FILE_NAME):
            # Of the open case its organisation and staff know; of the sealed one nobody here.
            assert str(after).count(secret) == str(before).count(secret)
        assert labels(stack) - known == set()
        # Who is on it finds it there.
        assert sealed in member.get("/v1/me/export").raise_for_status().text
