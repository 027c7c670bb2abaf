"""Approval, check-in and budgets through the real door, with the real worker."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pymongo
import pytest

from tests.e2e.conftest import SignIn
from tests.support.awaiting import until
from tests.support.client import code_of, wire
from tests.support.stack import Stack

ORGANISATION = "euphrates-development"
SPACE = "raqqa-consultation-room"
# Workdays so far ahead that no other test of the run books them; the budget has a week of its own,
# because all that its organisation books in the week counts.
WEEKS_AHEAD = 9
BUDGET_WEEK = 10

SignedIn = Callable[[str], httpx.Client]
Limit = Callable[[int | None, int | None], None]


def workday(hour: int, minute: int = 0, weeks_ahead: int = WEEKS_AHEAD) -> datetime:
    """A Tuesday some weeks ahead, wall clock of Damascus (UTC+3)."""
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    tuesday = today + timedelta(days=7 * weeks_ahead + 1 - today.weekday())
    return tuesday + timedelta(hours=hour - 3, minutes=minute)


def week() -> str:
    return workday(10, weeks_ahead=BUDGET_WEEK).strftime("%G-W%V")


def book(
    client: httpx.Client,
    hour: int,
    hours: int = 1,
    weeks_ahead: int = WEEKS_AHEAD,
    **values: Any,
) -> httpx.Response:
    return client.post(
        "/v1/bookings",
        json={
            "space_id": SPACE,
            "organisation_id": ORGANISATION,
            "starts_at": wire(workday(hour, weeks_ahead=weeks_ahead)),
            "ends_at": wire(workday(hour + hours, weeks_ahead=weeks_ahead)),
            "title": "Planning",
            "purpose": "meeting",
            **values,
        },
        headers={"Idempotency-Key": str(uuid4()), "Accept-Language": "en"},
    )


def act(client: httpx.Client, booking: dict[str, Any], action: str, **body: Any) -> httpx.Response:
    return client.post(
        f"/v1/bookings/{booking['id']}/{action}",
        json=body,
        headers={"If-Match": f'"{booking["version"]}"', "Accept-Language": "en"},
    )


def read(client: httpx.Client, booking: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = client.get(f"/v1/bookings/{booking['id']}").raise_for_status().json()
    return found


@pytest.fixture
def member(signed_in: SignIn) -> httpx.Client:
    return signed_in("representative")


@pytest.fixture
def desk(signed_in: SignIn) -> httpx.Client:
    return signed_in("frontdesk-raqqa")


@pytest.fixture
def manager(signed_in: SignIn) -> httpx.Client:
    return signed_in("manager")


@pytest.fixture
def asked(manager: httpx.Client) -> Iterator[None]:
    """While it lasts, the front desk decides on bookings of the space."""

    def needs_approval(value: bool) -> None:
        tag = manager.get(f"/v1/spaces/{SPACE}").headers["ETag"]
        answer = manager.put(
            f"/v1/spaces/{SPACE}/approval",
            json={"needs_approval": value},
            headers={"If-Match": tag},
        )
        assert answer.raise_for_status().json()["needs_approval"] is value

    needs_approval(True)
    yield
    needs_approval(False)


@pytest.fixture
def earlier(stack: Stack) -> Iterator[Callable[[dict[str, Any], datetime], None]]:
    """Let a booking of the future begin at another moment, behind the system's back."""
    client: pymongo.MongoClient[dict[str, Any]] = pymongo.MongoClient(
        stack.mongo_uri, tz_aware=True
    )
    database = client["masaha_bookings"]

    def begin(booking: dict[str, Any], starts_at: datetime) -> None:
        database["bookings"].update_one(
            {"_id": booking["id"]},
            {
                "$set": {
                    "starts_at": starts_at,
                    "ends_at": starts_at + timedelta(hours=1),
                    "taken_from": starts_at,
                    "taken_until": starts_at + timedelta(hours=1),
                }
            },
        )
        database["deadlines"].update_one(
            {"_id": f"booking|{booking['id']}"},
            {"$set": {"due_at": starts_at + timedelta(minutes=15)}},
        )

    yield begin
    client.close()


@pytest.mark.usefixtures("asked")
class TestApproval:
    def test_a_request_is_approved_and_the_organisation_is_told(
        self, member: httpx.Client, desk: httpx.Client
    ) -> None:
        request = book(member, 9).raise_for_status().json()
        assert request["status"] == "pending"
        assert request["expires_at"]
        assert code_of(book(desk, 9)) == (409, "bookings.space_taken")
        assert code_of(act(member, request, "approve")) == (403, "forbidden")
        approved = act(desk, request, "approve").raise_for_status()
        assert approved.headers["ETag"] == '"2"'
        assert approved.json()["status"] == "confirmed"
        assert approved.json()["door_code"] is None
        assert len(read(member, request)["door_code"]) == 6

    def test_a_rejection_carries_its_reason_to_the_inbox(
        self, member: httpx.Client, desk: httpx.Client
    ) -> None:
        request = book(member, 11).raise_for_status().json()
        assert act(desk, request, "reject").status_code == 422
        rejected = act(desk, request, "reject", reason="Training that day")
        assert rejected.raise_for_status().json()["rejection_reason"] == "Training that day"
        assert code_of(act(desk, rejected.json(), "approve")) == (409, "bookings.not_allowed_now")

        until(
            lambda: member.get("/v1/inbox?limit=50").json()["items"],
            "the reason in the inbox",
            20,
            enough=lambda items: any(
                item["subject_id"] == request["id"] and "Training that day" in item["body"]
                for item in items
            ),
            every=0.1,
        )
        assert book(member, 11).status_code == 201

    def test_a_decision_needs_the_version_that_was_read(
        self, member: httpx.Client, desk: httpx.Client
    ) -> None:
        request = book(member, 13).raise_for_status().json()
        address = f"/v1/bookings/{request['id']}/approve"
        assert code_of(desk.post(address, json={})) == (428, "precondition_required")
        stale = {**request, "version": 7}
        assert code_of(act(desk, stale, "approve")) == (412, "stale")


class TestAtTheDoor:
    def test_codes_and_check_in(
        self,
        member: httpx.Client,
        desk: httpx.Client,
        earlier: Callable[[dict[str, Any], datetime], None],
    ) -> None:
        booking = book(member, 14, space_id="raqqa-workspace").raise_for_status().json()
        other = book(member, 15, space_id="raqqa-workspace").raise_for_status().json()
        assert len(booking["door_code"]) == 6
        assert read(desk, booking)["door_code"] is None
        early = act(member, booking, "check-in", code=booking["door_code"])
        assert code_of(early) == (409, "bookings.check_in_closed")
        assert early.json()["opens_at"] == wire(workday(13, 30))
        earlier(booking, datetime.now(UTC) + timedelta(minutes=5))
        assert code_of(act(member, booking, "check-in")) == (422, "bookings.door_code_needed")
        wrong = act(member, booking, "check-in", code=other["door_code"])
        assert code_of(wrong) == (409, "bookings.wrong_door_code")
        there = act(member, booking, "check-in", code=booking["door_code"])
        assert there.raise_for_status().json()["status"] == "checked_in"
        mistake = act(desk, there.json(), "undo-check-in", reason="Others came")
        assert mistake.raise_for_status().json()["status"] == "confirmed"
        there = act(member, mistake.json(), "check-in", code=booking["door_code"])
        over = act(member, there.raise_for_status().json(), "end").raise_for_status().json()
        assert over["status"] == "completed"
        assert over["ends_at"] < booking["ends_at"]
        assert code_of(act(member, over, "end")) == (409, "bookings.not_allowed_now")

    def test_too_many_codes_must_wait(
        self, member: httpx.Client, earlier: Callable[[dict[str, Any], datetime], None]
    ) -> None:
        booking = book(member, 16, space_id="raqqa-workspace").raise_for_status().json()
        earlier(booking, datetime.now(UTC) + timedelta(minutes=5))
        wrong = f"{(int(booking['door_code']) + 1) % 1_000_000:06}"
        for _ in range(5):
            assert act(member, booking, "check-in", code=wrong).status_code == 409
        locked = act(member, booking, "check-in", code=booking["door_code"])
        assert code_of(locked) == (429, "bookings.too_many_door_codes")
        assert int(locked.headers["Retry-After"]) > 0

    def test_the_worker_gives_up_whom_nobody_saw(
        self,
        member: httpx.Client,
        desk: httpx.Client,
        earlier: Callable[[dict[str, Any], datetime], None],
    ) -> None:
        # In a space of its own: the meetings above were moved to this very hour.
        where = "raqqa-consultation-room"
        booking = book(member, 12, space_id=where).raise_for_status().json()
        before = member.get(f"/v1/budgets/{ORGANISATION}").json()["no_shows"]
        earlier(booking, datetime.now(UTC) - timedelta(minutes=15))
        until(
            lambda: read(member, booking)["status"],
            "the worker's verdict",
            20,
            enough=lambda status: status == "no_show",
            every=0.1,
        )
        assert member.get(f"/v1/budgets/{ORGANISATION}").json()["no_shows"] == before + 1
        gone = read(member, booking)
        said = {"reason": "كانوا في القاعة، ولم يسجّل أحد حضورهم"}
        assert code_of(act(member, gone, "correct-no-show", **said)) == (403, "forbidden")
        assert act(desk, gone, "correct-no-show").status_code == 422
        assert code_of(act(desk, booking, "correct-no-show", **said)) == (412, "stale")
        there = act(desk, gone, "correct-no-show", **said).raise_for_status().json()
        assert there["status"] == "checked_in"
        assert member.get(f"/v1/budgets/{ORGANISATION}").json()["no_shows"] == before
        entry = member.get(f"/v1/bookings/{booking['id']}/history").json()["items"][-1]
        assert (entry["action"], entry["reason"]) == ("correct", said["reason"])


class TestBudgets:
    def test_nobody_is_limited_at_first(self, member: httpx.Client) -> None:
        standing = member.get(f"/v1/budgets/{ORGANISATION}").raise_for_status().json()
        assert (standing["hours"], standing["bookings"]) == (10_000, 10_000)
        assert (standing["own_hours"], standing["own_bookings"]) == (None, None)
        asked = {"organisation_id": ORGANISATION, "week": week()}
        of_week = member.get("/v1/budgets", params=asked).raise_for_status().json()
        assert (of_week["left_hours"], of_week["left_bookings"]) == (10_000, 10_000)

    def test_what_is_booked_already_counts_when_a_limit_is_set(
        self, member: httpx.Client, limit: Limit
    ) -> None:
        there: dict[str, Any] = {"space_id": "raqqa-training-room", "weeks_ahead": BUDGET_WEEK}
        booked = book(member, 9, **there).raise_for_status().json()
        limit(1, 10)
        asked = {"organisation_id": ORGANISATION, "week": week()}
        standing = member.get("/v1/budgets", params=asked).raise_for_status().json()
        assert (standing["used_hours"], standing["left_hours"]) == (1.0, 0.0)
        refused = book(member, 11, **there)
        assert code_of(refused) == (409, "bookings.budget_exceeded")
        assert (refused.json()["hours_left"], refused.json()["bookings_left"]) == (0, 9)
        act(member, booked, "cancel").raise_for_status()
        again = book(member, 11, **there).raise_for_status().json()
        act(member, again, "cancel").raise_for_status()

    @pytest.fixture
    def limit(self, manager: httpx.Client) -> Iterator[Limit]:
        """Sets what the organisation may book in a week, while it lasts."""

        def put(hours: int | None, bookings: int | None) -> None:
            tag = manager.get(f"/v1/budgets/{ORGANISATION}").headers["ETag"]
            body = {"hours": hours, "bookings": bookings}
            headers = {"If-Match": tag}
            manager.put(
                f"/v1/budgets/{ORGANISATION}", json=body, headers=headers
            ).raise_for_status()

        yield put
        put(None, None)

    def test_a_refusal_says_what_is_left_and_a_grant_helps(
        self, member: httpx.Client, manager: httpx.Client, limit: Limit
    ) -> None:
        limit(1, 1)
        space: dict[str, Any] = {"space_id": "raqqa-training-room", "weeks_ahead": BUDGET_WEEK}
        too_long = book(member, 9, hours=2, **space)
        assert code_of(too_long) == (409, "bookings.budget_exceeded")
        problem = too_long.json()
        assert (problem["week"], problem["hours_left"], problem["bookings_left"]) == (week(), 1, 1)
        assert "Hours left: 1; bookings left: 1." in problem["detail"]
        grant = {"week": week(), "hours": 1, "reason": "Annual conference"}
        address = f"/v1/budgets/{ORGANISATION}/grants"
        key = {"Idempotency-Key": str(uuid4())}
        assert member.post(address, json=grant, headers=key).status_code == 403
        granted = manager.post(address, json=grant, headers=key)
        assert granted.status_code == 201
        assert manager.post(address, json=grant, headers=key).json() == granted.json()
        booked = book(member, 9, hours=2, **space).raise_for_status().json()
        standing = member.get(granted.headers["Location"]).raise_for_status().json()
        assert (standing["used_hours"], standing["left_hours"]) == (2.0, 0.0)
        assert standing["grants"] == [granted.json()]
        assert code_of(book(member, 14, **space)) == (409, "bookings.budget_exceeded")
        assert book(manager, 14, beyond_budget=True, **space).status_code == 201
        act(member, booked, "cancel").raise_for_status()
        assert member.get(granted.headers["Location"]).json()["used_hours"] == 1.0

    def test_others_may_not_know(self, signed_in: SignIn) -> None:
        other = signed_in("member-other")
        assert other.get(f"/v1/budgets/{ORGANISATION}").status_code == 404
        asked = other.get("/v1/budgets", params={"organisation_id": ORGANISATION})
        assert asked.status_code == 404

    @pytest.mark.parametrize(
        ("query", "status"),
        [
            ({}, 422),
            ({"organisation_id": ORGANISATION, "week": "2026-48"}, 422),
            ({"organisation_id": ORGANISATION, "week": "2027-W53"}, 422),
            ({"organisation_id": ORGANISATION, "colour": "red"}, 400),
        ],
    )
    def test_bad_questions(self, member: httpx.Client, query: dict[str, str], status: int) -> None:
        assert member.get("/v1/budgets", params=query).status_code == status
