"""Closures as documents, and the bookings that they affect."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from cattrs import Converter
from pymongo import ASCENDING, UpdateOne

from services.bookings.domain.booking import Booking
from services.bookings.domain.closures import Closure, Progress, Reason
from services.bookings.store import blocks
from services.bookings.store.booking_documents import affected_document, booking_of
from services.bookings.store.bookings import LONGEST_TAKEN, SpaceTaken, space_taken
from services.common.storage.aggregates import Aggregates
from services.common.storage.mapping import mapping_of
from services.common.storage.mongo import Database, Document, RetryTransaction, Session
from services.common.time.period import Period


def _reason_as_it_is(converter: Converter) -> None:
    converter.register_structure_hook(Reason | None, lambda value, _: value)


CLOSURES = mapping_of(Closure, flat=("period",), hooks=_reason_as_it_is)


@dataclass(frozen=True, slots=True)
class Claimed:
    """What one step of claiming has done.

    Attributes:
        left: whether there is more to claim.
        marked: how many bookings were found that were not listed before.
    """

    left: bool
    marked: int


class ClosureStore(Aggregates[Closure]):
    """Closures, with what they take among the bookings."""

    def __init__(self, database: Database) -> None:
        super().__init__(database.collection("closures"), CLOSURES)
        self._bookings = database.collection("bookings")

    def ensure_indexes(self) -> None:
        self.collection.create_index(
            [("centre_id", ASCENDING), ("starts_at", ASCENDING), ("_id", ASCENDING)]
        )
        self._bookings.create_index(
            [("closure_id", ASCENDING)],
            name="blocks",
            partialFilterExpression={"closure_id": {"$exists": True}},
        )
        self._bookings.create_index(
            [("closure_id", ASCENDING), ("place", ASCENDING), ("taken_from", ASCENDING)],
            name="unclaimed_blocks",
            partialFilterExpression={"unclaimed": True},
        )
        self._bookings.create_index(
            [("fence_until", ASCENDING)],
            name="fences",
            expireAfterSeconds=0,
            partialFilterExpression={"fence_until": {"$exists": True}},
        )
        self._bookings.create_index(
            [("affected_by.closure_id", ASCENDING)],
            name="affected",
            partialFilterExpression={"affected_by.closure_id": {"$exists": True}},
        )

    # -- what a closure takes -----------------------------------------------------------------

    def write_blocks(
        self, session: Session, closure: Closure, leaves: Iterable[str], period: Period
    ) -> None:
        """Write the blocks that a closure is to claim; a search for free time sees them taken."""
        blocks.write_blocks(self._bookings, session, closure, leaves, period)

    def mark_affected(self, session: Session, closure: Closure, affected: Iterable[Booking]) -> int:
        """Mark bookings as being in a closure's way, and where they stand now, unless they are
        marked already.

        The mark is what makes a race with a change of such a booking end well: both write the
        booking, so one of them is done again and sees the other.

        Returns:
            how many were marked.
        """
        new = [each for each in affected if not closure.lists(each)]
        if new:
            self._bookings.bulk_write(
                [
                    UpdateOne(
                        {"_id": each.id},
                        {"$push": {"affected_by": affected_document(closure.id, each)}},
                    )
                    for each in new
                ],
                session=session,
            )
        return len(new)

    def claim(self, session: Session, closure: Closure, most: int) -> Claimed:
        """Claim what nobody else holds of the next blocks, and mark the bookings that hold of them.

        Args:
            most: so many blocks at once.

        Raises:
            RetryTransaction: if another transaction was faster; the next look finds them.
        """
        found = blocks.unclaimed(self._bookings, session, closure.id, most + 1)
        these = found[:most]
        if not these:
            return Claimed(left=False, marked=0)
        around = Period(
            min(each["taken_from"] for each in these), max(each["taken_until"] for each in these)
        )
        leaves = sorted({each["place"] for each in these})
        holders = self.find_displaced(leaves, around, session=session)
        marked = self.mark_affected(session, closure, holders)
        held = {slot for each in holders if each.claim for slot in each.claim.slots}
        held |= blocks.held_by_others(self._bookings, session, closure, leaves, around)
        try:
            with space_taken():
                blocks.claim(self._bookings, session, these, held)
        except SpaceTaken as taken:
            raise RetryTransaction("a booking was made meanwhile") from taken
        return Claimed(left=len(found) > most, marked=marked)

    def unclaimed(self, session: Session, closure: Closure, most: int) -> int:
        """How many blocks are yet to be claimed; so many are counted at most."""
        return len(blocks.unclaimed(self._bookings, session, closure.id, most))

    def progress(self, closure: Closure, session: Session | None = None) -> Progress:
        """How far a closure has got."""
        mine = {"closure_id": closure.id}
        total = self._bookings.count_documents(mine, session=session)
        left = self._bookings.count_documents(mine | {"unclaimed": True}, session=session)
        return Progress(total - left, total)

    def free_outside(self, session: Session, closure: Closure, parts: Iterable[Period]) -> None:
        """Free what lies outside the closure's period, as it is now: these parts of what it was."""
        blocks.free_outside(self._bookings, session, closure, parts)

    def free_all(self, session: Session, closure: Closure) -> None:
        """Free all that a closure has taken."""
        blocks.free_all(self._bookings, session, closure)

    # -- reading ------------------------------------------------------------------------------

    def find(
        self,
        centre_id: str,
        *,
        status: str | None,
        ends_after: datetime | None,
        after: tuple[datetime, str] | None,
        limit: int,
    ) -> list[Closure]:
        """Closures of a centre by start, then id, after the position."""
        clauses: list[Document] = [{"centre_id": centre_id}]
        if status is not None:
            clauses.append({"lifted_at": None if status == "standing" else {"$ne": None}})
        if ends_after is not None:
            clauses.append({"ends_at": {"$gt": ends_after}})
        return self.page(*clauses, order=("starts_at", "_id"), after=after, limit=limit)

    def standing(
        self,
        centre_id: str,
        within: Period,
        leaves: Iterable[str] | None = None,
        session: Session | None = None,
    ) -> list[Closure]:
        """The closures in force in a period, by start.

        Args:
            leaves: only those that close one of these; None for all of the centre.
        """
        query: Document = {
            "centre_id": centre_id,
            "lifted_at": None,
            "starts_at": {"$lt": within.ends_at},
            "ends_at": {"$gt": within.starts_at},
        }
        if leaves is not None:
            query["leaves"] = {"$in": sorted(leaves)}
        found = self.collection.find(query, session=session).sort("starts_at", ASCENDING)
        return [self.aggregate_of(document) for document in found]

    def whole_centre(self, session: Session, centre_id: str, now: datetime) -> list[Closure]:
        """The closures of a whole centre that stand and are not over, by start."""
        query = {
            "centre_id": centre_id,
            "lifted_at": None,
            "all_spaces": True,
            "ends_at": {"$gt": now},
        }
        found = self.collection.find(query, session=session).sort("starts_at", ASCENDING)
        return [self.aggregate_of(document) for document in found]

    def find_displaced(
        self,
        leaves: Sequence[str],
        period: Period,
        limit: int = 0,
        session: Session | None = None,
    ) -> list[Booking]:
        """The bookings that hold slots of these leaf spaces then, by start; with their claims.

        Args:
            limit: so many at most; 0 for all.
        """
        found = (
            self._bookings.find(
                {
                    "leaves": {"$in": list(leaves)},
                    "claims": {"$exists": True},
                    "taken_from": {"$lt": period.ends_at, "$gt": period.starts_at - LONGEST_TAKEN},
                    "taken_until": {"$gt": period.starts_at},
                    "kind": None,
                },
                {"history": 0},
                session=session,
            )
            .sort([("starts_at", ASCENDING), ("_id", ASCENDING)])
            .limit(limit)
        )
        return [booking_of(document) for document in found]

    def affected(self, closure_id: str) -> list[Booking]:
        """The bookings that stood in a closure's way when it was made, by their present start."""
        found = self._bookings.find({"affected_by.closure_id": closure_id}, {"history": 0}).sort(
            [("starts_at", ASCENDING), ("_id", ASCENDING)]
        )
        return [booking_of(document) for document in found]
