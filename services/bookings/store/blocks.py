"""What a closure takes: documents among the bookings, under the same unique index.

A closure has one block for each leaf space and day (UTC), so a block never reaches further than a
booking and is found the same way. A block has neither an organisation nor a start, so no list of
bookings holds one.

A block is written first, and counts as taken in a search for free time; then it is claimed.
Until then it is ``unclaimed``. A block whose slots are all held by others has no ``claims``; they
come as these release them.

Others are bookings, and other closures: a space that is closed, goes, and comes back while the
whole centre is closed is closed twice. Each of its slots is then one closure's, and goes to the
other when that releases it.

Before MongoDB 6 inserts a key of a unique index it steps over the keys behind it that were deleted
in the last minutes, up to one that is there; after a closure of months has been lifted, that are
tens of thousands. So a block that is given back leaves *fences* for a while, keys between its slots
which are no slots: the next step passes over a few hours at most. And blocks are claimed from
the last to the first, few at once: then what was claimed just before is next. Figures are in
``docs/adr/0015-a-large-closure-is-taken-bit-by-bit.md``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import timedelta

from pymongo import DESCENDING, UpdateOne, collection

from services.bookings.domain.closures import Closure
from services.common.storage.mongo import Document, Session
from services.common.time.period import Period
from services.common.time.slots import SLOT, slots_of, start_of_slot

CLOSURE = "closure"
FENCE = "fence"
# Longer than MongoDB remembers what was deleted (five minutes by default) and
# than it needs to tidy up after that.
FENCE_STANDS = timedelta(days=1)
SLOTS_A_FENCE = 24
_SLOTS_A_DAY = 96

Bookings = collection.Collection[Document]


def write_blocks(
    bookings: Bookings,
    session: Session,
    closure: Closure,
    leaves: Iterable[str],
    period: Period,
) -> None:
    """Write the unclaimed blocks of a closure for these leaf spaces in a period.

    Where the closure has a block of that day already, which the period adjoins, the block grows.
    """
    wanted = {
        _block_id(closure.id, leaf, number): (leaf, part)
        for leaf in leaves
        for number, part in _days(period)
    }
    there = {
        each["_id"]: Period(each["taken_from"], each["taken_until"])
        for each in bookings.find(
            {"_id": {"$in": sorted(wanted)}}, {"taken_from": 1, "taken_until": 1}, session=session
        )
    }
    new = [
        {
            "_id": block_id,
            "kind": CLOSURE,
            "closure_id": closure.id,
            "centre_id": closure.centre_id,
            "leaves": [leaf],
            "place": leaf,
            "taken_from": part.starts_at,
            "taken_until": part.ends_at,
            "unclaimed": True,
        }
        for block_id, (leaf, part) in wanted.items()
        if block_id not in there
    ]
    if new:
        bookings.insert_many(new, session=session)
    grown = [
        UpdateOne(
            {"_id": block_id},
            {
                "$set": {
                    "taken_from": min(before.starts_at, wanted[block_id][1].starts_at),
                    "taken_until": max(before.ends_at, wanted[block_id][1].ends_at),
                    "unclaimed": True,
                }
            },
        )
        for block_id, before in there.items()
    ]
    if grown:
        bookings.bulk_write(grown, session=session)


def unclaimed(bookings: Bookings, session: Session, closure_id: str, most: int) -> list[Document]:
    """Blocks of a closure that are yet to be claimed, in the order in which they should be."""
    found = bookings.find(
        {"closure_id": closure_id, "unclaimed": True},
        {"place": 1, "taken_from": 1, "taken_until": 1},
        session=session,
    )
    by_slot = [("place", DESCENDING), ("taken_from", DESCENDING)]
    return list(found.sort(by_slot).limit(most))


def claim(
    bookings: Bookings, session: Session, blocks: Sequence[Document], held: Collection[str]
) -> None:
    """Claim every slot of these blocks that nobody else holds.

    Args:
        blocks: in the order of :func:`unclaimed`.
        held: slots of bookings and of other closures.

    Raises:
        pymongo.errors.BulkWriteError: if another transaction has claimed one of the others.
    """
    changes = []
    for block in blocks:
        taken = Period(block["taken_from"], block["taken_until"])
        claims = [slot for slot in slots_of((block["place"],), taken) if slot not in held]
        change: Document = {"$unset": {"unclaimed": ""}}
        if claims:
            change["$set"] = {"claims": claims}
        else:
            change["$unset"]["claims"] = ""
        changes.append(UpdateOne({"_id": block["_id"]}, change))
    bookings.bulk_write(changes, session=session)


def held_by_others(
    bookings: Bookings, session: Session, closure: Closure, leaves: Sequence[str], period: Period
) -> set[str]:
    """Slots of these leaf spaces that other closures have claimed on the days of a period."""
    found = _of_others(bookings, session, closure, leaves, period)
    return {slot for block in found for slot in block.get("claims", ())}


def pass_on_slots(
    bookings: Bookings, session: Session, closure_ids: Iterable[str], released: Collection[str]
) -> None:
    """Give to their closures the slots that a booking has released within them.

    A closure that was lifted has no blocks any more, so nothing falls to it.
    """
    ids = {
        _block_id(closure_id, slot.rpartition("@")[0], _day(slot))
        for closure_id in closure_ids
        for slot in released
    }
    heirs = bookings.find({"_id": {"$in": sorted(ids)}}, {"claims": 0}, session=session)
    _pass_on(bookings, session, heirs, released)


def free_outside(
    bookings: Bookings, session: Session, closure: Closure, parts: Iterable[Period]
) -> None:
    """Free what lies outside the closure's period, as it is now.

    Args:
        parts: of the period as it was, those that lie outside.
    """
    heirs, slots = _slots_to_pass_on(bookings, session, closure, parts)
    period = closure.period
    outside = {
        "closure_id": closure.id,
        "$or": [
            {"taken_until": {"$lte": period.starts_at}},
            {"taken_from": {"$gte": period.ends_at}},
        ],
    }
    _free(bookings, session, closure, outside)
    across = {
        "closure_id": closure.id,
        "$or": [
            {"taken_from": {"$lt": period.starts_at}},
            {"taken_until": {"$gt": period.ends_at}},
        ],
    }
    changes = []
    for block in bookings.find(across, session=session):
        bounds = {
            "taken_from": max(block["taken_from"], period.starts_at),
            "taken_until": min(block["taken_until"], period.ends_at),
        }
        change: Document = {"$set": bounds}
        claims = _within(bounds, block.get("claims", ()))
        if claims:
            change["$set"]["claims"] = claims
        else:
            change["$unset"] = {"claims": ""}
        changes.append(UpdateOne({"_id": block["_id"]}, change))
    if changes:
        bookings.bulk_write(changes, session=session)
    _pass_on(bookings, session, heirs, slots)


def free_all(bookings: Bookings, session: Session, closure: Closure) -> None:
    """Free all that a closure has taken."""
    heirs, slots = _slots_to_pass_on(bookings, session, closure, [closure.period])
    _free(bookings, session, closure, {"closure_id": closure.id})
    _pass_on(bookings, session, heirs, slots)


def _of_others(
    bookings: Bookings, session: Session, closure: Closure, leaves: Sequence[str], period: Period
) -> list[Document]:
    """Blocks of other closures that reach into a period."""
    query = {
        "leaves": {"$in": list(leaves)},
        "taken_from": {"$lt": period.ends_at, "$gt": period.starts_at - timedelta(days=1)},
        "taken_until": {"$gt": period.starts_at},
        "kind": CLOSURE,
        "closure_id": {"$ne": closure.id},
    }
    return list(bookings.find(query, session=session))


def _slots_to_pass_on(
    bookings: Bookings, session: Session, closure: Closure, parts: Iterable[Period]
) -> tuple[list[Document], set[str]]:
    """What goes to other closures when this one releases parts of its time: the blocks that it
    falls to, and the slots."""
    heirs: list[Document] = []
    slots: set[str] = set()
    for part in parts:
        others = _of_others(bookings, session, closure, closure.leaves, part)
        mine = {
            _block_id(closure.id, each["place"], int(each["_id"].rpartition("|")[2]))
            for each in others
        }
        bounds = {"taken_from": part.starts_at, "taken_until": part.ends_at}
        for block in bookings.find({"_id": {"$in": sorted(mine)}}, session=session):
            slots.update(_within(bounds, block.get("claims", ())))
        heirs += others
    return heirs, slots


def _pass_on(
    bookings: Bookings, session: Session, heirs: Iterable[Document], released: Iterable[str]
) -> None:
    """Give each slot to the first of these blocks in which it lies. A block that is yet to be
    claimed gets its own too: a transaction that claims it at this moment has to begin again."""
    left = set(released)
    for block in heirs:
        of_place = (slot for slot in left if slot.rpartition("@")[0] == block["place"])
        claims = _within(block, sorted(of_place))
        if claims:
            left.difference_update(claims)
            bookings.update_one(
                {"_id": block["_id"]}, {"$push": {"claims": {"$each": claims}}}, session=session
            )


def _free(bookings: Bookings, session: Session, closure: Closure, these: Document) -> None:
    found = bookings.find(
        {**these, "unclaimed": {"$ne": True}},
        {"place": 1, "taken_from": 1, "taken_until": 1},
        session=session,
    )
    # Before the blocks go, while there is still something beside each fence.
    fences = [_fence(closure, block) for block in found]
    if fences:
        bookings.insert_many(fences, session=session)
    bookings.delete_many(these, session=session)


def _fence(closure: Closure, block: Document) -> Document:
    """It takes no time, so it has nothing by which what is taken is found."""
    slots = slots_of((block["place"],), Period(block["taken_from"], block["taken_until"]))
    # Of each closure and version its own, so that none is there already.
    mark = f"~{closure.id}.{closure.version}"
    return {
        "_id": f"{block['_id']}{mark}",
        "kind": FENCE,
        "centre_id": closure.centre_id,
        "claims": [slot + mark for slot in {*slots[::SLOTS_A_FENCE], slots[-1]}],
        "fence_until": closure.updated_at + FENCE_STANDS,
    }


def _within(block: Document, slots: Iterable[str]) -> list[str]:
    return [s for s in slots if block["taken_from"] <= start_of_slot(s) < block["taken_until"]]


def _days(period: Period) -> Iterator[tuple[int, Period]]:
    """The days (UTC) of a period on the raster: number of the day, and the part that lies in it."""
    start = period.starts_at
    while start < period.ends_at:
        (slot,) = slots_of(("",), Period(start, start + SLOT))
        end = min(start.replace(hour=0, minute=0) + timedelta(days=1), period.ends_at)
        yield _day(slot), Period(start, end)
        start = end


def _block_id(closure_id: str, leaf: str, day: int) -> str:
    return f"{closure_id}|{leaf}|{day}"


def _day(slot: str) -> int:
    return int(slot.rpartition("@")[2]) // _SLOTS_A_DAY
