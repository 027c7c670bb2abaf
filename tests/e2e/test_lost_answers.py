"""A client whose answer was lost finds out what became of its request, as docs/http.md says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.e2e.conftest import SignIn
from tests.support.client import code_of, key, tag, wire

SPACE, ORGANISATION = "raqqa-meeting-room", "euphrates-development"
# A week that no other test of the run books.
WEEKS_AHEAD = 19


def test_a_change_and_an_action_are_sent_again_and_a_read_shows_that_they_are_made(
    signed_in: SignIn,
) -> None:
    member = signed_in("member")
    monday = datetime.now(UTC).replace(hour=8, minute=0, second=0, microsecond=0)
    starts_at = monday + timedelta(days=7 * WEEKS_AHEAD - monday.weekday())
    details = {
        "space_id": SPACE,
        "organisation_id": ORGANISATION,
        "starts_at": wire(starts_at),
        "ends_at": wire(starts_at + timedelta(hours=1)),
        "title": "Before",
        "purpose": "meeting",
    }
    again = key()
    made = member.post("/v1/bookings", json=details, headers=again)
    assert made.status_code == 201, made.text
    path = made.headers["Location"]

    wanted = {"title": "After"}
    assert member.patch(path, json=wanted, headers=tag(made)).status_code == 200
    assert code_of(member.patch(path, json=wanted, headers=tag(made)))[0] == 412
    read = member.get(path)
    assert read.json()["title"] == "After"

    assert member.post(f"{path}/cancel", json={}, headers=tag(read)).status_code == 200
    assert code_of(member.post(f"{path}/cancel", json={}, headers=tag(read)))[0] == 412
    assert member.get(path).json()["status"] == "cancelled"

    # What opens a door is of no use any more, so the first answer comes without it.
    replayed = member.post("/v1/bookings", json=details, headers=again)
    assert (replayed.status_code, replayed.json()["title"]) == (201, "Before")
    assert made.json()["door_code"] is not None
    assert replayed.json()["door_code"] is None
