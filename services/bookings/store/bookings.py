"""Bookings as documents, and the index that refuses a double booking."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from bson.codec_options import CodecOptions
from pymongo import ASCENDING

from services.bookings.domain.booking import Booking
from services.bookings.domain.booking_states import HOLDS_ITS_TIME, MAY_MOVE
from services.bookings.domain.outside_hours import Standing
from services.bookings.domain.rules import LONGEST
from services.bookings.store import blocks
from services.bookings.store.booking_documents import BOOKINGS, booking_of, standing_of
from services.common import errors
from services.common.storage.aggregates import Aggregates, beyond, equal_to
from services.common.storage.claims import ClaimRefused, claims_refused, ensure_claims_index
from services.common.storage.mongo import Database, Document, RetryTransaction, Session
from services.common.time.period import Period

TAKEN_INDEX = "taken_by_leaf"
# In the claims on units of equipment, and never in those on spaces.
_UNIT = "#"
# No booking takes longer than this, buffers included, so a look for overlaps begins no earlier.
LONGEST_TAKEN = LONGEST + timedelta(hours=12)
# More than any period of availability holds, so that the database answers at once.
_IN_ONE_ANSWER = 100_000
_COVERED = {"_id": 0, "taken_from": 1, "taken_until": 1, "place": 1}
_SHOWN = {"history": 0, "claims": 0}
_STANDING = {"space_id": 1, "starts_at": 1, "ends_at": 1, "status": 1, "left_open": 1}
_AT_ONCE = 500
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class SpaceTaken(Exception):
    """The unique index refused the claims: another booking has the space then."""


class BookingStore(Aggregates[Booking]):
    """Bookings."""

    def __init__(self, database: Database) -> None:
        super().__init__(database.collection("bookings"), BOOKINGS)
        self._bookings = self.collection
        # Thousands of instants for one answer: the driver's own UTC is slow to make and to compare.
        options: CodecOptions[Document] = CodecOptions(tz_aware=False)
        self._lean = self._bookings.with_options(options)
        self._closures = database.collection("closures")

    def ensure_indexes(self) -> None:
        ensure_claims_index(self._bookings, within="centre_id")
        # Holds all that availability asks for, so that no document is read for it. Sparse, because
        # what takes no time has none of these.
        self._bookings.create_index(
            [
                ("leaves", ASCENDING),
                ("taken_from", ASCENDING),
                ("taken_until", ASCENDING),
                ("place", ASCENDING),
            ],
            name=TAKEN_INDEX,
            sparse=True,
        )
        for owner in ("organisation_id", "centre_id", "space_id"):
            self._bookings.create_index(
                [(owner, ASCENDING), ("starts_at", ASCENDING), ("_id", ASCENDING)]
            )
        # For a manager's list of everything; what closures take has no start, and is not in it.
        self._bookings.create_index(
            [("starts_at", ASCENDING), ("_id", ASCENDING)],
            partialFilterExpression={"starts_at": {"$exists": True}},
        )

    def add(self, session: Session, booking: Booking) -> None:
        """Raises:
        SpaceTaken: if another booking has claimed any of its slots.
        """
        with space_taken():
            super().add(session, booking)

    def save(self, session: Session, booking: Booking, expected_version: int) -> None:
        """Put the changed booking in place of the version it was made from, claims and all.

        The time that it gives up within a closure goes to the closure, for every kind of change.

        Raises:
            errors.Stale: if the stored version is another one.
            SpaceTaken: as :meth:`add`.
        """
        held = self._held(session, booking.id) if booking.affected_by else set()
        with space_taken():
            super().save(session, booking, expected_version)
        if booking.affected_by:
            released = held.difference(booking.claim.slots if booking.claim else ())
            closures = [each.closure_id for each in booking.affected_by]
            blocks.pass_on_slots(self._bookings, session, closures, released)
            # What became of its bookings is part of what a closure is.
            self._closures.update_many(
                {"_id": {"$in": closures}}, {"$inc": {"version": 1}}, session=session
            )

    def save_grace(self, session: Session, booking: Booking) -> None:
        """Keep until when a booking's people are waited for: no new version, since people do not
        see it; but a change of it at the same moment has to give way.

        Raises:
            errors.Stale: if the stored version is another one.
        """
        result = self._bookings.update_one(
            {"_id": booking.id, "version": booking.version},
            {"$set": {"grace_until": booking.grace_until}},
            session=session,
        )
        if result.matched_count != 1:
            raise errors.Stale()

    def _held(self, session: Session, booking_id: str) -> set[str]:
        found = self._bookings.find_one({"_id": booking_id}, {"claims": 1}, session=session)
        return set((found or {}).get("claims", ()))

    def of_ids(self, booking_ids: Sequence[str], session: Session) -> list[Booking]:
        """These bookings with all that they take, by start."""
        found = self._bookings.find({"_id": {"$in": list(booking_ids)}}, session=session)
        found.sort([("starts_at", ASCENDING), ("_id", ASCENDING)])
        return [booking_of(document) for document in found]

    def get_for_view(self, booking_id: str) -> Booking:
        """The booking as people are shown it: without its history and claims, which may be long.

        Raises:
            errors.NotFound: if there is none.
        """
        booking = self.first({"_id": booking_id}, fields=_SHOWN)
        if booking is None:
            raise errors.NotFound()
        return booking

    def find(
        self,
        *,
        visible: Document | None,
        filters: Document,
        after: tuple[datetime, str] | None,
        limit: int,
    ) -> list[Booking]:
        """Bookings by start, then id.

        Args:
            visible: what the caller may see (``authorisation.visible_to``); ``None`` for all.
            filters: fields that must be equal, ``ends_after`` / ``starts_before``, and
                ``statuses``, where one of them is enough.
            after: position of the last one seen.
        """
        # The blocks of closures are in this collection too, but have no start.
        clauses: list[Document | None] = [{"starts_at": {"$gt": _LONG_AGO}}, visible]
        filters = dict(filters)
        ends_after = filters.pop("ends_after", None)
        starts_before = filters.pop("starts_before", None)
        statuses = filters.pop("statuses", None)
        clauses.append(equal_to(filters))
        if statuses is not None:
            clauses.append({"status": {"$in": statuses}})
        if ends_after is not None:
            # The second bound says nothing new, but lets the index skip all that is long over.
            clauses += [
                {"ends_at": {"$gt": ends_after}},
                {"starts_at": {"$gt": ends_after - LONGEST}},
            ]
        if starts_before is not None:
            clauses.append({"starts_at": {"$lt": starts_before}})
        return self.page(
            *clauses, order=("starts_at", "_id"), after=after, limit=limit, fields=_SHOWN
        )

    def to_come(self, space_id: str, now: datetime, session: Session) -> list[Booking]:
        """The bookings of a space that hold time now or later, by start."""
        found = self._bookings.find(
            {
                "space_id": space_id,
                "starts_at": {"$gt": now - LONGEST},
                "ends_at": {"$gt": now},
                "status": {"$in": sorted(HOLDS_ITS_TIME)},
            },
            {"history": 0, "claims": 0},
            session=session,
        ).sort([("starts_at", ASCENDING), ("_id", ASCENDING)])
        return [booking_of(document) for document in found]

    def standing_to_come(
        self,
        centre_id: str,
        space_id: str | None,
        now: datetime,
        after: tuple[datetime, str] | None = None,
    ) -> Iterator[Standing]:
        """The bookings at a centre that may still be moved and end after now, by start, then id.

        They are read in small batches, so that other calls go on between two of them.

        Args:
            space_id: of this space alone; ``None`` for all.
            after: the position of the last one seen.
        """
        clauses: list[Document] = [
            {
                "centre_id": centre_id,
                "starts_at": {"$gt": now - LONGEST},
                "ends_at": {"$gt": now},
                "status": {"$in": sorted(MAY_MOVE)},
            }
        ]
        if space_id is not None:
            clauses.append({"space_id": space_id})
        order = ("starts_at", "_id")
        if after is not None:
            clauses += beyond(order, after, descending=False)
        found = self._bookings.find({"$and": clauses}, _STANDING, batch_size=_AT_ONCE)
        for document in found.sort([(field, ASCENDING) for field in order]):
            yield standing_of(document)

    def get_all_for_view(self, ids: Sequence[str]) -> dict[str, Booking]:
        """These bookings by id, as :meth:`get_for_view`."""
        found = self._bookings.find({"_id": {"$in": list(ids)}}, _SHOWN)
        return {document["_id"]: booking_of(document) for document in found}

    def counted(self, session: Session) -> Iterator[tuple[str, Period, str]]:
        """Every booking that counts in a budget: organisation, booked time, zone."""
        found = self._bookings.find(
            {"charge": {"$ne": None}},
            {"organisation_id": 1, "starts_at": 1, "ends_at": 1, "time_zone": 1},
            session=session,
        )
        for document in found:
            period = Period(document["starts_at"], document["ends_at"])
            yield document["organisation_id"], period, document["time_zone"]

    def taken(
        self, leaves: Sequence[str], within: Period, session: Session | None = None
    ) -> dict[str, list[Period]]:
        """What is taken of these leaf spaces in a period, buffers and closures included, by leaf
        and in no order: one query for any number. Where nothing is taken nothing is said.
        """
        query: Document = {
            "leaves": {"$in": list(leaves)},
            "taken_from": {"$lt": within.ends_at, "$gt": within.starts_at - LONGEST_TAKEN},
            "taken_until": {"$gt": within.starts_at},
        }
        found = self._lean.find(query, _COVERED, batch_size=_IN_ONE_ANSWER, session=session).hint(
            TAKEN_INDEX
        )
        instants = _Instants()
        by_place: defaultdict[str, list[Period]] = defaultdict(list)
        for document in found:
            by_place[document["place"]].append(
                Period(instants[document["taken_from"]], instants[document["taken_until"]])
            )
        taken: defaultdict[str, list[Period]] = defaultdict(list)
        for place, periods in by_place.items():
            for leaf in place.split("|"):
                taken[leaf] += periods
        return dict(taken)


class _Instants(dict[datetime, datetime]):
    """Instants as the driver reads them without a zone → the same in UTC, each made once."""

    def __missing__(self, naive: datetime) -> datetime:
        instant = self[naive] = naive.replace(tzinfo=UTC)
        return instant


@contextmanager
def space_taken() -> Iterator[None]:
    """Turn the refusal of a claim into the error that operations know.

    Raises:
        SpaceTaken: if the claim was on a space.
        RetryTransaction: if it was on a unit of equipment.
    """
    try:
        with claims_refused():
            yield
    except ClaimRefused as refused:
        if any(_UNIT in claim for claim in refused.claims):
            # Another unit may be free: what is committed by now is known in the next attempt.
            raise RetryTransaction("a unit of equipment was taken meanwhile") from refused
        raise SpaceTaken from refused
