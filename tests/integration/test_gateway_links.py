"""Secret links at the gateway: whose rights they carry, and where they are not written down."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from werkzeug.test import EnvironBuilder

from services.common.contracts.bookings.errors import INVITATION_UNKNOWN
from services.common.errors import NotFound
from tests.support.gateway import Door, a_door
from tests.support.stack import Server

TOKEN = "a" * 64
FEED = f"/v1/calendars/{TOKEN}.ics"
MEETING = {
    "title": "لقاء",
    "starts_at": "2026-11-24T09:00:00Z",
    "ends_at": "2026-11-24T10:00:00Z",
    "time_zone": "Asia/Damascus",
    "space": "Room",
    "centre": "Raqqa",
    "host_id": "hope",
}


@pytest.fixture
def door(database: Server, tmp_path: Path) -> Iterator[Door]:
    with a_door(tmp_path, database.uri) as opened:
        yield opened


def test_a_feed_is_asked_for_with_the_rights_that_its_owner_has_now(door: Door) -> None:
    door.branches.told = {
        "calendar_owner": {"owner_id": "desk"},
        "calendar_feed": {"calendar": "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"},
    }
    answer = door("GET", f"{FEED}?language=en", headers={"Accept-Language": "ar"})
    assert answer.content_type == "text/calendar; charset=utf-8"
    assert answer.data == b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"
    assert answer.headers["Content-Language"] == "en"
    _, method, request, call = door.branches.asked[-1]
    assert (method, request) == ("calendar_feed", {"token": TOKEN, "language": "en"})
    assert (call.caller.id, call.caller.branches) == ("desk", frozenset({"raqqa"}))
    again = door("GET", f"{FEED}?language=en", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize(
    "told", [NotFound(), {"owner_id": "somebody-who-has-left"}], ids=["link", "owner"]
)
def test_a_feed_whose_link_or_owner_is_gone_is_not_found(door: Door, told: object) -> None:
    door.branches.told = {"calendar_owner": told}
    answer = door("GET", FEED)
    assert (answer.status_code, answer.json["code"]) == (404, "not_found")


def test_a_feed_waits_for_its_branch(door: Door) -> None:
    door.branches.away = True
    answer = door("GET", FEED)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]


def test_guests_are_told_who_invites_them_and_no_id(door: Door) -> None:
    door.branches.told = {"get_meeting": lambda _: dict(MEETING)}
    for language, host in (("en", "Hope"), ("ar", "أمل")):
        shown = door("GET", f"/v1/invitations/{TOKEN}", headers={"Accept-Language": language})
        assert shown.json["host"] == host
        assert "host_id" not in shown.json
        assert shown.headers["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("path", [FEED, f"/v1/invitations/{TOKEN}"])
def test_no_secret_of_a_link_comes_into_the_access_log(door: Door, path: str) -> None:
    door.branches.told = {"calendar_owner": NotFound(), "get_meeting": INVITATION_UNKNOWN()}
    environ = EnvironBuilder(path=path).get_environ()
    statuses: list[str] = []
    for part in door.app(environ, lambda status, _headers: statuses.append(status)):
        assert TOKEN.encode() not in part
    assert statuses == ["404 NOT FOUND"]
    # The access log takes this for the path: gateway/access.py.
    assert environ["masaha.path"] == path.replace(TOKEN, "***")
