"""What a closure takes: documents among the bookings, under the same unique index.

A closure has one block for each leaf space and day (UTC), so a block never reaches further than a
booking and is found the same way. A block has neither an organisation nor a start, so no list of
bookings holds one.

A block of which bookings hold every slot has no ``claims`` yet; they come as the bookings let go.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any

from pymongo import collection

from services.bookings.domain.closures import Closure
from services.bookings.domain.hours import Period
from services.bookings.domain.slots import SLOT, instant_of, slots_of
from services.common.storage.mongo import Document, Session

CLOSURE = "closure"
_SLOTS_A_DAY = 96

Bookings = collection.Collection[Document]


def take(bookings: Bookings, session: Session, closure: Closure, held: Collection[str]) -> None:
    """Claim every slot of the closure that no booking holds.

    Args:
        held: slots of the affected bookings.

    Raises:
        DuplicateKeyError, BulkWriteError: if somebody has claimed one of the others.
    """
    by_block: dict[tuple[str, int], list[str]] = defaultdict(list)
    for leaf in closure.leaves:
        for slot in slots_of((leaf,), closure.period):
            by_block[leaf, _day(slot)].append(slot)
    documents = []
    for (leaf, day), slots in by_block.items():
        document: dict[str, Any] = {
            "_id": _block_id(closure.id, leaf, day),
            "kind": CLOSURE,
            "closure_id": closure.id,
            "centre_id": closure.centre_id,
            "leaves": [leaf],
            "place": leaf,
            "taken_from": instant_of(slots[0]),
            "taken_until": instant_of(slots[-1]) + SLOT,
        }
        claims = [slot for slot in slots if slot not in held]
        if claims:
            document["claims"] = claims
        documents.append(document)
    bookings.insert_many(documents, session=session)


def take_over(
    bookings: Bookings, session: Session, closure_ids: Iterable[str], released: Iterable[str]
) -> None:
    """Give to their closures what a booking has let go of within them.

    A closure that was lifted has no blocks any more, so nothing falls to it.
    """
    by_block: dict[str, list[str]] = defaultdict(list)
    for closure_id in closure_ids:
        for slot in released:
            by_block[_block_id(closure_id, slot.rpartition("@")[0], _day(slot))].append(slot)
    for block in bookings.find({"_id": {"$in": sorted(by_block)}}, {"claims": 0}, session=session):
        taken = Period(block["taken_from"], block["taken_until"])
        claims = [
            slot
            for slot in by_block[block["_id"]]
            if taken.starts_at <= instant_of(slot) < taken.ends_at
        ]
        if claims:
            bookings.update_one(
                {"_id": block["_id"]}, {"$push": {"claims": {"$each": claims}}}, session=session
            )


def give_back(bookings: Bookings, session: Session, closure_id: str) -> None:
    """Free all that a closure has taken."""
    bookings.delete_many({"closure_id": closure_id}, session=session)


def _block_id(closure_id: str, leaf: str, day: int) -> str:
    return f"{closure_id}|{leaf}|{day}"


def _day(slot: str) -> int:
    return int(slot.rpartition("@")[2]) // _SLOTS_A_DAY
