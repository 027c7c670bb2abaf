"""The calendars of advisers by HTTP: from a profile to an approved visit; rooms are awaited."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from gateway.identity.domain.identity import Identity
from services.consultations.app import App
from services.consultations.service import ConsultationsService
from tests.support.adviser_calendars import adviser_request, at, put_on_case, time
from tests.support.bookings import MANAGER, MEMBER, OTHER_MEMBER, RAQQA_DESK, STRANGER
from tests.support.consultations import HUDA, advance, know_adviser, submit, submit_confidential
from tests.support.gateway import Door, a_door
from tests.support.real_branch import RealBranch
from tests.support.stack import Server

ADVISER, OMAR, SARA, OTHERS, DESK, BOSS = map(
    Identity, (HUDA, MEMBER, OTHER_MEMBER, STRANGER, RAQQA_DESK, MANAGER)
)


@pytest.fixture
def door(app: App, database: Server, tmp_path: Path) -> Iterator[Door]:
    service = ConsultationsService()
    service.app = app
    know_adviser(app, HUDA.id)
    with a_door(tmp_path, database.uri) as door:
        door.stand_before(RealBranch(service))
        yield door


def made(answer: Any, status: int = 201) -> dict[str, Any]:
    assert answer.status_code == status, answer.get_json()
    body: dict[str, Any] = answer.get_json()
    return body


def test_an_adviser_is_met_visits_and_goes_on_a_trip(app: App, door: Door) -> None:
    profile = made(door("POST", "/v1/advisers", BOSS, key="a", json=adviser_request(HUDA.id)))
    assert (profile["id"], profile["buffer_minutes"]) == (HUDA.id, 10)
    patch = door("PATCH", f"/v1/advisers/{HUDA.id}", ADVISER, version=1, json={"languages": ["en"]})
    assert made(patch, 200)["languages"] == ["en"]
    case = put_on_case(app, submit(app), HUDA)

    day = f"starts_at={time('00:00')['starts_at']}&ends_at={time('00:00', 1)['starts_at']}"
    path = f"/v1/advisers/{HUDA.id}/availability?{day}&case_id={case.id}"
    found = made(door("GET", path, OMAR), 200)
    assert found["time_zone"] == "Asia/Damascus"
    first = found["items"][0]
    details = {"case_id": case.id, "mode": "remote", **first}
    answer = door("POST", "/v1/appointments", OMAR, key="b", json=details)
    appointment = made(answer)
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.headers["ETag"] == '"1"'
    one = answer.headers["Location"]
    again = made(door("POST", "/v1/appointments", OMAR, key="b", json=details))
    assert again == appointment
    assert door("GET", one, OTHERS).status_code == 404
    refused = door("POST", "/v1/appointments", ADVISER, key="c", json=details)
    assert (refused.status_code, refused.get_json()["code"]) == (
        409,
        "consultations.time_not_offered",
    )
    assert refused.get_json()["alternatives"]
    assert door("PATCH", one, SARA, version=1, json=time("13:00")).status_code == 403
    assert door("PATCH", one, ADVISER, json=time("13:00")).status_code == 428
    moved = made(door("PATCH", one, ADVISER, version=1, json=time("13:00")), 200)
    assert (moved["version"], moved["room"]) == (2, None)
    assert door("PATCH", one, OMAR, version=1, json=time("14:30")).status_code == 412
    calendar = door("GET", f"{one}/invitation.ics?language=en", OMAR)
    assert calendar.content_type == "text/calendar; charset=utf-8"
    assert "SEQUENCE:1" in calendar.get_data(as_text=True)
    assert [each["id"] for each in door("GET", "/v1/appointments", DESK).get_json()["items"]] == [
        appointment["id"]
    ]

    visit = {"case_id": case.id, "place": "حي المشلب", "travel_minutes": 30, **time("09:00", 1)}
    asked = made(door("POST", "/v1/visits", OMAR, key="d", json=visit))
    path = f"/v1/visits/{asked['id']}"
    accepted = made(door("POST", f"{path}/accept", ADVISER, version=1), 200)
    trip = made(
        door(
            "POST",
            "/v1/trips",
            DESK,
            key="e",
            json={"visit_ids": [asked["id"]], "ways_minutes": [15, 15]},
        )
    )
    assert (trip["day"], trip["status"]) == ("2026-11-25", "planned")
    assert made(door("GET", path, OMAR), 200)["trip_id"] == trip["id"]
    advance(app, timedelta(days=2, hours=4))
    version = accepted["version"] + 1
    done = made(door("POST", f"{path}/complete", ADVISER, version=version), 200)
    words = {**time("09:00", 1, 90), "women": 3, "men": 2, "text": "راجعنا الهيكلية."}
    body = made(door("POST", f"{path}/report", ADVISER, version=done["version"], json=words), 200)
    approved = door("POST", f"{path}/approve", BOSS, version=body["version"])
    assert made(approved, 200)["status"] == "approved"


def test_what_is_sealed_is_not_there_for_others(app: App, door: Door) -> None:
    made(door("POST", "/v1/advisers", BOSS, key="a", json=adviser_request(HUDA.id)))
    case = put_on_case(app, submit_confidential(app), HUDA)
    details = {"case_id": case.id, "mode": "remote", **time("10:00")}
    appointment = made(door("POST", "/v1/appointments", ADVISER, key="b", json=details))
    path = f"/v1/appointments/{appointment['id']}"
    for who in (SARA, DESK, BOSS):
        answers = [
            door("GET", path, who),
            door("PATCH", path, who, version=1, json=time("13:00")),
            door("POST", f"{path}/cancel", who, version=7),
            door("GET", f"{path}/invitation.ics", who),
            door("POST", "/v1/appointments", who, key="k", json=details),
        ]
        assert [each.status_code for each in answers] == [404] * 5
        assert door("GET", "/v1/appointments", who).get_json()["items"] == []
    # Busy has no cause: an appointment of a sealed case, and one of an open case, refuse alike.
    opened = put_on_case(app, submit(app), HUDA)
    more = {"case_id": opened.id, "mode": "remote"}
    second = made(door("POST", "/v1/appointments", DESK, key="c", json={**more, **time("13:00")}))
    problems = [
        door("POST", "/v1/appointments", DESK, key=clock, json={**more, **time(clock)}).get_json()
        for clock in ("10:00", "13:00")
    ]
    for each in problems:
        del each["trace_id"], each["alternatives"]
    assert problems[0] == problems[1]
    assert second["starts_at"] == f"{at('13:00'):%Y-%m-%dT%H:%M:%SZ}"


def test_a_room_is_awaited_and_absences_are_entered(app: App, door: Door) -> None:
    made(door("POST", "/v1/advisers", BOSS, key="a", json=adviser_request(HUDA.id)))
    case = put_on_case(app, submit(app), HUDA)
    details = {"case_id": case.id, "mode": "at_centre", **time("10:00")}
    answer = door(
        "POST", "/v1/appointments", OMAR, key="b", json=details, headers={"Prefer": "wait=1"}
    )
    assert made(answer)["room"]["status"] == "awaiting"
    assert answer.headers["Preference-Applied"] == "wait=1"
    absence = {"adviser_id": HUDA.id, **time("09:00", minutes=120)}
    assert door("POST", "/v1/absences", DESK, key="c", json=absence).status_code == 403
    entered = made(door("POST", "/v1/absences", ADVISER, key="c", json=absence))
    tasks = made(door("GET", "/v1/consultation-tasks?what=adviser_absent", DESK), 200)["items"]
    assert [each["subject"] for each in tasks] == [answer.get_json()["id"]]
    path = f"/v1/absences/{entered['id']}"
    assert made(door("POST", f"{path}/withdraw", ADVISER, version=1), 200)["status"] == "withdrawn"
    stale = door("POST", f"{path}/withdraw", ADVISER, version=2)
    assert (stale.status_code, stale.get_json()["state"]) == (409, "withdrawn")
    month = {
        "adviser_id": HUDA.id,
        "centre_id": "raqqa",
        "month": "2026-11",
        "hours": [time("13:00")],
    }
    hours = door("POST", "/v1/consulting-hours", ADVISER, key="d", json=month)
    assert made(hours)["hours"][0]["status"] == "awaiting"
    again = door("POST", "/v1/consulting-hours", ADVISER, key="e", json=month)
    assert again.get_json()["code"] == "consultations.hours_of_month_exist"
    path = hours.headers["Location"]
    changed = door("PATCH", path, DESK, version=1, json={"hours": []})
    assert (changed.status_code, changed.get_json()["hours"]) == (200, [])
