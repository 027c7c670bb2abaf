"""Advisers and their absences as documents."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from pymongo import ASCENDING, ReturnDocument

from services.common.storage.aggregates import Aggregates, equal_to
from services.common.storage.mapping import mapping_of
from services.common.storage.mongo import Database, Document, Session
from services.common.time.period import Period
from services.consultations.domain.absences import Absence, AbsenceStatus
from services.consultations.domain.advisers import Adviser

_ENTERED = {"status": AbsenceStatus.ENTERED.value}


class AdviserStore(Aggregates[Adviser]):
    """Profiles of advisers. There are some dozens."""

    def __init__(self, database: Database) -> None:
        super().__init__(database.collection("advisers"), Adviser)

    def ensure_indexes(self) -> None:
        for owner in ("centre_ids", "specialities"):
            self.collection.create_index([(owner, ASCENDING), ("_id", ASCENDING)])

    def lock(self, adviser_id: str, session: Session) -> Adviser | None:
        """The adviser, whose calendar no other transaction changes before this one ends.

        Claims refuse two meetings at a time. That an absence and a meeting which begin at the same
        moment know of each other takes more: both write this document.
        """
        found = self.collection.find_one_and_update(
            {"_id": adviser_id},
            {"$inc": {"calendar": 1}},
            session=session,
            return_document=ReturnDocument.AFTER,
        )
        return None if found is None else self.aggregate_of(found)

    def find(
        self,
        *,
        centre_id: str | None = None,
        speciality: str | None = None,
        active: bool | None = None,
        after: str | None = None,
        limit: int = 0,
        session: Session | None = None,
    ) -> list[Adviser]:
        """Advisers by id, after the one named."""
        wanted = {"centre_ids": centre_id, "specialities": speciality, "active": active}
        return self.page(equal_to(wanted), after=after, limit=limit, session=session)

    def named(self, ids: Collection[str], session: Session | None = None) -> dict[str, Adviser]:
        """These advisers by id, as far as they have a profile."""
        found = self.page({"_id": {"$in": sorted(ids)}}, session=session)
        return {each.id: each for each in found}

    def seed(self, advisers: Iterable[Adviser]) -> None:
        """Add what is not there yet; what is there is left as people have since made it."""
        for each in advisers:
            self.collection.update_one(
                {"_id": each.id}, {"$setOnInsert": self.document_of(each)}, upsert=True
            )


class AbsenceStore(Aggregates[Absence]):
    """Absences."""

    def __init__(self, database: Database) -> None:
        super().__init__(database.collection("absences"), mapping_of(Absence, flat=("period",)))

    def ensure_indexes(self) -> None:
        self.collection.create_index([("adviser_id", ASCENDING), ("_id", ASCENDING)])
        self.collection.create_index([("adviser_id", ASCENDING), ("ends_at", ASCENDING)])

    def find(
        self,
        *,
        visible: Document | None,
        adviser_id: str | None = None,
        status: str | None = None,
        after: str | None = None,
        limit: int,
    ) -> list[Absence]:
        """Absences by id, after the one named.

        Args:
            visible: the query for what the caller may see.
        """
        wanted = {"adviser_id": adviser_id, "status": status}
        return self.page(visible, equal_to(wanted), after=after, limit=limit)

    def of_adviser(
        self, adviser_id: str, around: Period, session: Session | None = None
    ) -> list[Absence]:
        """The absences of an adviser that hold in a period."""
        query = {
            "adviser_id": adviser_id,
            "ends_at": {"$gt": around.starts_at},
            "starts_at": {"$lt": around.ends_at},
        }
        return self.page(query, _ENTERED, session=session)

    def of_advisers(
        self, adviser_ids: Collection[str], around: Period, session: Session | None = None
    ) -> dict[str, list[Absence]]:
        """Adviser → the absences that hold in a period; none for who has none."""
        query = {
            "adviser_id": {"$in": sorted(adviser_ids)},
            "ends_at": {"$gt": around.starts_at},
            "starts_at": {"$lt": around.ends_at},
        }
        found: dict[str, list[Absence]] = {}
        for each in self.page(query, _ENTERED, session=session):
            found.setdefault(each.adviser_id, []).append(each)
        return found

    def count_to_come(self, adviser_id: str, after: Period, session: Session) -> int:
        """How many absences of an adviser are not over."""
        query = {"adviser_id": adviser_id, "ends_at": {"$gt": after.starts_at}, **_ENTERED}
        return self.collection.count_documents(query, session=session)
