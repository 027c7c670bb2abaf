"""What one relay moves at most: a full outbox to a queue of the broker, through the log.

A service has one relay at a time, so this is the ceiling for the events of a branch. The rows are
there before the clock starts, and nothing else asks the database or the broker meanwhile. At the
end the log and the queue hold each event once.

``python -m tests.bench.relay`` runs it alone, on servers of its own.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from kombu import Connection

from services.common.clock import SystemClock, to_wire
from services.common.config import Settings
from services.common.context import SYSTEM
from services.common.contracts.bookings.events import BOOKING_CONFIRMED
from services.common.events.outbox import Fact, Outbox
from services.common.ids import new_id
from services.common.messaging.relay import build_relay
from services.common.messaging.topology import TOPOLOGY, event_queue_name
from services.common.storage.mongo import Database, Session
from tests.support.figures import Figure, table
from tests.support.notifications import booking_data
from tests.support.stack import BROKER, DATABASE, Stack

EVENTS = int(os.environ.get("BENCH_RELAY_EVENTS", "20000"))
AT_ONCE = 500


def measure(mongo_uri: str, amqp_uri: str, *, say: Callable[[str], None] = print) -> list[Figure]:
    """Fill an outbox and empty it, on a database and a queue of its own.

    Raises:
        SystemExit: if the log or the queue does not hold each event once.
    """
    name = f"relay{new_id()[-8:]}_bookings"
    database = Database(mongo_uri, name)
    queue = event_queue_name(f"bench-{new_id()[-8:]}")
    try:
        with Connection(amqp_uri) as connection:
            channel = connection.channel()
            for entity in (
                TOPOLOGY.parked_queue(queue),
                TOPOLOGY.consumer_queue(queue, [BOOKING_CONFIRMED.name]),
            ):
                entity(channel).declare()
            took = _move(database, Settings(amqp_uri, mongo_uri))
            arrived = channel.queue_declare(queue, passive=True).message_count
            channel.queue_delete(queue)
        logged = database.collection("event_log").count_documents({})
    finally:
        database.client.drop_database(name)
        database.close()
    if (logged, arrived) != (EVENTS, EVENTS):
        raise SystemExit(f"{EVENTS} events: {logged} are in the log, {arrived} in the queue.")
    say(f"  {EVENTS} events in {took:.1f} s: {EVENTS / took:.0f}/s, each once in log and queue")
    return [Figure("events.relay.rate", EVENTS / took, "1/s")]


def _move(database: Database, settings: Settings) -> float:
    """Fill the outbox and have a relay empty it; the seconds that the relay took."""
    outbox = Outbox(database, SystemClock(), new_id)
    outbox.ensure_indexes()
    for begin in range(0, EVENTS, AT_ONCE):
        database.transact(partial(_record, outbox, min(AT_ONCE, EVENTS - begin)))
    relay = build_relay(settings, "bookings", database)
    try:
        began = time.perf_counter()
        moved = 0
        while moved < EVENTS:
            if not relay.acquire_lease():
                raise SystemExit("Another relay has the lease.")
            moved += relay.step()
        return time.perf_counter() - began
    finally:
        relay.close()


def _record(outbox: Outbox, count: int, session: Session) -> None:
    now = to_wire(SystemClock().now())
    facts = []
    for _ in range(count):
        data = booking_data(booking_id=new_id(), starts_at=now)
        facts.append(Fact(data["booking_id"], 1, data))
    outbox.record_many(session, BOOKING_CONFIRMED, facts, caller=SYSTEM)


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="masaha-bench-") as name:
        stacks = [Stack(Path(name) / part[-1], only=part) for part in (BROKER, DATABASE)]
        try:
            for each in stacks:
                each.up()
            figures = measure(stacks[1].mongo_uri, stacks[0].amqp_uri)
        finally:
            for each in stacks:
                each.down()
    sys.stdout.write(f"\n{table(figures)}\n")


if __name__ == "__main__":
    main()
