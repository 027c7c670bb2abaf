"""Series and the waitlist through the real door, from the first request to the message."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.e2e.conftest import SignIn
from tests.support.awaiting import until
from tests.support.client import code_of, key, tag

ORGANISATION, OTHERS = "euphrates-development", "raqqa-women"
SPACE = "raqqa-meeting-room"
# Weeks that no other test of the run books.
WEEKS_AHEAD = 14


def the_day(week: int = 0) -> date:
    """A Wednesday some weeks ahead."""
    today = datetime.now(UTC).date()
    return today + timedelta(days=7 * (WEEKS_AHEAD + week) + 2 - today.weekday())


def at(hour: int, week: int = 0) -> str:
    """That hour of the day by the clock of Damascus (UTC+3)."""
    return f"{the_day(week).isoformat()}T{hour - 3:02}:00:00Z"


def weekly(hour: int, **values: Any) -> dict[str, Any]:
    return {
        "space_id": SPACE,
        "organisation_id": ORGANISATION,
        "starts_at": at(hour),
        "ends_at": at(hour + 1),
        "rrule": "FREQ=WEEKLY;COUNT=3",
        "title": "Weekly",
        "purpose": "meeting",
        **values,
    }


def book(client: httpx.Client, organisation: str, hour: int, week: int = 0) -> httpx.Response:
    body = {
        "space_id": SPACE,
        "organisation_id": organisation,
        "starts_at": at(hour, week),
        "ends_at": at(hour + 1, week),
        "title": "Single",
        "purpose": "meeting",
    }
    return client.post("/v1/bookings", json=body, headers=key())


def test_a_series_from_its_dry_run_to_its_end(signed_in: SignIn) -> None:
    member, other = signed_in("member"), signed_in("member-other")
    series = "/v1/booking-series"
    in_the_way = book(other, OTHERS, 10, week=1)
    assert in_the_way.status_code == 201

    dry = member.post(series, json=weekly(10, dry_run=True), headers=key())
    assert (dry.status_code, dry.json()["id"]) == (200, None)
    assert "Location" not in dry.headers
    assert [each["starts_at"] for each in dry.json()["occurrences"]] == [at(10), at(10, 2)]
    assert [each["code"] for each in dry.json()["rejected"]] == ["bookings.space_taken"]

    refused = member.post(series, json=weekly(10), headers=key())
    assert code_of(refused) == (409, "bookings.series_refused")
    assert refused.json()["rejected"][0]["alternatives"]

    again = key()
    body = weekly(10, on_conflict="skip")
    made = member.post(series, json=body, headers=again)
    assert made.status_code == 201
    assert member.post(series, json=body, headers=again).json() == made.json()
    where, identity = made.headers["Location"], made.json()["id"]
    assert code_of(other.get(where)) == (404, "not_found")
    assert identity in [each["id"] for each in member.get(series).json()["items"]]

    cancel = f"/v1/bookings/{in_the_way.json()['id']}/cancel"
    other.post(cancel, json={}, headers=tag(in_the_way)).raise_for_status()
    whole = member.post(f"{where}/retry", headers=tag(made))
    assert [each["starts_at"] for each in whole.json()["occurrences"]] == [
        at(10, week) for week in range(3)
    ]
    assert whole.json()["rejected"] == []
    assert code_of(member.post(f"{where}/retry", headers=tag(made))) == (412, "stale")

    pivot = whole.json()["occurrences"][1]["booking_id"]
    body = {"scope": "following", "booking_id": pivot, "shift_minutes": 60}
    dry = member.patch(where, json=body | {"dry_run": True}, headers=tag(whole))
    assert (dry.status_code, dry.json()["dry_run"], dry.json()["id"]) == (200, True, None)
    assert "ETag" not in dry.headers
    ending = {"scope": "following", "booking_id": pivot, "dry_run": True}
    shown = member.post(f"{where}/cancel", json=ending, headers=tag(whole)).raise_for_status()
    assert shown.json()["rrule"] == "FREQ=WEEKLY;COUNT=1"
    rest = member.patch(where, json=body, headers=tag(whole)).raise_for_status()
    assert rest.json()["occurrences"] == dry.json()["occurrences"]
    assert rest.json()["rrule"] == dry.json()["rrule"] == "FREQ=WEEKLY;COUNT=2"
    assert (rest.json()["starts_at"], rest.json()["week_starts_on"]) == (at(11, 1), "sunday")
    assert rest.json()["follows"] == identity
    assert [each["starts_at"] for each in rest.json()["occurrences"]] == [at(11, 1), at(11, 2)]
    gone = member.post(
        f"{series}/{rest.json()['id']}/cancel", json={"scope": "all"}, headers=tag(rest)
    )
    assert gone.json()["status"] == "cancelled"
    first = member.get(where)
    member.post(f"{where}/cancel", json={"scope": "all"}, headers=tag(first)).raise_for_status()

    bookings = {each["booking_id"] for each in whole.json()["occurrences"]}

    def told(*subjects: str) -> list[str]:
        items = member.get("/v1/inbox?limit=100").json()["items"]
        return [each["event_type"] for each in items if each["subject_id"] in subjects]

    def messages(*subjects: str) -> list[str]:
        return until(
            lambda: told(*subjects),
            "the message of the cancelled series",
            20,
            enough=lambda types: types[:1] == ["bookings.series.cancelled"],
            every=0.2,
        )

    # One message each for made, tried again, split and cancelled; none for a single booking.
    assert messages(identity, *bookings) == [
        "bookings.series.cancelled",
        "bookings.series.changed",
        "bookings.series.created",
    ]
    assert messages(rest.json()["id"]) == ["bookings.series.cancelled", "bookings.series.created"]


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"rrule": "FREQ=WEEKLY"}, "bookings.series_without_end"),
        ({"rrule": "FREQ=DAILY;COUNT=5000"}, "bookings.series_too_long"),
        ({"rrule": "FREQ=HOURLY;COUNT=3"}, "bookings.series_rule_invalid"),
        ({"rrule": "DTSTART:20261124T100000Z\nRRULE:FREQ=DAILY;COUNT=3"}, None),
        ({"rrule": 7}, "invalid"),
        ({"rrule": "x" * 1701}, "invalid"),
        ({"on_conflict": "maybe"}, "invalid"),
        ({"dry_run": "yes"}, "invalid"),
        ({"dry_run": 1}, "invalid"),
        ({"surprise": 1}, "invalid"),
        ({"space_id": "nowhere"}, "bookings.unknown_space"),
    ],
)
def test_bad_input_is_told_by_a_code(
    signed_in: SignIn, values: dict[str, Any], code: str | None
) -> None:
    answer = signed_in("member").post(
        "/v1/booking-series", json=weekly(13, **values), headers=key()
    )
    assert code_of(answer) == (422, code or "bookings.series_rule_invalid")


def test_the_waitlist_from_joining_to_a_booking(signed_in: SignIn) -> None:
    member, other = signed_in("member"), signed_in("member-other")
    entries = "/v1/waitlist-entries"
    taken = book(member, ORGANISATION, 14)
    assert taken.status_code == 201

    def wait(**values: Any) -> httpx.Response:
        body = {
            "space_id": SPACE,
            "organisation_id": OTHERS,
            "window_from": at(14),
            "window_to": at(15),
            "duration_minutes": 60,
            "title": "Waiting",
            "purpose": "meeting",
            **values,
        }
        return other.post(entries, json=body, headers=key())

    assert code_of(wait(space_id=None)) == (422, "bookings.place_needed")
    assert code_of(wait(duration_minutes=90)) == (422, "bookings.window_too_short")
    assert code_of(wait(organisation_id=ORGANISATION)) == (403, "bookings.not_of_organisation")
    joined = wait()
    assert (joined.status_code, joined.json()["status"]) == (201, "waiting")
    where = joined.headers["Location"]
    assert code_of(member.get(where)) == (404, "not_found")
    assert code_of(other.post(f"{where}/accept", headers=tag(joined))) == (
        409,
        "bookings.waitlist_not_allowed_now",
    )

    cancel = f"/v1/bookings/{taken.json()['id']}/cancel"
    member.post(cancel, json={}, headers=tag(taken)).raise_for_status()

    until(
        lambda: other.get(where).json()["status"],
        "the offer",
        20,
        enough=lambda status: status == "offered",
        every=0.2,
    )
    answer = other.get(where)
    booking_id = answer.json()["offer"]["booking_id"]
    assert code_of(book(member, ORGANISATION, 14)) == (409, "bookings.space_taken")
    assert code_of(other.post(f"{where}/accept", headers=tag(joined))) == (412, "stale")
    accepted = other.post(f"{where}/accept", headers=tag(answer)).raise_for_status()
    assert accepted.json()["status"] == "accepted"
    booking = other.get(f"/v1/bookings/{booking_id}")
    assert booking.json()["status"] == "confirmed"

    def told() -> list[tuple[str, str]]:
        items = other.get("/v1/inbox?limit=100").json()["items"]
        return [(each["event_type"], each["subject_id"]) for each in items]

    message = ("bookings.waitlist.offered", joined.json()["id"])
    until(told, "the message of the offer", 20, enough=lambda have: message in have, every=0.2)
    other.post(f"/v1/bookings/{booking_id}/cancel", json={}, headers=tag(booking))
