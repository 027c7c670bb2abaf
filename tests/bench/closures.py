"""The largest closure: how soon it is answered, and how soon it is in force.

Closed, lifted and closed again, because MongoDB 6 is slow to insert keys that were deleted in bulk
a moment ago. Measured inside the service, as the worker takes it; beside it the time of a booking.

``python -m tests.bench.closures`` compares ways to claim the same blocks, which is what
``docs/adr/0015-a-large-closure-is-taken-bit-by-bit.md`` weighs. A way that is not done when the
longest transaction must end is given up.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from datetime import timedelta
from itertools import islice
from statistics import median

from services.bookings.app import App
from services.bookings.domain.closures import MOST_SPACE_DAYS, Closure, Kind, State
from services.bookings.operations import bookings, closure_claims, closures
from services.bookings.schemas.bookings import CancelBooking
from services.bookings.schemas.closures import LiftClosure, PlanClosure
from services.bookings.store import blocks
from services.common import errors
from services.common.ids import new_id
from services.common.storage.mongo import Document
from services.common.time.period import Period
from tests.bench.alone import run_alone
from tests.bench.racers import open_app
from tests.support.bookings import (
    MEMBER,
    NOW,
    RAQQA_DESK,
    booking_command,
    call,
    raqqa,
    space,
    tomorrow,
)
from tests.support.closures import let_worker_work
from tests.support.figures import Figure

ROUNDS = int(os.environ.get("BENCH_CLOSURE_ROUNDS", "4"))
DAYS = 90
ROOMS = [space(f"room-{number:02}") for number in range(MOST_SPACE_DAYS // DAYS)]
WHOLE = Period(tomorrow(0), tomorrow(0) + timedelta(days=DAYS))
BOOKINGS = 20


def measure(
    mongo_uri: str, *, seed: int, rounds: int = ROUNDS, say: Callable[[str], None] = print
) -> list[Figure]:
    """Close and lift a whole centre as often as there are rounds, on a database of its own.

    Args:
        seed: nothing here is left to chance; taken for the sake of the name.
    """
    del seed
    prefix = f"closures{new_id()[-8:]}"
    app = open_app(mongo_uri, prefix)
    app.centres.seed([raqqa()], ROOMS)
    seconds: dict[str, list[float]] = {}
    try:
        for number in range(rounds):
            for what, took in one_round(app).items():
                seconds.setdefault(what, []).append(took)
            shown = ", ".join(f"{what} {took[-1]:.2f} s" for what, took in seconds.items())
            say(f"  {'fresh' if number == 0 else 'again'}: {shown}")
    finally:
        app.database.client.drop_database(f"{prefix}_bookings")
        app.close()
    return figures(seconds)


def one_round(app: App) -> dict[str, float]:
    """Book, close, take, lift, book again: the seconds of each."""
    took = {"booking_before": booked(app)}
    begin = time.perf_counter()
    plan = PlanClosure("raqqa", None, WHOLE, Kind.MAINTENANCE, None)
    closure = closures.close(app, call(RAQQA_DESK), plan)
    took["answer"] = time.perf_counter() - begin
    begin = time.perf_counter()
    let_worker_work(app)
    took["in_force"] = time.perf_counter() - begin
    now = closures.get(app, call(RAQQA_DESK), closure["id"])
    assert now["state"] == "in_force"
    begin = time.perf_counter()
    closures.lift(app, call(RAQQA_DESK), LiftClosure(closure["id"], now["version"]))
    took["lift"] = time.perf_counter() - begin
    took["booking_after"] = booked(app)
    return took


def booked(app: App) -> float:
    """The usual seconds of a booking; what was booked is cancelled."""
    took = []
    for number in range(BOOKINGS):
        start = tomorrow(10) + timedelta(days=7 * (number % 10))
        room = ROOMS[number % len(ROOMS)].id
        command = booking_command(space_id=room, period=Period(start, start + timedelta(hours=1)))
        begin = time.perf_counter()
        booking = bookings.create(app, call(MEMBER), command)
        took.append(time.perf_counter() - begin)
        bookings.cancel(app, call(MEMBER), CancelBooking(booking.id, 1, None))
    return median(took)


def figures(seconds: dict[str, list[float]]) -> list[Figure]:
    found = []
    for what, took in seconds.items():
        found.append(Figure(f"bookings.closure.{what}.median", median(took) * 1000, "ms"))
        found.append(Figure(f"bookings.closure.{what}.max", max(took) * 1000, "ms"))
    return found


# -- ways to claim -----------------------------------------------------------------------------


def claim_in_steps(app: App, found: list[Document], size: int, hours: Period | None) -> None:
    """Args:
    hours: of each day, what of it is claimed; None for all of it.
    """
    documents = app.database.collection("bookings")
    rest = iter(found)
    while step := list(islice(rest, size)):
        held = {slot for each in step for slot in outside(each, hours)} if hours else set()
        app.database.transact(
            lambda session, step=step, held=held: blocks.claim(documents, session, step, held)  # type: ignore[misc]
        )


def outside(block: Document, hours: Period) -> set[str]:
    """The slots of a block that are not in these hours of the day."""
    whole = Period(block["taken_from"], block["taken_until"])
    day = whole.starts_at.replace(hour=0)
    early, late = hours.starts_at - NOW.replace(hour=0), hours.ends_at - NOW.replace(hour=0)
    opened = Period(day + early, day + late)
    slots = set(blocks.slots_of((block["place"],), whole))
    return slots.difference(blocks.slots_of((block["place"],), opened))


OPEN = Period(NOW.replace(hour=6), NOW.replace(hour=14))
WAYS: dict[str, tuple[bool, int, Period | None]] = {
    # Downwards or not, blocks in a step, and which hours.
    "one_transaction": (False, 10_000, None),
    "one_transaction_downwards": (True, 10_000, None),
    "steps_upwards": (False, closure_claims.A_STEP, None),
    "steps_downwards": (True, closure_claims.A_STEP, None),
    "steps_downwards_open_hours": (True, closure_claims.A_STEP, OPEN),
}


def compare(mongo_uri: str) -> list[Figure]:
    """Each way on a database of its own: fresh, and again right after all was given back."""
    found = []
    for name, (downwards, size, hours) in WAYS.items():
        prefix = f"ways{new_id()[-8:]}"
        app = open_app(mongo_uri, prefix)
        try:
            for moment in ("fresh", "again"):
                took = claimed(app, downwards, size, hours)
                if took is None:
                    print(f"  {name} {moment}: given up", flush=True)
                    break
                print(f"  {name} {moment}: {took:.2f} s", flush=True)
                found.append(Figure(f"bookings.claiming.{name}.{moment}", took, "s"))
        finally:
            app.database.client.drop_database(f"{prefix}_bookings")
            app.close()
    return found


def claimed(app: App, downwards: bool, size: int, hours: Period | None) -> float | None:
    """The seconds that claiming took; ``None`` if it was given up."""
    rooms = tuple(each.id for each in ROOMS)
    closure = Closure(
        id=new_id(),
        centre_id="raqqa",
        space_ids=rooms,
        leaves=rooms,
        kind=Kind.MAINTENANCE,
        reason=None,
        period=WHOLE,
        time_zone="Asia/Damascus",
        closed_by="desk",
        created_at=NOW,
        updated_at=NOW,
        state=State.CLOSING,
    )
    documents = app.database.collection("bookings")
    app.database.transact(
        lambda session: blocks.write_blocks(documents, session, closure, rooms, WHOLE)
    )
    found = app.database.transact(
        lambda session: blocks.unclaimed(documents, session, closure.id, 10_000)
    )
    if not downwards:
        found.reverse()
    begin = time.perf_counter()
    try:
        claim_in_steps(app, found, size, hours)
    except errors.Unavailable:
        return None
    took = time.perf_counter() - begin
    app.database.transact(
        lambda session: documents.delete_many({"closure_id": closure.id}, session=session)
    )
    return took


if __name__ == "__main__":
    run_alone(lambda uri, seed: compare(uri) + measure(uri, seed=seed))
