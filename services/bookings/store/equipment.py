"""Equipment as documents, and who has which unit when."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from pymongo import ASCENDING

from services.bookings.domain.equipment import Equipment
from services.bookings.domain.hours import Period
from services.bookings.store.bookings import LONGEST_TAKEN
from services.common import errors
from services.common.storage.mongo import Database, Document, Session


class EquipmentStore:
    """Equipment, and its units among the bookings."""

    def __init__(self, database: Database) -> None:
        self._equipment = database.collection("equipment")
        self._bookings = database.collection("bookings")

    def ensure_indexes(self) -> None:
        self._equipment.create_index([("centre_id", ASCENDING), ("_id", ASCENDING)])
        self._bookings.create_index(
            [("units", ASCENDING), ("taken_from", ASCENDING)],
            name="units",
            partialFilterExpression={"units": {"$exists": True}},
        )

    def get(self, equipment_id: str) -> Equipment:
        """Raises:
        errors.NotFound: if there is none.
        """
        document = self._equipment.find_one({"_id": equipment_id})
        if document is None:
            raise errors.NotFound()
        return _equipment(document)

    def find(
        self, *, centre_id: str | None = None, after: str | None = None, limit: int
    ) -> list[Equipment]:
        """Equipment by id, after the one named."""
        query: Document = {}
        if centre_id is not None:
            query["centre_id"] = centre_id
        if after is not None:
            query["_id"] = {"$gt": after}
        found = self._equipment.find(query).sort("_id", ASCENDING).limit(limit)
        return [_equipment(document) for document in found]

    def named(self, ids: Collection[str], session: Session | None = None) -> dict[str, Equipment]:
        """Those of these ids that there are; no query where none are named."""
        if not ids:
            return {}
        found = self._equipment.find({"_id": {"$in": sorted(ids)}}, session=session)
        return {document["_id"]: _equipment(document) for document in found}

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
            self._equipment.update_one(
                {"_id": each.id}, {"$setOnInsert": _document(each)}, upsert=True
            )


def _equipment(document: Document) -> Equipment:
    return Equipment(
        id=document["_id"],
        centre_id=document["centre_id"],
        name=document["name"],
        quantity=document["quantity"],
        version=document["version"],
    )


def _document(equipment: Equipment) -> Document:
    return {
        "_id": equipment.id,
        "centre_id": equipment.centre_id,
        "name": dict(equipment.name),
        "quantity": equipment.quantity,
        "version": equipment.version,
    }
