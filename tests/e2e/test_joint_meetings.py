"""Joint meetings, calendar feeds and the report of use, through the real door."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any
from uuid import uuid4

import httpx
import pymongo
from icalendar import Calendar

from services.common import xlsx
from tests.e2e.conftest import SignIn
from tests.support.awaiting import until
from tests.support.client import code_of, key, wire
from tests.support.stack import Stack

HOST = "euphrates-development"
SPACE = "raqqa-meeting-room"
WEEKS_AHEAD = 11


def workday(hour: int) -> datetime:
    """A Wednesday some weeks ahead, wall clock of Damascus (UTC+3)."""
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    wednesday = today + timedelta(days=7 * WEEKS_AHEAD + 2 - today.weekday())
    return wednesday + timedelta(hours=hour - 3)


def at(resource: dict[str, Any]) -> dict[str, str]:
    return {"If-Match": f'"{resource["version"]}"'}


def meet(client: httpx.Client, hour: int, **values: Any) -> dict[str, Any]:
    answer = client.post(
        "/v1/bookings",
        json={
            "space_id": SPACE,
            "organisation_id": HOST,
            "starts_at": wire(workday(hour)),
            "ends_at": wire(workday(hour + 1)),
            "title": "لقاء التنسيق",
            "purpose": "joint_meeting",
            "people": 4,
            **values,
        },
        headers=key(),
    )
    found: dict[str, Any] = answer.raise_for_status().json()
    return found


def invite(client: httpx.Client, booking: dict[str, Any], **whom: Any) -> httpx.Response:
    return client.post(f"/v1/bookings/{booking['id']}/invitations", json=whom, headers=key())


def guest(name: str) -> dict[str, str]:
    return {"name": name, "email": f"{name}-{uuid4().hex[:8]}@example.org", "language": "en"}


def mail_to(stack: Stack, address: str, subject: str = "") -> str:
    """The plain text of the mail that this address was sent."""

    def sent() -> list[tuple[str, str]]:
        mails = (
            message_from_bytes(path.read_bytes(), _class=EmailMessage, policy=default)
            for path in stack.mail_folder.glob("*.eml")
        )
        return [
            (str(mail["Subject"]), text_of(mail)) for mail in mails if address in str(mail["To"])
        ]

    def wanted(mails: list[tuple[str, str]]) -> list[str]:
        return [text for about, text in mails if subject in about]

    what = f"a mail to {address} about {subject!r}"
    return wanted(until(sent, what, 30, enough=wanted, every=0.2))[0]


def text_of(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def page_in(text: str) -> str:
    """The path of the page that a mail leads its reader to."""
    found = re.search(r"http://[^/\s]+(/invitations/\w+)", text)
    assert found is not None, text
    return found[1]


def link_in(text: str) -> str:
    """The path of the same for programs."""
    return f"/v1{page_in(text)}"


def assert_in_no_event(stack: Stack, secret: str, said_of: str) -> None:
    """No branch has written the secret where events are kept for good, or wait to be sent."""
    client: pymongo.MongoClient[dict[str, Any]] = pymongo.MongoClient(stack.mongo_uri)
    with client:
        kept = [
            str(row)
            for branch in ("bookings", "notifications", "gateway")
            for collection in ("event_log", "outbox")
            for row in client[f"masaha_{branch}"][collection].find()
        ]
    assert any("bookings.invitation.issued" in row and said_of in row for row in kept)
    assert not [row for row in kept if secret in row]


def test_a_guest_without_an_account_answers_by_the_link_in_the_mail(
    stack: Stack, signed_in: SignIn
) -> None:
    member, anybody = signed_in("member"), httpx.Client(base_url=stack.gateway_url)
    booking, whom = meet(member, 9), guest("salma")
    invitation = invite(member, booking, guest=whom).raise_for_status().json()
    page = page_in(mail_to(stack, whom["email"], "Invitation"))
    path = f"/v1{page}"

    english = {"Accept-Language": "en"}
    read = anybody.get(page, headers=english).raise_for_status()
    assert "Euphrates Development Association" in read.text
    thanked = anybody.post(page, data={"answer": "maybe", "people": "2"}, headers=english)
    assert "Your answer: maybe." in thanked.raise_for_status().text
    shown = anybody.get(path, headers=english).raise_for_status().json()
    assert shown == {
        "title": "لقاء التنسيق",
        "starts_at": wire(workday(9)),
        "ends_at": wire(workday(10)),
        "time_zone": "Asia/Damascus",
        "space": "Meeting room",
        "centre": shown["centre"],
        "host": "Euphrates Development Association",
        "answer": "maybe",
        "people": 0,
    }
    assert anybody.get(path).json()["host"] == "جمعية الفرات للتنمية"

    assert code_of(anybody.post(f"{path}/reply", json={"answer": "yes", "people": 9})) == (
        409,
        "bookings.no_room_for_guests",
    )
    replied = anybody.post(f"{path}/reply", json={"answer": "yes", "people": 3})
    assert replied.json() == {"answer": "yes", "people": 3}
    listed = member.get(f"/v1/bookings/{booking['id']}/invitations").json()
    assert [(each["status"], each["people"]) for each in listed["items"]] == [("accepted", 3)]
    assert listed["room"] == 5

    cancelled = member.post(
        f"/v1/bookings/{booking['id']}/cancel", json={"reason": "عاصفة"}, headers=at(booking)
    )
    assert cancelled.status_code == 200
    assert "عاصفة" in mail_to(stack, whom["email"], "called off")
    assert code_of(anybody.get(path)) == (409, "bookings.meeting_called_off")
    assert anybody.get(page).status_code == 409
    assert invitation["id"] not in path
    assert '"path":"/invitations/***"' in stack.log("gateway").read_text("utf-8")
    assert '"path":"/v1/invitations/***"' in stack.log("gateway").read_text("utf-8")
    for log in stack.settings.logs.glob("*.log"):
        assert path.rpartition("/")[2] not in log.read_text("utf-8", "replace"), log.name
    # The first half of a token is the invitation's id; the second is what nobody may know.
    assert_in_no_event(stack, path[-32:], said_of=invitation["id"])


def test_who_may_and_what_is_refused_in_both_languages(stack: Stack, signed_in: SignIn) -> None:
    member, other = signed_in("member"), signed_in("member-other")
    booking, plain = meet(member, 10), meet(member, 11, purpose="meeting")
    invitations = f"/v1/bookings/{booking['id']}/invitations"
    asked = invite(member, booking, organisation_id="raqqa-women")
    assert asked.status_code == 201
    assert asked.headers["Location"] == f"{invitations}/{asked.json()['id']}"
    both = {"organisation_id": "tabqa-youth", "guest": guest("x")}
    address = {"name": "x", "email": "x\n@example.org", "language": "en"}
    for answer, expected in (
        (invite(member, booking, organisation_id="raqqa-women"), (409, "bookings.already_invited")),
        (invite(member, booking, organisation_id=HOST), (409, "bookings.already_invited")),
        (invite(member, plain, guest=guest("x")), (409, "bookings.not_a_joint_meeting")),
        (invite(member, booking, **both), (422, "invalid")),
        (invite(member, booking), (422, "invalid")),
        (invite(member, booking, guest=address), (422, "invalid")),
        (invite(other, booking, guest=guest("x")), (404, "not_found")),
        (invite(signed_in("member-english"), booking, guest=guest("x")), (403, "forbidden")),
        (other.get(invitations), (404, "not_found")),
        (member.post(invitations, json={"guest": guest("x")}), (400, "idempotency.key_missing")),
        (member.get("/v1/invitations/" + "0" * 64), (404, "bookings.invitation_unknown")),
        (
            member.post(f"/v1/bookings/{booking['id']}/headcount", json={"women": 1, "men": 1}),
            (428, "precondition_required"),
        ),
        (
            member.post(
                f"/v1/bookings/{booking['id']}/headcount",
                json={"women": 1, "men": 1},
                headers=at(booking),
            ),
            (409, "bookings.not_allowed_now"),
        ),
    ):
        assert code_of(answer) == expected
    refused = "/v1/invitations/" + "0" * 64
    said = {
        language: httpx.get(
            f"{stack.gateway_url}{refused}", headers={"Accept-Language": language}
        ).json()["detail"]
        for language in ("ar", "en")
    }
    assert "link" in said["en"]
    assert "الرابط" in said["ar"]
    revoked = member.post(f"{invitations}/{asked.json()['id']}/revoke", headers=at(asked.json()))
    assert revoked.json()["status"] == "revoked"


def test_a_calendar_program_follows_a_secret_link(stack: Stack, signed_in: SignIn) -> None:
    member, other = signed_in("member"), signed_in("member-other")
    program = httpx.Client(base_url=stack.gateway_url)
    booking = meet(member, 12)
    paths = {}
    for client in (member, other):
        made = client.post("/v1/calendars", json={"kind": "space", "id": SPACE}, headers=key())
        assert made.status_code == 201
        paths[client] = (made.json()["path"], made.headers["Location"])

    path, location = paths[member]
    feed = program.get(path, params={"language": "ar"})
    assert feed.headers["Content-Type"] == "text/calendar; charset=utf-8"
    uid = f"{booking['id']}@masaha"
    mine = {str(e["UID"]): e for e in Calendar.from_ical(feed.text).walk("VEVENT")}[uid]
    assert str(mine["SUMMARY"]) == booking["title"]
    again = program.get(
        path, params={"language": "ar"}, headers={"If-None-Match": feed.headers["ETag"]}
    )
    assert (again.status_code, again.content) == (304, b"")

    theirs = program.get(paths[other][0], params={"language": "en"}).text
    assert booking["title"] not in theirs
    busy = {str(e["UID"]): e for e in Calendar.from_ical(theirs).walk("VEVENT")}[uid]
    assert str(busy["SUMMARY"]) == "Busy"

    member.post(f"/v1/bookings/{booking['id']}/cancel", headers=at(booking)).raise_for_status()
    changed = program.get(path, headers={"If-None-Match": feed.headers["ETag"]})
    gone = {str(e["UID"]): e for e in Calendar.from_ical(changed.text).walk("VEVENT")}[uid]
    assert (str(gone["STATUS"]), gone["SEQUENCE"]) == ("CANCELLED", 1)

    assert [each["id"] for each in member.get("/v1/calendars").json()["items"]]
    assert other.delete(location).status_code == 404
    assert member.delete(location).status_code == 204
    assert program.get(path).status_code == 404
    assert code_of(program.get("/v1/calendars/" + "0" * 64 + ".ics")) == (404, "not_found")
    assert program.get(path, params={"language": "xx"}).status_code == 422
    assert code_of(
        member.post("/v1/calendars", json={"kind": "space", "id": "nowhere"}, headers=key())
    ) == (422, "bookings.no_such_calendar")


def test_the_report_counts_a_meeting_that_took_place(stack: Stack, signed_in: SignIn) -> None:
    member, desk, manager = (signed_in(each) for each in ("member", "frontdesk-raqqa", "manager"))
    day = workday(13).date().isoformat()
    booking = meet(member, 13)
    invite(member, booking, organisation_id="tabqa-youth").raise_for_status()
    path = link_in(mail_to(stack, "member-tabqa@masaha.example", "دعوة"))
    httpx.post(f"{stack.gateway_url}{path}/reply", json={"answer": "yes"}).raise_for_status()
    client: pymongo.MongoClient[dict[str, Any]] = pymongo.MongoClient(stack.mongo_uri)
    with client:
        # Nobody waits eleven weeks: the people are there now.
        client["masaha_bookings"]["bookings"].update_one(
            {"_id": booking["id"]}, {"$set": {"status": "checked_in"}}
        )
    counted = desk.post(
        f"/v1/bookings/{booking['id']}/headcount",
        json={"women": 7, "men": 5},
        headers=at(booking),
    )
    assert counted.json()["headcount"] == {"women": 7, "men": 5}
    history = member.get(f"/v1/bookings/{booking['id']}/history").json()["items"]
    assert history[-1]["changes"] == {
        "women": {"from": None, "to": 7},
        "men": {"from": None, "to": 5},
    }

    asked = {"from": day, "to": day, "group_by": "purpose"}
    report = manager.get("/v1/reports/utilisation", params=asked).raise_for_status().json()
    (row,) = (each for each in report["items"] if each["key"] == "joint_meeting")
    assert row["inter_organisation_meetings"] == 1
    assert (row["women"], row["men"]) == (7, 5)
    assert row["hours"]["of"] == 5 * 8 + 4 * 7  # every space, from nine to five and to four

    asked["group_by"] = "organisation"
    wanted = {"Accept": "text/csv", "Accept-Language": "ar"}
    sheet = manager.get("/v1/reports/utilisation", params=asked, headers=wanted)
    assert sheet.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert sheet.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(sheet.content.decode("utf-8-sig"))))
    mine = next(each for each in rows if each["المنظمة"] == HOST)
    assert mine["الاسم"] == "جمعية الفرات للتنمية"
    assert mine["نساء"] == "7"
    book = manager.get("/v1/reports/utilisation", params={**asked, "format": "xlsx"})
    assert book.headers["Content-Type"] == xlsx.CONTENT_TYPE
    assert book.headers["Content-Disposition"].endswith(f'utilisation-{day}-{day}.xlsx"')
    cells = [each.cells for each in xlsx.read("utilisation.xlsx", book.content).rows]
    assert ("7", "5") in [tuple(each[-2:]) for each in cells]

    own = desk.get("/v1/reports/utilisation", params={"from": day, "to": day, "format": "json"})
    assert own.json()["centres"] == ["raqqa"]
    for who, parameters, expected in (
        (member, {"from": day, "to": day}, (403, "forbidden")),
        (manager, {"from": day, "to": "2020-01-01"}, (422, "bookings.report_ends_early")),
        (manager, {"from": "2020-01-01", "to": day}, (422, "bookings.report_too_long")),
        (manager, {"from": day}, (422, "invalid")),
        (manager, {"from": day, "to": day, "group_by": "colour"}, (422, "invalid")),
        (manager, {"from": day, "to": day, "by": "space"}, (400, "malformed")),
    ):
        refused = who.get("/v1/reports/utilisation", params=parameters)
        assert code_of(refused) == expected
    early = manager.get("/v1/reports/utilisation", params={"from": day, "to": "2020-01-01"})
    assert early.json()["errors"][0]["pointer"] == "/to"
