"""A human changes their mind, through the real door: alternatives that can be had, and hours that
become shorter over bookings."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.e2e.conftest import SignIn
from tests.support.client import code_of, key, tag

ORGANISATION = "euphrates-development"
SPACE = "raqqa-consultation-room"
# A day that no other test of the run books.
WEEKS_AHEAD = 20


def the_day() -> date:
    """A Wednesday some weeks ahead."""
    today = datetime.now(UTC).date()
    return today + timedelta(days=7 * WEEKS_AHEAD + 2 - today.weekday())


def at(hour: int) -> str:
    """That hour of the day by the clock of Damascus (UTC+3)."""
    return f"{the_day().isoformat()}T{hour - 3:02}:00:00Z"


def book(client: httpx.Client, hour: int, **values: Any) -> httpx.Response:
    return client.post(
        "/v1/bookings",
        json={
            "space_id": SPACE,
            "organisation_id": ORGANISATION,
            "starts_at": at(hour),
            "ends_at": at(hour + 1),
            "title": "Planning",
            "purpose": "meeting",
            "people": 4,
            **values,
        },
        headers=key(),
    )


@pytest.mark.parametrize(("hour", "who"), [(10, "frontdesk-raqqa"), (11, "member")])
def test_each_alternative_can_be_booked_by_who_is_offered_it(
    signed_in: SignIn, hour: int, who: str
) -> None:
    client = signed_in(who)
    book(client, hour).raise_for_status()
    refused = book(client, hour)
    assert code_of(refused) == (409, "bookings.space_taken")
    offered = refused.json()["alternatives"]
    assert offered
    for each in offered:
        place = {name: each[name] for name in ("space_id", "starts_at", "ends_at")}
        booked = book(client, hour, **place).raise_for_status()
        expected = "pending" if each["needs_approval"] else "confirmed"
        assert booked.json()["status"] == expected
        gone = client.post(f"/v1/bookings/{booked.json()['id']}/cancel", headers=tag(booked))
        gone.raise_for_status()


def test_a_desk_is_told_that_it_is_another_centre(signed_in: SignIn) -> None:
    refused = book(signed_in("frontdesk-raqqa"), 10, space_id="tabqa-hall")
    assert code_of(refused) == (403, "bookings.not_of_centre")


def test_hours_that_become_shorter_leave_nobody_silently_outside(signed_in: SignIn) -> None:
    manager, desk, member = (signed_in(each) for each in ("manager", "frontdesk-raqqa", "member"))
    moved, left, off = (book(member, hour).json() for hour in (13, 14, 15))
    hours = f"/v1/spaces/{SPACE}/hours"
    week = {day: [["09:00", "12:00"]] for day in ("wednesday",)}
    shorter = {"weekly_hours": week}
    before = manager.get(f"/v1/spaces/{SPACE}")
    dry = manager.put(hours, json={**shorter, "dry_run": True}, headers=tag(before))
    assert [each["booking_id"] for each in dry.raise_for_status().json()["outside"]] == [
        each["id"] for each in (moved, left, off)
    ]
    assert manager.get(f"/v1/spaces/{SPACE}").json()["hours"] is None
    assert code_of(desk.put(hours, json=shorter, headers=tag(before))) == (403, "forbidden")
    done = manager.put(hours, json=shorter, headers=tag(before)).raise_for_status()
    try:
        assert done.json()["outside_count"] == 3
        assert done.json()["outside"][0]["organisation_name"]["ar"]
        listed = "/v1/centres/raqqa/outside-hours"
        assert code_of(member.get(listed)) == (403, "forbidden")
        page = desk.get(listed, params={"limit": 2, "space_id": SPACE}).raise_for_status().json()
        assert [each["decision"] for each in page["items"]] == ["waiting", "waiting"]
        assert page["next_cursor"]
        centre = tag(desk.get("/v1/centres/raqqa"))
        for booking, action in ((moved, "move"), (left, "leave"), (off, "cancel")):
            said = {"action": action, "booking_ids": [booking["id"]], "reason": "Ramadan"}
            answer = desk.post(f"{listed}/resolve", json=said, headers=centre)
            assert answer.raise_for_status().json()["refused"] == []
            # A decision raises the centre's version, so that of two desks one looks again.
            assert desk.post(f"{listed}/resolve", json=said, headers=centre).status_code == 412
            centre = tag(answer)
        (still,) = answer.json()["outside"]
        assert (still["booking_id"], still["decision"]) == (left["id"], "left")
        off = member.get(f"/v1/bookings/{off['id']}").json()
        assert (off["status"], off["cancellation_reason"]) == ("cancelled", "Ramadan")
    finally:
        manager.put(hours, json={"weekly_hours": None}, headers=tag(done)).raise_for_status()
