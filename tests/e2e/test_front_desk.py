"""A front desk's day through the real door: hours, a closure with notice, the day sheet."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx

from tests.e2e.conftest import SignIn
from tests.support.awaiting import until
from tests.support.client import code_of, key

ORGANISATION = "euphrates-development"
SPACE = "raqqa-training-room"
# A day that no other test of the run books.
WEEKS_AHEAD = 12
REASON = {"ar": "صيانة الكهرباء", "en": "Electrical maintenance"}


def the_day() -> date:
    """A Tuesday some weeks ahead."""
    today = datetime.now(UTC).date()
    return today + timedelta(days=7 * WEEKS_AHEAD + 1 - today.weekday())


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
            "people": 8,
            **values,
        },
        headers=key(),
    )


def plan(**values: Any) -> dict[str, Any]:
    return {
        "space_ids": [SPACE],
        "starts_at": at(9),
        "ends_at": at(17),
        "kind": "maintenance",
        "reason": REASON,
        **values,
    }


def test_a_closure_from_its_preview_to_its_end(signed_in: SignIn) -> None:
    desk, member = signed_in("frontdesk-raqqa"), signed_in("member")
    moved, cancelled = book(member, 10).json(), book(member, 13).json()
    closures = "/v1/centres/raqqa/closures"

    seen = desk.post(f"{closures}/preview", json=plan()).raise_for_status().json()
    assert [each["booking_id"] for each in seen["affected"]] == [moved["id"], cancelled["id"]]
    _check_named(seen)
    assert code_of(member.post(closures, json=plan(), headers=key())) == (403, "forbidden")

    made = desk.post(closures, json=plan(), headers=key())
    assert made.status_code == 201
    _check_named(made.json())
    where = made.headers["Location"]
    assert code_of(book(member, 11)) == (409, "bookings.space_closed")
    over = desk.post(closures, json=plan(starts_at=at(16)), headers=key())
    assert code_of(over) == (409, "bookings.closed_already")
    assert over.json()["closure"]["id"] == made.json()["id"]

    tag = {"If-Match": made.headers["ETag"]}
    one = {"action": "move", "booking_ids": [moved["id"]]}
    after = desk.post(f"{where}/resolve", json=one, headers=tag).raise_for_status()
    assert code_of(desk.post(f"{where}/resolve", json=one, headers=tag)) == (412, "stale")
    tag = {"If-Match": after.headers["ETag"]}
    after = desk.post(f"{where}/resolve", json={"action": "cancel"}, headers=tag)
    assert {each["booking_id"]: each["outcome"] for each in after.json()["affected"]} == {
        moved["id"]: "moved",
        cancelled["id"]: "cancelled",
    }
    _check_named(after.json())
    # A name may change without a new version, so a client that has one gets it all the same.
    same = desk.get(where, headers={"If-None-Match": after.headers["ETag"]})
    assert (same.status_code, same.headers["ETag"]) == (200, after.headers["ETag"])
    _check_named(same.json())
    assert code_of(member.get(where)) == (404, "not_found")
    _await_notice(member, cancelled["id"])

    assert desk.patch(where, json={"ends_at": at(12)}).status_code == 428
    assert code_of(desk.patch(where, json={"ends_at": at(12)}, headers=tag)) == (412, "stale")
    tag = {"If-Match": after.headers["ETag"]}
    assert code_of(member.patch(where, json={"reason": "x"}, headers=tag)) == (404, "not_found")
    backwards = desk.patch(where, json={"ends_at": at(9)}, headers=tag)
    assert code_of(backwards) == (422, "bookings.end_before_start")
    shorter = desk.patch(where, json={"ends_at": at(12)}, headers=tag).raise_for_status()
    assert (shorter.json()["ends_at"], shorter.json()["reason"]) == (at(12), REASON)
    assert book(member, 13).status_code == 201

    tag = {"If-Match": shorter.headers["ETag"]}
    assert desk.post(f"{where}/lift", headers=tag).json()["status"] == "lifted"
    assert book(member, 11).status_code == 201


def test_a_whole_centre_is_closed_for_months_at_once(signed_in: SignIn) -> None:
    desk, member = signed_in("frontdesk-tabqa"), signed_in("member")
    start, end = (the_day() + timedelta(days=days) for days in (14, 14 + 80))
    whole = plan(
        space_ids=None, starts_at=f"{start.isoformat()}T00:00:00Z", ends_at=f"{end}T00:00:00Z"
    )
    made = desk.post("/v1/centres/tabqa/closures", json=whole, headers=key()).raise_for_status()
    assert made.json()["state"] == "closing"
    assert made.json()["progress"] == {"done": 0, "total": 4 * 80}
    taken = {
        "space_id": "tabqa-meeting-room",
        "organisation_id": ORGANISATION,
        "starts_at": f"{start.isoformat()}T07:00:00Z",
        "ends_at": f"{start.isoformat()}T08:00:00Z",
        "title": "Planning",
        "purpose": "meeting",
    }
    refused = member.post("/v1/bookings", json=taken, headers=key())
    assert code_of(refused) == (409, "bookings.space_closed")
    where, now = made.headers["Location"], _in_force(desk, made)
    assert now.json()["progress"] is None
    same = desk.get(where, headers={"If-None-Match": now.headers["ETag"]})
    assert same.status_code == 304
    tag = {"If-Match": now.headers["ETag"]}
    assert desk.post(f"{where}/lift", headers=tag).json()["state"] == "lifted"
    assert member.post("/v1/bookings", json=taken, headers=key()).status_code == 201


def _check_named(closure: dict[str, Any]) -> None:
    """A reader of a closure's affected bookings knows whom to call."""
    assert len(closure["affected"]) == 2
    for each in closure["affected"]:
        assert each["organisation_name"]["en"] == "Euphrates Development Association"
        assert each["booked_by_name"]["en"] == "Khaled al-Salem"


def _in_force(desk: httpx.Client, made: httpx.Response) -> httpx.Response:
    """The closure, once it is in force; until then each look is answered in full."""
    known = {"If-None-Match": made.headers["ETag"]}
    return until(
        lambda: desk.get(made.headers["Location"], headers=known).raise_for_status(),
        "the end of closing",
        60,
        enough=lambda answer: answer.json()["state"] == "in_force",
        every=0.2,
    )


def _await_notice(member: httpx.Client, booking_id: str) -> None:
    """Until the inbox says that the booking is off, and why, in the reader's language."""
    until(
        lambda: member.get("/v1/inbox").raise_for_status().json()["items"],
        "the notice of the cancellation",
        20,
        enough=lambda items: any(
            REASON["ar"] in each["body"] for each in items if booking_id in str(each)
        ),
        every=0.2,
    )


def test_the_day_sheet_has_names_and_the_wall_clock(signed_in: SignIn) -> None:
    desk, member = signed_in("frontdesk-raqqa"), signed_in("member")
    booking = book(member, 15).raise_for_status().json()
    path = f"/v1/centres/raqqa/day-sheet?date={the_day().isoformat()}"
    sheet = desk.get(path).raise_for_status().json()
    (line,) = [each for each in sheet["spaces"] if each["space_id"] == SPACE]
    (shown,) = [each for each in line["bookings"] if each["booking_id"] == booking["id"]]
    assert shown["local_start"] == f"{the_day().isoformat()}T15:00"
    assert shown["organisation_name"]["en"] == "Euphrates Development Association"
    assert shown["booked_by_name"]["en"] == "Khaled al-Salem"
    assert code_of(member.get(path)) == (403, "forbidden")
    assert code_of(desk.get("/v1/centres/raqqa/day-sheet?date=today")) == (422, "invalid")


def test_a_manager_sets_an_exception_and_it_decides(signed_in: SignIn) -> None:
    manager, member = signed_in("manager"), signed_in("member")
    before = manager.get("/v1/centres/tabqa")
    week, path = before.json()["weekly_hours"], "/v1/centres/tabqa/hours"
    tag = {"If-Match": before.headers["ETag"]}
    holiday = {"date": the_day().isoformat(), "name": {"ar": "عطلة"}, "hours": []}
    body = {"weekly_hours": week, "exceptions": [holiday]}
    twice = manager.put(path, json={**body, "exceptions": [holiday] * 2}, headers=tag)
    assert code_of(twice) == (422, "hours.exception_repeated")
    nowhere = manager.put(path, json={**body, "time_zone": "Asia/Raqqa"}, headers=tag)
    (fault,) = nowhere.json()["errors"]
    assert (fault["pointer"], fault["code"]) == ("/time_zone", "zone")
    after = manager.put(path, json=body, headers=tag).raise_for_status()
    free = member.get(
        f"/v1/availability?centre_id=tabqa&from={at(9)}&to={at(17)}"
    ).raise_for_status()
    assert all(each["free"] == [] for each in free.json()["items"])
    back = {"weekly_hours": week, "exceptions": []}
    manager.put(path, json=back, headers={"If-Match": after.headers["ETag"]}).raise_for_status()


def test_a_manager_adds_equipment_and_never_has_less_than_is_booked(signed_in: SignIn) -> None:
    manager, member = signed_in("manager"), signed_in("member")
    name = {"ar": "سمّاعة محمولة", "en": "Portable speaker"}
    body = {"centre_id": "raqqa", "name": name, "quantity": 2}
    assert code_of(member.post("/v1/equipment", json=body, headers=key())) == (403, "forbidden")
    assert code_of(manager.post("/v1/equipment", json=body)) == (400, "idempotency.key_missing")
    once = key()
    added = manager.post("/v1/equipment", json=body, headers=once).raise_for_status()
    assert manager.post("/v1/equipment", json=body, headers=once).json() == added.json()
    path = added.headers["Location"]
    assert httpx.get(manager.base_url.join(path)).json()["name"] == name
    needs: dict[str, Any] = {"equipment": [{"equipment_id": added.json()["id"], "quantity": 2}]}
    needs["space_id"] = "raqqa-meeting-room"
    booking = book(member, 11, **needs).raise_for_status().json()
    tag = {"If-Match": added.headers["ETag"]}
    assert code_of(manager.patch(path, json={"quantity": 1})) == (428, "precondition_required")
    refusal = manager.patch(path, json={"quantity": 1}, headers={**tag, "Accept-Language": "ar"})
    assert code_of(refusal) == (409, "bookings.equipment_booked")
    assert [each["booking_id"] for each in refusal.json()["bookings"]] == [booking["id"]]
    assert refusal.json()["title"] == "محجوزة في أوقات قادمة"
    cancel = {"If-Match": f'"{booking["version"]}"'}
    member.post(f"/v1/bookings/{booking['id']}/cancel", headers=cancel).raise_for_status()
    reason = {"reason": "Broken"}
    fewer = manager.patch(path, json={"quantity": 1, **reason}, headers=tag).raise_for_status()
    assert code_of(manager.patch(path, json={"quantity": 2}, headers=tag)) == (412, "stale")
    tag = {"If-Match": fewer.headers["ETag"]}
    manager.patch(path, json={"retired": True}, headers=tag).raise_for_status()
    listed = member.get("/v1/equipment?centre_id=raqqa&limit=200").json()["items"]
    assert added.json()["id"] not in {each["id"] for each in listed}
    entries = signed_in("frontdesk-raqqa").get(f"{path}/history").raise_for_status().json()["items"]
    assert [(each["by"], each["reason"], list(each["changes"])) for each in entries[1:]] == [
        ("manager", "Broken", ["quantity"]),
        ("manager", None, ["retired"]),
    ]
    assert code_of(member.get(f"{path}/history")) == (403, "forbidden")


def test_a_manager_adds_a_space_makes_it_smaller_and_retires_it(signed_in: SignIn) -> None:
    manager, member = signed_in("manager"), signed_in("member")
    name = {"ar": "غرفة الحاسوب", "en": "Computer room"}
    body = {"centre_id": "raqqa", "name": name, "capacity": 14, "buffer_after_minutes": 15}
    assert code_of(member.post("/v1/spaces", json=body, headers=key())) == (403, "forbidden")
    half = {**body, "parts": ["raqqa-workspace"]}
    refusal = manager.post("/v1/spaces", json=half, headers=key())
    assert code_of(refusal) == (422, "bookings.no_such_parts")
    added = manager.post("/v1/spaces", json=body, headers=key()).raise_for_status()
    space, path = added.json(), added.headers["Location"]
    assert (space["name"], space["parts"], space["retired"]) == (name, [], False)
    booking = book(member, 11, space_id=space["id"]).raise_for_status().json()
    assert code_of(manager.patch(path, json={"capacity": 6})) == (428, "precondition_required")
    tag = {"If-Match": added.headers["ETag"]}
    assert code_of(member.patch(path, json={"capacity": 6}, headers=tag)) == (403, "forbidden")
    smaller = manager.patch(path, json={"capacity": 6}, headers=tag).raise_for_status()
    assert [each["booking_id"] for each in smaller.json()["too_large"]] == [booking["id"]]
    assert code_of(manager.patch(path, json={"capacity": 7}, headers=tag)) == (412, "stale")
    tag = {"If-Match": smaller.headers["ETag"]}
    refusal = manager.patch(path, json={"retired": True}, headers={**tag, "Accept-Language": "ar"})
    assert code_of(refusal) == (409, "bookings.space_booked")
    assert refusal.json()["title"] == "محجوز في أوقات قادمة"
    assert [each["booking_id"] for each in refusal.json()["bookings"]] == [booking["id"]]
    cancel = {"If-Match": f'"{booking["version"]}"'}
    member.post(f"/v1/bookings/{booking['id']}/cancel", headers=cancel).raise_for_status()
    manager.patch(path, json={"retired": True}, headers=tag).raise_for_status()
    listed = member.get("/v1/spaces?centre_id=raqqa&limit=200").json()["items"]
    assert space["id"] not in {each["id"] for each in listed}
    refusal = book(member, 12, space_id=space["id"], people=4)
    assert code_of(refusal) == (409, "bookings.space_retired")
    entries = signed_in("frontdesk-raqqa").get(f"{path}/history").raise_for_status().json()["items"]
    assert [list(each["changes"]) for each in entries[1:]] == [["capacity"], ["retired"]]
    first = manager.get(f"{path}/history?limit=2").json()
    rest = manager.get(f"{path}/history?limit=2&cursor={first['next_cursor']}").json()
    assert first["items"] + rest["items"] == entries
    assert rest["next_cursor"] is None
