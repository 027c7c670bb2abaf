"""Messages that nobody can handle, put in on purpose: they must be parked, and harm nothing."""

from __future__ import annotations

import json
import uuid

from services.common.context import Call, Caller
from services.common.messaging.publisher import ConfirmingPublisher, Message
from services.common.messaging.topology import parked_name
from tests.faults.evidence import QUEUE, RPC_QUEUE


def put_in(uri: str, booking: dict[str, object], caller: Caller) -> dict[str, list[bytes]]:
    """Publish poison, confirmed; returns what must be found in which parking queue.

    Args:
        booking: a sound request to book, which goes out without a place to answer to: nobody waits
            for it, so nobody may do it.
    """
    tag = uuid.uuid4().hex
    not_json = f"no JSON {tag}".encode()
    no_event = json.dumps({"no": "event", "tag": tag}).encode()
    nowhere = json.dumps({"args": [booking], "kwargs": {}}).encode()
    unknown_type = f"unknown type {tag}".encode()
    call = Call(caller=caller, idempotency_key=tag).to_header()
    with ConfirmingPublisher(uri) as publisher:
        left = publisher.publish_many(
            [
                Message("1", not_json, "bookings.booking.confirmed", mandatory=True),
                Message("2", no_event, "bookings.booking.cancelled", mandatory=True),
                Message(
                    "3",
                    nowhere,
                    "bookings.create_booking",
                    exchange="nameko-rpc",
                    content_type="application/json",
                    headers={"nameko.call": call},
                    mandatory=True,
                ),
                Message(
                    "4",
                    unknown_type,
                    "bookings.create_booking",
                    exchange="nameko-rpc",
                    content_type="application/x-unknown",
                    mandatory=True,
                ),
            ]
        )
    assert not left, f"the broker did not take the poison {sorted(left)}"
    return {
        parked_name(QUEUE): [not_json, no_event],
        parked_name(RPC_QUEUE): [nowhere, unknown_type],
    }
