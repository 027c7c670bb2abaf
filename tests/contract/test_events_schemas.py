"""The generated schemas say what the contracts check, and the AsyncAPI document holds together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema_rs import Draft202012Validator

from docs.contracts import ENVELOPE, all_events, asyncapi, data_schema
from services.bookings.domain.booking import Booking
from services.bookings.domain.centre import Space
from services.bookings.domain.new_booking import make_booking
from services.bookings.steps.event_data import booking_data, previous_data
from services.common.contracts.bookings import events
from services.common.contracts.registry import EventType
from services.common.events.envelope import CloudEvent
from services.common.ids import new_id
from tests.support.bookings import NOW, REPRESENTATIVE, period, raqqa, space


def booked(room: Space) -> Booking:
    return make_booking(
        id=new_id(),
        space=room,
        organisation_id="amal",
        booked_by=REPRESENTATIVE.id,
        period=period(10, 11),
        time_zone="Asia/Damascus",
        title="Planning",
        purpose="meeting",
        people=None,
        now=NOW,
    )


def examples() -> list[tuple[EventType, dict[str, Any]]]:
    """Facts as the branch itself makes them."""
    room, hall = space(), space("raqqa-hall")
    before = booked(room)
    moved = before.rescheduled(hall, period(11, 12), by="rana", now=NOW)
    fact = booking_data(before, room, raqqa(), REPRESENTATIVE)
    return [
        (events.BOOKING_CONFIRMED, fact),
        (events.BOOKING_CANCELLED, {**fact, "reason": None}),
        (
            events.BOOKING_RESCHEDULED,
            booking_data(moved, hall, raqqa(), REPRESENTATIVE) | previous_data(before, room),
        ),
    ]


@pytest.mark.parametrize(
    ("event_type", "fact"), [pytest.param(*each, id=each[0].name) for each in examples()]
)
def test_schema_and_contract_agree(event_type: EventType, fact: dict[str, Any]) -> None:
    schema = Draft202012Validator(data_schema(event_type), validate_formats=True)
    event_type.check(fact)
    schema.validate(fact)
    for name in fact:
        without = {key: value for key, value in fact.items() if key != name}
        assert not schema.is_valid(without), f"{name} is required"
    assert schema.is_valid({**fact, "added_later": 1}), "a newer publisher may add members"
    assert not schema.is_valid({**fact, "starts_at": "tomorrow"})
    assert not schema.is_valid({**fact, "space_name": {"en": "Room"}}), "Arabic is required"
    assert not schema.is_valid({**fact, "booking_id": "no identifier"})


def test_the_envelope_is_what_is_sent() -> None:
    event = CloudEvent(
        id=new_id(),
        source="/masaha/bookings",
        type=events.BOOKING_CONFIRMED.name,
        subject="b1",
        time=NOW,
        dataschema=events.BOOKING_CONFIRMED.dataschema,
        data={},
        aggregate_version=1,
        actor_kind="person",
        traceparent=f"00-{'1' * 32}-{'2' * 16}-01",
        sequence=1,
    )
    assert set(event.to_wire()) == set(ENVELOPE["properties"])
    Draft202012Validator(ENVELOPE, validate_formats=True).validate(event.to_wire())


def test_every_reference_of_the_asyncapi_document_leads_somewhere() -> None:
    document = asyncapi("0")
    for reference in references(document):
        place: Any = document
        for part in reference.removeprefix("#/").split("/"):
            assert part in place, f"{reference} leads nowhere"
            place = place[part]


def test_the_asyncapi_document_has_every_event() -> None:
    document = asyncapi("0")
    names = {event_type.name for event_type in all_events()}
    assert set(document["channels"]) == set(document["components"]["messages"]) == names
    assert {each["action"] for each in document["operations"].values()} == {"send"}


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for below in value.values():
            yield from references(below)
    elif isinstance(value, list):
        for below in value:
            yield from references(below)
