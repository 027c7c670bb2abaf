"""Secret links at the gateway: whose rights they carry, and where they are not written down."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from werkzeug.test import EnvironBuilder

from gateway.server import access_log
from gateway.server.access_log import AccessLogger
from services.common.contracts.bookings.errors import INVITATION_UNKNOWN, NO_ROOM_FOR_GUESTS
from services.common.contracts.consultations.rating_errors import RATING_LINK_UNKNOWN
from services.common.contracts.trainings.forms_errors import LINK_UNKNOWN
from services.common.errors import NotFound, Unavailable
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
    "answer": None,
    "people": 0,
}


@pytest.fixture
def door(database: Server, tmp_path: Path) -> Iterator[Door]:
    with a_door(tmp_path, database.uri) as opened:
        yield opened


def test_a_feed_is_asked_for_with_the_rights_that_its_owner_has_now(door: Door) -> None:
    door.branches.answers = {
        "calendar_owner": {"owner_id": "desk", "kind": "space"},
        "calendar_feed": {"calendar": "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"},
    }
    answer = door("GET", f"{FEED}?language=en", headers={"Accept-Language": "ar"})
    assert answer.content_type == "text/calendar; charset=utf-8"
    assert answer.data == b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"
    assert answer.headers["Content-Language"] == "en"
    _, method, request, call = door.branches.asked[-1]
    assert (method, request) == ("calendar_feed", {"token": TOKEN, "language": "en"})
    assert (call.caller.id, call.caller.centres) == ("desk", frozenset({"raqqa"}))
    again = door("GET", f"{FEED}?language=en", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize(
    "told",
    [NotFound(), {"owner_id": "somebody-who-has-left", "kind": "person"}],
    ids=["link", "owner"],
)
def test_a_feed_whose_link_or_owner_is_gone_is_not_found(door: Door, told: object) -> None:
    door.branches.answers = {"calendar_owner": told}
    answer = door("GET", FEED)
    assert (answer.status_code, answer.json["code"]) == (404, "not_found")


def test_a_persons_own_feed_has_the_entries_of_each_branch_or_is_not_answered(door: Door) -> None:
    entry = {
        "uid": "a@masaha",
        "sequence": 2,
        "status": "CONFIRMED",
        "starts_at": "2026-11-24T07:00:00Z",
        "ends_at": "2026-11-24T08:00:00Z",
        "title": "Appointment",
        "place": "Raqqa centre",
        "changed_at": "2026-11-23T07:00:00Z",
    }
    door.branches.answers = {
        "calendar_owner": {"owner_id": "desk", "kind": "person"},
        "calendar_feed": {"calendar": "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"},
        "calendar_entries": {"items": [entry]},
    }
    text = door("GET", f"{FEED}?language=en").get_data(as_text=True)
    assert text.startswith("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n")
    assert text.endswith("END:VEVENT\r\nEND:VCALENDAR\r\n")
    assert "UID:a@masaha\r\n" in text
    asked = door.branches.asked[-2:]
    assert [each[0] for each in asked] == ["consultations", "trainings"]
    for _, method, request, call in asked:
        assert (method, request, call.caller.id) == ("calendar_entries", {"language": "en"}, "desk")
    assert text.count("UID:") == 2
    door.branches.answers["calendar_entries"] = Unavailable(extra={"retry_after": 1})
    assert door("GET", FEED).status_code == 503


def test_a_feed_waits_for_its_branch(door: Door) -> None:
    door.branches.away = True
    answer = door("GET", FEED)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]


def test_guests_are_told_who_invites_them_and_no_id(door: Door) -> None:
    door.branches.answers = {"get_meeting": lambda _: dict(MEETING)}
    for language, host in (("en", "Hope"), ("ar", "أمل")):
        shown = door("GET", f"/v1/invitations/{TOKEN}", headers={"Accept-Language": language})
        assert shown.json["host"] == host
        assert "host_id" not in shown.json
        assert shown.headers["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize(
    "path",
    [
        FEED,
        f"/v1/invitations/{TOKEN}",
        f"/invitations/{TOKEN}",
        f"/form-links/{TOKEN}",
        f"/ratings/{TOKEN}",
    ],
)
def test_no_secret_of_a_link_comes_into_the_access_log(door: Door, path: str) -> None:
    door.branches.answers = {
        "calendar_owner": NotFound(),
        "get_meeting": INVITATION_UNKNOWN(),
        "open_form_link": LINK_UNKNOWN(),
        "open_rating": RATING_LINK_UNKNOWN(),
    }
    environ = EnvironBuilder(path=path).get_environ()
    statuses: list[str] = []
    for part in door.app(environ, lambda status, _headers: statuses.append(status)):
        assert TOKEN.encode() not in part
    assert statuses == ["404 NOT FOUND"]
    # The access log takes this for the path: gateway/server/access_log.py.
    assert environ["masaha.path"] == path.replace(TOKEN, "***")


CASE = "0190b0a5-7c1e-7000-8000-00000000ca5e"


@pytest.mark.parametrize(
    ("path", "logged"),
    [
        (f"/v1/cases/{CASE}", "/v1/cases/<id:case_id>"),
        (f"/v1/cases/{CASE}/notes", "/v1/cases/<id:case_id>/notes"),
        (f"/v1/news/{CASE}", "/v1/news/<id:news_id>"),
        (f"/m/{CASE}", "/m/<id:reference>"),
        (f"/v1/cases/{CASE}/nothing/there", "/v1/cases/***"),
        (f"/V1/Cases/{CASE}", "/V1/Cases/***"),
        ("/v1/cases", "/v1/cases"),
        # No route takes these: what is a token is known by its place.
        (f"/v1/ratings/{CASE}/nothing", "/v1/ratings/***/nothing"),
        (f"/v1/form-links/{CASE}/nothing", "/v1/form-links/***/nothing"),
        (f"/v1/campaign-links/{CASE}", "/v1/campaign-links/***"),
    ],
)
def test_the_access_log_names_no_case(
    door: Door, monkeypatch: pytest.MonkeyPatch, path: str, logged: str
) -> None:
    lines: list[dict[str, Any]] = []
    log = Mock(info=lambda _event, **line: lines.append(line))
    monkeypatch.setattr(access_log, "_log", log)
    environ = EnvironBuilder(path=path).get_environ()
    b"".join(door.app(environ, lambda _status, _headers: None))
    logger = AccessLogger.__new__(AccessLogger)
    logger.access(Mock(status="200 OK", sent=1), None, environ, timedelta(seconds=1))
    assert lines[0]["path"] == logged
    assert CASE not in str(lines)


def test_the_page_of_news_is_the_same_whether_there_is_any(door: Door) -> None:
    pages = [door("GET", f"/m/{each}?language=en") for each in (CASE, CASE[::-1])]
    texts = {page.text.replace(CASE, "").replace(CASE[::-1], "") for page in pages}
    assert len(texts) == 1
    assert "News about a consultation" in pages[0].text
    assert "front desk" not in pages[0].text
    assert {page.headers["Cache-Control"] for page in pages} == {"no-store"}


# -- the page for guests ------------------------------------------------------------------------

PAGE = f"/invitations/{TOKEN}"
ENGLISH = {"Accept-Language": "en"}


def answered(answer: str | None, people: int = 0) -> dict[str, object]:
    return {**MEETING, "answer": answer, "people": people}


def test_a_guest_reads_the_meeting_on_a_page_in_their_language(door: Door) -> None:
    door.branches.answers = {"get_meeting": lambda _: answered(None)}
    arabic = door("GET", PAGE)
    assert arabic.content_type == "text/html; charset=utf-8"
    assert '<html lang="ar" dir="rtl">' in arabic.text
    for word in ("أمل", "لقاء", "الثلاثاء، 24 تشرين الثاني", "عدد الحاضرين من طرفكم"):
        assert word in arabic.text
    english = door("GET", f"{PAGE}?language=en")
    assert '<html lang="en" dir="ltr">' in english.text
    for word in ("Hope", "Tuesday, 24 November 2026", "12:00", "13:00", "We will come"):
        assert word in english.text
    assert english.headers["Content-Language"] == "en"
    assert english.headers["Cache-Control"] == "private, no-store"
    assert "script" not in english.text
    assert "form-action 'self'" in english.headers["Content-Security-Policy"]


def test_the_page_speaks_the_language_in_which_the_guest_is_written_to(door: Door) -> None:
    door.branches.answers = {"get_meeting": lambda _: {**answered(None), "language": "en"}}
    page = door("GET", PAGE, headers={"Accept-Language": "ar"})
    assert '<html lang="en" dir="ltr">' in page.text
    assert page.headers["Content-Language"] == "en"
    _, _, _, call = door.branches.asked[-1]
    assert call.language == "en", "the names of space and centre are in that language too"
    chosen = door("GET", f"{PAGE}?language=ar", headers=ENGLISH)
    assert '<html lang="ar" dir="rtl">' in chosen.text


# -- the pages of everybody ---------------------------------------------------------------------

SUBJECT = "0190b0a5-7c1e-7000-8000-0000000000b1"
KINDS = ("bookings", "series", "waitlist", "me/invitations")
FRONT_PAGES = ["/", *(f"/{kind}/{SUBJECT}" for kind in KINDS)]


@pytest.mark.parametrize("path", FRONT_PAGES)
def test_a_page_says_in_the_browsers_language_what_it_is_and_asks_nobody(
    door: Door, path: str
) -> None:
    arabic = door("GET", path, headers={"Accept-Language": "ar-SY,ar;q=0.9,en;q=0.5"})
    assert (arabic.status_code, arabic.content_type) == (200, "text/html; charset=utf-8")
    assert '<html lang="ar" dir="rtl">' in arabic.text
    assert "تسجيل الدخول" in arabic.text
    english = door("GET", path, headers=ENGLISH)
    assert '<html lang="en" dir="ltr">' in english.text
    assert 'href="/docs"' in english.text
    assert '<html lang="en"' in door("GET", f"{path}?language=en").text
    assert "<script" not in english.text
    assert door.branches.asked == []


@pytest.mark.parametrize("path", FRONT_PAGES)
def test_a_head_is_answered_like_a_get_and_nothing_else_is(door: Door, path: str) -> None:
    head = door("HEAD", path)
    assert (head.status_code, head.data) == (200, b"")
    assert door("POST", path).status_code == 405
    assert door.branches.asked == []


def test_a_page_is_the_same_whether_there_is_such_a_booking_or_not(door: Door) -> None:
    pages = [door("GET", f"/bookings/{each}", headers=ENGLISH).text for each in (SUBJECT, "b")]
    assert SUBJECT in pages[0]
    assert pages[0].replace(SUBJECT, "b") == pages[1]
    assert door("GET", "/bookings/%3Cscript%3E").status_code == 404
    assert door("GET", "/nothing/b").status_code == 404


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_guest_who_asks_too_often_is_told_so_on_the_page(
    database: Server, tmp_path: Path, method: str
) -> None:
    with a_door(tmp_path, database.uri, rate_limit=1) as door:
        door.branches.answers = {"get_meeting": lambda _: answered(None)}
        assert door("GET", PAGE).status_code == 200
        asked = len(door.branches.asked)
        page = door(method, f"{PAGE}?language=en", data={"answer": "yes"})
        assert (page.status_code, page.content_type) == (429, "text/html; charset=utf-8")
        assert '<html lang="en" dir="ltr">' in page.text
        assert "Too many requests" in page.text
        assert int(page.headers["Retry-After"]) > 0
        assert "r=0" in page.headers["RateLimit"]
        assert len(door.branches.asked) == asked


def test_a_guest_answers_by_the_form_and_sees_the_answer(door: Door) -> None:
    door.branches.answers = {
        "reply_to_invitation": {"answer": "yes", "people": 3},
        "get_meeting": lambda _: answered("yes", 3),
    }
    page = door("POST", PAGE, data={"answer": "yes", "people": "3"}, headers=ENGLISH)
    assert page.status_code == 200
    assert "Thank you" in page.text
    assert "3 in number" in page.text
    _, method, request, call = door.branches.asked[0]
    assert (method, request) == (
        "reply_to_invitation",
        {"answer": "yes", "people": 3, "token": TOKEN},
    )
    assert call.caller.kind == "visitor"


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"answer": "perhaps"},
        {"answer": "yes", "people": "0"},
        {"answer": "yes", "people": "many"},
        {"answer": "yes", "people": "-1"},
        {"answer": "yes", "people": "9" * 400},
        {"answer": "yes", "people": "٣٫٥"},
        {"answer": ["yes", "no"]},
        {"answer": "yes", "people": ["1", "2"]},
    ],
)
def test_a_form_that_holds_no_answer_is_shown_again_and_asks_nobody(
    door: Door, form: dict[str, Any]
) -> None:
    door.branches.answers = {"get_meeting": lambda _: answered(None)}
    page = door("POST", PAGE, data=form, headers=ENGLISH)
    assert page.status_code == 422
    assert 'role="alert"' in page.text
    assert "<form" in page.text
    assert [method for _, method, _, _ in door.branches.asked] == ["get_meeting"]


def test_a_form_that_did_not_come_whole_is_no_answer(door: Door) -> None:
    door.branches.answers = {"get_meeting": lambda _: answered(None)}
    cut = {"wsgi.input_terminated": True, "CONTENT_LENGTH": "20"}
    form = {"answer": "yes", "people": "1"}
    page = door("POST", PAGE, data=form, headers=ENGLISH, environ_overrides=cut)
    assert page.status_code == 400
    assert 'role="alert"' in page.text
    assert [method for _, method, _, _ in door.branches.asked] == ["get_meeting"]


def test_a_form_that_is_too_long_is_told_on_the_page(door: Door) -> None:
    door.branches.answers = {"get_meeting": lambda _: answered(None)}
    page = door("POST", PAGE, data={"answer": "x" * 70_000}, headers=ENGLISH)
    assert (page.status_code, page.mimetype) == (413, "text/html")
    assert "<form" in page.text


def test_a_number_in_arabic_digits_is_a_number(door: Door) -> None:
    door.branches.answers = {
        "reply_to_invitation": {"answer": "yes", "people": 3},
        "get_meeting": lambda _: answered("yes", 3),
    }
    assert door("POST", PAGE, data={"answer": "yes", "people": "٣"}).status_code == 200
    assert door.branches.asked[0][2]["people"] == 3


def test_a_refused_answer_leaves_the_form_and_says_why(door: Door) -> None:
    door.branches.answers = {
        "reply_to_invitation": NO_ROOM_FOR_GUESTS(left=2),
        "get_meeting": lambda _: answered(None),
    }
    page = door("POST", PAGE, data={"answer": "yes", "people": "9"}, headers=ENGLISH)
    assert page.status_code == 409
    assert 'role="alert"' in page.text
    assert "<form" in page.text


def test_a_link_that_nobody_made_is_told_on_a_page_without_a_form(door: Door) -> None:
    unknown = INVITATION_UNKNOWN()
    door.branches.answers = {"get_meeting": unknown, "reply_to_invitation": unknown}
    for method in ("GET", "POST"):
        page = door(method, PAGE, data={"answer": "no"} if method == "POST" else None)
        assert (page.status_code, page.content_type) == (404, "text/html; charset=utf-8")
        assert "<form" not in page.text


def test_the_page_waits_for_its_branch(door: Door) -> None:
    door.branches.away = True
    page = door("GET", PAGE)
    assert (page.status_code, page.content_type) == (503, "text/html; charset=utf-8")
    assert page.headers["Retry-After"]


def test_what_a_host_has_written_is_text_on_the_page(door: Door) -> None:
    hostile = {**answered(None), "title": "<script>alert(1)</script>"}
    door.branches.answers = {"get_meeting": lambda _: hostile}
    assert "<script" not in door("GET", PAGE).text
