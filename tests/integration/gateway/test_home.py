"""Home: one small answer; a branch that is away removes only its own part."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.api import home as home_module
from gateway.remote.breaker import away
from tests.support.gateway import MEMBER, Door, a_door
from tests.support.stack import Server

PARTS = {"bookings", "offers", "budgets"}


def booking(booking_id: str, starts_at: str, status: str = "confirmed") -> dict[str, Any]:
    return {
        "id": booking_id,
        "organisation_id": "hope",
        "starts_at": starts_at,
        "status": status,
        "space_name": {"ar": "قاعة"},
        "centre_name": {"ar": "مركز"},
    }


ALL_BOOKINGS = [
    booking(f"b{day}", f"2999-01-{day:02}T09:00:00Z", status)
    for day, status in enumerate(
        [*["cancelled"] * 21, "held", *["confirmed"] * 4, "pending"], start=1
    )
]


def found(request: dict[str, Any]) -> list[dict[str, Any]]:
    wanted = request.get("statuses")
    asked_for = [dict(each) for each in ALL_BOOKINGS if wanted is None or each["status"] in wanted]
    return asked_for[: request["limit"]]


@pytest.fixture
def door(database: Server, tmp_path: Path) -> Iterator[Door]:
    with a_door(tmp_path, database.uri) as opened:
        opened.branches.answers = {
            "list_bookings": lambda request: {"items": found(request), "next": None},
            "list_waitlist_entries": {"items": [{"id": "w"}], "next": None},
            "get_budget_week": {"organisation_id": "hope", "week": "2026-W48"},
            "list_inbox": {"items": [], "next": None, "unread": 7},
        }
        yield opened


def test_home_has_what_a_phone_shows_first(door: Door) -> None:
    answer = door("GET", "/v1/home", "member")
    assert answer.status_code == 200
    home = answer.json
    assert home["me"]["id"] == "member"
    assert [each["id"] for each in home["bookings"]] == ["b22", "b23", "b24", "b25", "b26"]
    assert home["bookings"][0]["organisation_name"] == {"ar": "أمل", "en": "Hope"}
    assert home["offers"] == [{"id": "w"}]
    assert home["budgets"] == [{"organisation_id": "hope", "week": "2026-W48"}]
    assert home["unread"] == 7
    assert home["away"] == []
    asked = {method: request for _, method, request, _ in door.branches.asked}
    assert asked["list_bookings"]["organisation_id"] == "hope"
    assert asked["list_bookings"]["names"] is True
    assert asked["list_waitlist_entries"]["status"] == "offered"


def test_staff_without_an_organisation_are_asked_for_nothing_of_others(door: Door) -> None:
    home = door("GET", "/v1/home", "manager").json
    assert (home["bookings"], home["offers"], home["budgets"]) == ([], [], [])
    assert [method for _, method, _, _ in door.branches.asked] == ["list_inbox"]


def test_a_branch_that_is_away_leaves_its_part_null_and_is_asked_once(door: Door) -> None:
    door.branches.answers["list_bookings"] = away("bookings", 2.0, "timeout")
    answer = door("GET", "/v1/home", "member")
    assert answer.status_code == 200
    home = answer.json
    assert {name for name, value in home.items() if value is None} == PARTS
    assert home["away"] == ["bookings"]
    assert home["unread"] == 7
    assert [branch for branch, *_ in door.branches.asked].count("bookings") == 1

    door.branches.away = True
    home = door("GET", "/v1/home", "member").json
    assert home["away"] == ["bookings", "notifications"]
    assert home["me"]["id"] == "member"


def test_slow_answers_end_with_the_time_for_the_page(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Clock:
        now = 0.0

        def monotonic(self) -> float:
            return self.now

    clock = Clock()
    monkeypatch.setattr(home_module, "time", clock)

    def slow(request: dict[str, Any]) -> dict[str, Any]:
        clock.now += 4.5
        return {"items": [], "next": None}

    door.branches.answers["list_bookings"] = slow
    home = door("GET", "/v1/home", "member").json
    assert (home["bookings"], home["offers"], home["budgets"]) == ([], None, None)
    assert home["away"] == ["bookings"]
    assert home["unread"] == 7


def test_without_our_own_database_the_branches_are_still_shown(
    database: Server, tmp_path: Path, door: Door
) -> None:
    with a_door(tmp_path / "other") as other:
        other.branches.answers = door.branches.answers
        answer = other("GET", "/v1/home", MEMBER)
    assert answer.status_code == 200
    assert answer.json["me"] is None
    assert answer.json["away"] == ["gateway"]
    assert answer.json["bookings"][0]["organisation_name"] is None
    assert answer.json["unread"] == 7


def test_home_is_narrowed_and_needs_a_sign_in(door: Door) -> None:
    assert door("GET", "/v1/home?fields=unread,away", "member").json == {"unread": 7, "away": []}
    assert door("GET", "/v1/home").status_code == 401


# -- names with bookings ----------------------------------------------------------------------


def test_bookings_come_with_names_where_they_are_asked_for(door: Door) -> None:
    named = door("GET", "/v1/bookings?expand=names", "member").json["items"][0]
    assert named["organisation_name"] == {"ar": "أمل", "en": "Hope"}
    assert named["space_name"] == {"ar": "قاعة"}
    assert door.branches.asked[-1][2]["names"] is True
    door("GET", "/v1/bookings", "member")
    assert "names" not in door.branches.asked[-1][2]
    assert door("GET", "/v1/bookings?expand=people", "member").status_code == 422


def test_one_booking_with_names_is_not_answered_by_its_version(door: Door) -> None:
    door.branches.answers["get_booking"] = lambda request: {
        **booking("b", "2999-01-01T09:00:00Z"),
        "version": 3,
    }
    same = {"If-None-Match": '"3"'}
    assert door("GET", "/v1/bookings/b", "member", headers=same).status_code == 304
    answer = door("GET", "/v1/bookings/b?expand=names", "member", headers=same)
    assert answer.status_code == 200
    assert answer.json["organisation_name"] == {"ar": "أمل", "en": "Hope"}
    assert answer.headers["ETag"] == '"3"', "which a change expects"
