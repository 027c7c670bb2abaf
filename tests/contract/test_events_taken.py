"""Each event is for a service of ours, or for outsiders only: what nobody takes shows a fault."""

from __future__ import annotations

import json
import re

import pytest

from deploy.broker import TOPOLOGY
from docs.contracts import all_events
from services.bookings import service as bookings
from services.bookings.schemas.room_requests import ROOM_PATTERNS
from services.common.contracts.identity.events import ACCESS_REVOKED
from services.common.contracts.registry import EventType, is_state
from services.common.messaging.topology import EVENTS, FOR_OUTSIDERS, UNROUTABLE
from services.common.rooms.requester import ANSWERS
from services.consultations import service as consultations
from services.notifications import service as notifications
from services.notifications.domain.rules import SEALED_PATTERNS
from services.trainings import service as trainings

TAKEN = (
    *bookings.PATTERNS,
    *ROOM_PATTERNS,
    *trainings.PATTERNS,
    *ANSWERS,
    *consultations.PATTERNS,
    *consultations.LOOP_EVENTS,
    *consultations.TRAINING_EVENTS,
    *notifications.PATTERNS,
    *SEALED_PATTERNS,
    ACCESS_REVOKED.name,
)
DEFINITIONS = json.loads(TOPOLOGY.read_text(encoding="utf-8"))
FOR_NOBODY_OF_US = [
    each["routing_key"]
    for each in DEFINITIONS["bindings"]
    if (each["source"], each["destination"]) == (EVENTS.name, FOR_OUTSIDERS)
]


def matches(patterns: list[str] | tuple[str, ...], name: str) -> list[str]:
    """The topic patterns, of three words each, that an event's type fits."""
    return [
        pattern
        for pattern in patterns
        if re.fullmatch(re.escape(pattern).replace(r"\*", "[^.]+"), name)
    ]


EVENT_TYPES = [each for each in all_events() if not is_state(each.name)]


@pytest.mark.parametrize("event_type", EVENT_TYPES, ids=lambda each: each.name)
def test_an_event_is_for_a_service_or_for_outsiders(event_type: EventType) -> None:
    taken = bool(matches(TAKEN, event_type.name))
    outside = bool(matches(FOR_NOBODY_OF_US, event_type.name))
    assert taken != outside, (
        f"{event_type.name}: bind it to {FOR_OUTSIDERS} in {TOPOLOGY.name} if no service "
        "subscribes to it, and only then."
    )


def test_what_outsiders_may_take_is_kept_for_nobody() -> None:
    queues = {each["name"]: each["arguments"] for each in DEFINITIONS["queues"]}
    assert queues[FOR_OUTSIDERS]["x-max-length"] == 0
    assert queues[UNROUTABLE]["x-max-length"] > 0
