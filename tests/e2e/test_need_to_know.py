"""A sealed case through the real door: its people work with it, and no surface shows it to others.

Every surface is read twice, without and with a sealed case, as every role that is not on it. What
is read is the same, but for what is random or a time.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import bson
import httpx
from pymongo import MongoClient

from tests.e2e.conftest import SignIn
from tests.support.awaiting import until
from tests.support.client import code_of, key, tag
from tests.support.stack import Stack

ROLES = (
    "manager",
    "frontdesk-raqqa",
    "frontdesk-tabqa",
    "trainer",
    "adviser",
    "representative",
    "member-english",
    "member-other",
    "operator",
)
TITLE, NOTE, FILE_NAME = "نزاع-سرّي-7231", "اسم الشاهد: زهرة", "شهادة-زهرة.txt"
UNKNOWN = "0190b0a5-7c1e-7000-8000-00000000dead"
# What is random, and times; what is signed with a time in it.
_VOLATILE = re.compile(
    r"eyJ[\w-]+\.[\w-]+\.[\w-]+|trace_id|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
    r"|\d{4}-\d\d-\d\dT[\d:.]+Z|[0-9a-f]{32}"
)
# Health and what it costs; streams that do not end.
_NO_SURFACE = ("/healthz", "/readyz", "/metrics", "/openapi.json", "/v1/inbox/stream")

Surfaces = Mapping[str, tuple[int, str]]


def plain(answer: httpx.Response, *ids: str) -> tuple[int, str]:
    """An answer without what differs each time, and without these ids."""
    text = answer.text
    for each in ids:
        text = text.replace(each, "ID")
    return answer.status_code, _VOLATILE.sub("", text)


def read_surfaces(client: httpx.Client, paths: list[str]) -> Surfaces:
    return {path: plain(client.get(path)) for path in paths}


def lists_of(client: httpx.Client) -> list[str]:
    """Every path of the door that is read without naming a thing."""
    described = client.get("/openapi.json").raise_for_status().json()["paths"]
    return [
        path
        for path, methods in described.items()
        if "get" in methods and "{" not in path and path not in _NO_SURFACE
    ]


def of_a_case(client: httpx.Client) -> list[str]:
    """Every path below a case that is read, with one id in it."""
    described = client.get("/openapi.json").raise_for_status().json()["paths"]
    return [
        path
        for path, methods in described.items()
        if path.startswith("/v1/cases/{") and "get" in methods and path.count("{") == 1
    ]


def refusals(client: httpx.Client, paths: list[str], case_id: str) -> dict[str, tuple[int, str]]:
    """What reads, changes and creations of a case are answered with."""
    found = {path: plain(client.get(re.sub(r"\{.*?\}", case_id, path)), case_id) for path in paths}
    wrong = {"If-Match": '"99"'}
    where = f"/v1/cases/{case_id}"
    found["stale"] = plain(client.post(f"{where}/seal", json={}, headers=wrong), case_id)
    found["missing"] = plain(client.post(f"{where}/seal", json={}), case_id)
    found["same"] = plain(client.get(where, headers={"If-None-Match": '"1"'}), case_id)
    found["invalid"] = plain(
        client.post(f"{where}/notes", json={"text": 5}, headers=key()), case_id
    )
    found["note"] = plain(client.post(f"{where}/notes", json={"text": "x"}, headers=key()), case_id)
    return found


def submit(member: httpx.Client) -> httpx.Response:
    request = {
        "kind_id": "legal",
        "organisation_id": "euphrates-development",
        "centre_id": "raqqa",
        "title": TITLE,
        "description": NOTE,
        "form": {"edition": 1, "answers": {"urgent": "days"}},
    }
    return member.post("/v1/cases", json=request, headers=key()).raise_for_status()


def fill(member: httpx.Client, where: str) -> tuple[str, str]:
    """Give a case a sealed note and a file; the paths of both."""
    note = member.post(f"{where}/notes", json={"text": NOTE, "sealed": True}, headers=key())
    assert note.status_code == 201, note.text
    file = member.post(
        f"{where}/attachments",
        params={"name": FILE_NAME, "note_id": note.json()["id"]},
        content=NOTE.encode(),
        headers={**key(), "Content-Type": "application/octet-stream"},
    )
    assert file.status_code == 201, file.text
    return note.headers["Location"], file.headers["Location"]


def test_no_surface_shows_a_sealed_case_to_who_is_not_on_it(
    stack: Stack, signed_in: SignIn
) -> None:
    member = signed_in("member")
    lists, below = lists_of(member), of_a_case(member)
    assert "/v1/cases" in lists
    assert len(below) > 3
    clients = {role: signed_in(role) for role in ROLES}
    clients["visitor"] = httpx.Client(base_url=stack.gateway_url, timeout=20)
    before = {role: read_surfaces(each, lists) for role, each in clients.items()}
    with MongoClient[dict[str, Any]](stack.mongo_uri) as client:
        database = client["masaha_consultations"]
        until(lambda: database["outbox"].count_documents({}) == 0, "an empty outbox")
        events = database["event_log"].count_documents({})
        mails = mails_to(stack, clients)

        made = submit(member)
        case = made.json()
        where = made.headers["Location"]
        note, file = fill(member, where)
        assert made.headers["Cache-Control"] == "private, no-store"
        for on_it in set(case["people"]) & clients.keys():
            del clients[on_it], before[on_it]
        assert "manager" in clients
        assert member.get(note).json()["text"] == NOTE
        read = member.get(file)
        assert (read.text, read.headers["Cache-Control"]) == (NOTE, "no-store")

        after = {role: read_surfaces(each, lists) for role, each in clients.items()}
        differences = [
            f"{path} to {role}"
            for role, surfaces in before.items()
            for path, seen in surfaces.items()
            if after[role][path] != seen
        ]
        assert differences == []
        for role, each in clients.items():
            hidden = refusals(each, below, case["id"])
            assert hidden == refusals(each, below, UNKNOWN), role
            assert not [path for path, (status, _) in hidden.items() if status in (200, 304)]
            for path in (note, file):
                other = path.replace(case["id"], UNKNOWN)
                assert plain(each.get(path), case["id"]) == plain(each.get(other), UNKNOWN)

        # The open log, mails, and what is kept of requests.
        assert database["outbox"].count_documents({}) == 0
        assert database["event_log"].count_documents({}) == events
        assert mails_to(stack, clients) <= mails
        for name in database.list_collection_names():
            for document in database[name].find():
                for secret in (TITLE, NOTE, FILE_NAME):
                    assert secret not in str(document), name
                    assert secret.encode() not in bytes_of(document), name
    for log in stack.settings.logs.iterdir():
        written = log.read_text(errors="replace")
        # The database's own log of slow queries names ids: whose it is, sees the documents too.
        ids = () if log.name.startswith("mongod") else (case["id"], case["number"])
        for secret in (TITLE, FILE_NAME, *ids):
            assert secret not in written, log.name


def mails_to(stack: Stack, people: Mapping[str, object]) -> set[str]:
    """The mails to these people, by the names of their files."""
    addresses = [f"{person}@masaha.example.eml" for person in people]
    names = (each.name for each in stack.mail_folder.iterdir())
    return {name for name in names if name.endswith(tuple(addresses))}


def bytes_of(document: dict[str, Any]) -> bytes:
    return bson.encode(document)


def test_break_glass_gives_the_case_its_reader_and_its_people_news(
    stack: Stack, signed_in: SignIn
) -> None:
    member, manager = signed_in("member"), signed_in("manager")
    made = submit(member)
    case, where = made.json(), made.headers["Location"]
    _, file = fill(member, where)
    assert code_of(manager.get(file)) == (404, "not_found")
    asked = {"reason": "بلاغ عن خطر", "minutes": 30}
    opened = manager.post(f"/v1/cases/{case['number']}/break-glass", json=asked, headers=key())
    assert (opened.status_code, opened.json()["case_id"]) == (201, case["id"])
    read = manager.get(file)
    assert (read.text, read.headers["Cache-Control"]) == (NOTE, "no-store")
    for role in ("frontdesk-raqqa", "representative", "adviser"):
        refused = signed_in(role).post(
            f"/v1/cases/{case['number']}/break-glass", json=asked, headers=key()
        )
        assert code_of(refused) == (403, "forbidden")

    def of_this_case() -> list[dict[str, Any]]:
        items = member.get("/v1/inbox").raise_for_status().json()["items"]
        told = [each for each in items if each["category"] == "consultations"]
        found = [member.get(f"/v1/news/{each['subject_id']}") for each in told]
        return [each.json() for each in found if each.json().get("case_id") == case["id"]]

    (news,) = until(of_this_case, "news of the break-glass access")
    assert (news["what"], news["by"], news["case_number"]) == (
        "break_glass",
        "manager",
        case["number"],
    )
    words = member.get(f"/v1/news/{news['id']}", headers={"Accept-Language": "en"})
    assert words.json()["text"].startswith("A manager has emergency access")
    assert code_of(manager.get(f"/v1/news/{news['id']}")) == (404, "not_found")
    page = httpx.get(f"{stack.gateway_url}/m/{news['id']}?language=en")
    assert (page.status_code, page.headers["Cache-Control"]) == (200, "no-store")
    assert case["number"] not in page.text
    log = member.get(f"{where}/access-log").raise_for_status().json()["items"]
    assert ("manager", "attachment", "break_glass") in {
        (each["person_id"], each["read"], each["way"]) for each in log
    }
    history = member.get(f"{where}/history").raise_for_status().json()["items"]
    assert (history[-1]["by"], history[-1]["reason"]) == ("manager", asked["reason"])


def test_a_case_is_sealed_and_opened_again_at_the_door(signed_in: SignIn) -> None:
    member, desk = signed_in("member"), signed_in("frontdesk-raqqa")
    request = {
        "kind_id": "technical",
        "organisation_id": "euphrates-development",
        "centre_id": "raqqa",
        "title": "دليل مالي",
        "description": "نحتاج إلى دليل.",
    }
    made = member.post("/v1/cases", json=request, headers=key()).raise_for_status()
    where = made.headers["Location"]
    assert desk.get(where).status_code == 200
    sealed = member.post(f"{where}/seal", json={"reason": "أسماء"}, headers=tag(made))
    assert (sealed.status_code, sealed.json()["confidential"]) == (200, True)
    assert code_of(desk.get(where)) == (404, "not_found")
    opened = member.post(f"{where}/unseal", json={}, headers=tag(sealed))
    assert opened.status_code == 200
    assert desk.get(where).status_code == 200
    contact = {"name": "ليلى", "phone": "+963944000000"}
    put = member.put(f"{where}/contact", json=contact, headers=tag(opened))
    assert put.json()["phone"] == contact["phone"]
    assert code_of(desk.get(f"{where}/contact")) == (404, "not_found")
