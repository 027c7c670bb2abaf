"""One request is followed by its trace id alone, from the door to the mail."""

from __future__ import annotations

import json
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from services.common.storage.mongo import Database
from tests.e2e.conftest import SignIn
from tests.support.awaiting import until
from tests.support.stack import Stack

SPACE, ORGANISATION = "raqqa-training-room", "euphrates-development"
# A week that no other test of the run books.
WEEKS_AHEAD = 17


def the_slot(hour: int = 8) -> tuple[str, str]:
    """An hour of a Wednesday, by the clock of the centre in opening time."""
    today = datetime.now(UTC).replace(hour=hour, minute=0, second=0, microsecond=0)
    day = today + timedelta(days=7 * WEEKS_AHEAD + 2 - today.weekday())
    return tuple(f"{each:%Y-%m-%dT%H:%M:%SZ}" for each in (day, day + timedelta(hours=1)))  # type: ignore[return-value]


def lines(stack: Stack, process: str, trace_id: str) -> list[dict[str, Any]]:
    """What a process has written about the trace."""
    text = stack.log(process).read_text(encoding="utf-8", errors="replace")
    found = [json.loads(line) for line in text.splitlines() if trace_id in line]
    return [line for line in found if line.get("trace_id") == trace_id]


def test_one_booking_is_in_every_log_that_it_passed_under_one_trace_id(
    stack: Stack, signed_in: SignIn
) -> None:
    trace_id = secrets.token_hex(16)
    starts_at, ends_at = the_slot()
    answer = signed_in("member").post(
        "/v1/bookings",
        json={
            "space_id": SPACE,
            "organisation_id": ORGANISATION,
            "starts_at": starts_at,
            "ends_at": ends_at,
            "title": "Followed",
            "purpose": "meeting",
            "people": 4,
        },
        headers={
            "Idempotency-Key": str(uuid4()),
            "traceparent": f"00-{trace_id}-{secrets.token_hex(8)}-01",
        },
    )
    assert answer.status_code == 201, answer.text
    assert answer.headers["traceparent"].split("-")[1] == trace_id

    def said(process: str, event: str) -> dict[str, Any]:
        return until(
            lambda: next(
                (line for line in lines(stack, process, trace_id) if line["event"] == event), None
            ),
            f"{event} of {process}",
            30,
        )

    # The door, and the call behind it.
    assert said("gateway", "http")["status"] == 201
    assert said("bookings-service", "rpc.done")["method"] == "create_booking"

    # The fact, in the publisher's log.
    bookings = Database(stack.mongo_uri, "masaha_bookings")
    logged = until(
        lambda: bookings.collection("event_log").find_one({"event.subject": answer.json()["id"]}),
        "the event",
    )
    bookings.close()
    assert logged["event"]["traceparent"].split("-")[1] == trace_id

    # Who took it, the mail that it led to, and the fact that this one is.
    taken = said("notifications-service", "event.done")
    assert taken["event_id"] == logged["event"]["id"]
    assert said("notifications-worker", "delivery.settled")["state"] == "sent"
    notifications = Database(stack.mongo_uri, "masaha_notifications")
    queued = notifications.collection("deliveries").find_one({"event_id": logged["event"]["id"]})
    assert queued is not None
    told = until(
        lambda: notifications.collection("event_log").find_one({"event.subject": queued["_id"]}),
        "the delivery's event",
    )
    notifications.close()
    assert told["event"]["traceparent"].split("-")[1] == trace_id

    # The message in the inbox is this event's.
    inbox = signed_in("member").get("/v1/inbox").raise_for_status().json()
    assert logged["event"]["id"] in json.dumps(inbox)
