"""Equipment as documents, and who has which unit when."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from pymongo import ASCENDING, UpdateOne

from services.bookings.domain.booking import Booking
from services.bookings.domain.claims import Claim
from services.bookings.domain.equipment import Equipment
from services.bookings.store.booking_documents import booking_of
from services.bookings.store.bookings import LONGEST_TAKEN, space_taken
from services.common.storage.aggregates import Aggregates
from services.common.storage.mongo import Database, Document, Session
from services.common.time.period import Period


class EquipmentStore(Aggregates[Equipment]):
    """Equipment, and its units among the bookings."""

    def __init__(self, database: Database) -> None:
        super().__init__(database.collection("equipment"), Equipment)
        self._bookings = database.collection("bookings")

    def ensure_indexes(self) -> None:
        self.collection.create_index([("centre_id", ASCENDING), ("_id", ASCENDING)])
        self._bookings.create_index(
            [("units", ASCENDING), ("taken_from", ASCENDING)],
            name="units",
            partialFilterExpression={"units": {"$exists": True}},
        )

    def lock(self, session: Session, ids: Collection[str]) -> None:
        """Let nobody take units of these kinds away while this transaction lends some.

        Writes to the document of each kind, as every change of it does: one of the two is
        done again, and sees what the other did.
        """
        self.collection.update_many(
            {"_id": {"$in": sorted(ids)}}, {"$inc": {"lent": 1}}, session=session
        )

    def lent(self, session: Session, equipment: Equipment, now: datetime) -> list[Booking]:
        """The bookings that have units of a kind now or later, by start; with their claims."""
        found = self._bookings.find(
            {
                "units": {"$in": list(equipment.units), "$exists": True},
                "taken_from": {"$gt": now - LONGEST_TAKEN},
                "taken_until": {"$gt": now},
            },
            {"history": 0},
            session=session,
        )
        return [booking_of(document) for document in found.sort("starts_at", ASCENDING)]

    def exchange(self, session: Session, claims: Mapping[str, Claim]) -> None:
        """Give bookings other units than they have, all at once: booking → what it takes then.

        Their versions stay, since people do not see it; but a change of such a booking at the
        same moment has to begin again. All bookings release their units before any gets one,
        because the index would refuse it.

        Raises:
            RetryTransaction: if another booking has taken one of the units meanwhile.
        """
        if not claims:
            return
        released = [
            UpdateOne(
                {"_id": key},
                {"$set": {"claims": list(claim.using(()).slots)}, "$unset": {"units": 1}},
            )
            for key, claim in claims.items()
        ]
        take = [
            UpdateOne(
                {"_id": key}, {"$set": {"claims": list(claim.slots), "units": list(claim.units)}}
            )
            for key, claim in claims.items()
        ]
        with space_taken():
            self._bookings.bulk_write([*released, *take], session=session)

    def find(
        self, *, centre_id: str | None = None, after: str | None = None, limit: int
    ) -> list[Equipment]:
        """Equipment that is lent, by id, after the one named."""
        query: Document = {"retired": {"$ne": True}}
        if centre_id is not None:
            query["centre_id"] = centre_id
        return self.page(query, after=after, limit=limit)

    def named(self, ids: Collection[str], session: Session | None = None) -> dict[str, Equipment]:
        """Those of these ids that there are; no query where none are named."""
        if not ids:
            return {}
        found = self.page({"_id": {"$in": sorted(ids)}}, session=session)
        return {each.id: each for each in found}

    def taken(
        self,
        units: Sequence[str],
        within: Period,
        *,
        besides: str | None = None,
        session: Session | None = None,
    ) -> list[tuple[str, Period]]:
        """Which of the units are taken when, buffers included: one query, by an index.

        Args:
            besides: id of a booking that does not count.
        """
        query: Document = {
            "units": {"$in": list(units), "$exists": True},
            "taken_from": {"$lt": within.ends_at, "$gt": within.starts_at - LONGEST_TAKEN},
            "taken_until": {"$gt": within.starts_at},
        }
        if besides is not None:
            query["_id"] = {"$ne": besides}
        wanted = set(units)
        fields = {"units": 1, "taken_from": 1, "taken_until": 1}
        return [
            (unit, Period(document["taken_from"], document["taken_until"]))
            for document in self._bookings.find(query, fields, session=session)
            for unit in document["units"]
            if unit in wanted
        ]

    def seed(self, equipment: Iterable[Equipment]) -> None:
        """Add what is not there yet; what is there is left as people have since made it."""
        for each in equipment:
            self.collection.update_one(
                {"_id": each.id}, {"$setOnInsert": self.document_of(each)}, upsert=True
            )
