"""Marks of attendance and their settlements as documents."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import nullcontext

from pymongo import ASCENDING

from services.common.storage.aggregates import Aggregates, equal_to
from services.common.storage.mapping import mapping_of
from services.common.storage.mongo import (
    Database,
    Document,
    Session,
    insert_all,
    unavailable_when_away,
)
from services.trainings.domain.attendance import Mark
from services.trainings.domain.settlements import StoredSettlement

_MARK = mapping_of(Mark)


class MarkStore:
    """Marks, each under its cohort and the id that a device has made. None is ever changed."""

    def __init__(self, database: Database) -> None:
        self._marks = database.collection("attendance_marks")

    def ensure_indexes(self) -> None:
        place = ("cohort_id", "session_id", "person_id")
        self._marks.create_index([(each, ASCENDING) for each in place])
        self._marks.create_index([("person_id", ASCENDING)])

    def known(self, session: Session, cohort_id: str, ids: Collection[str]) -> dict[str, Mark]:
        """The stored marks of a cohort that have these ids, by id."""
        keys = [_key(cohort_id, each) for each in ids]
        found = self._marks.find({"_id": {"$in": keys}}, session=session)
        return {each["mark_id"]: _mark(each) for each in found}

    def add(self, session: Session, cohort_id: str, marks: Sequence[Mark]) -> None:
        """Store new marks, in one round trip.

        Raises:
            AlreadyThere: if one of them is there; the transaction must begin again.
        """
        insert_all(session, self._marks, [_document(cohort_id, each) for each in marks])

    def of(
        self,
        cohort_id: str,
        *,
        session_id: str | None = None,
        person_id: str | None = None,
        session: Session | None = None,
    ) -> list[Mark]:
        """The marks of a cohort: all, or those of a session, of a person, or of both."""
        query = equal_to({"cohort_id": cohort_id, "session_id": session_id, "person_id": person_id})
        with unavailable_when_away() if session is None else nullcontext():
            return [_mark(each) for each in self._marks.find(query, session=session)]

    def of_person(self, records: Collection[str]) -> list[Document]:
        """All that is held of a person's attendance, and of what the person has marked.

        Args:
            records: ids of all records of the person.
        """
        these = {"$in": sorted(records)}
        query = {"$or": [{"person_id": these}, {"marked_by": these}]}
        with unavailable_when_away():
            return list(self._marks.find(query, {"_id": 0}).sort("received_at", ASCENDING))


class SettlementStore(Aggregates[StoredSettlement]):
    """Settlements: at most one for each person and session, the latest."""

    def __init__(self, database: Database) -> None:
        super().__init__(database.collection("settlements"), StoredSettlement)

    def ensure_indexes(self) -> None:
        self.collection.create_index([("cohort_id", ASCENDING), ("session_id", ASCENDING)])
        self.collection.create_index([("person_id", ASCENDING)])

    def of(
        self,
        cohort_id: str,
        *,
        session_id: str | None = None,
        person_id: str | None = None,
        session: Session | None = None,
    ) -> list[StoredSettlement]:
        """The settlements of a cohort: all, or those of a session, of a person, or of both."""
        query = {"cohort_id": cohort_id, "session_id": session_id, "person_id": person_id}
        return self.page(equal_to(query), session=session)

    def of_person(
        self, records: Collection[str], session: Session | None = None
    ) -> list[StoredSettlement]:
        """The settlements about a person.

        Args:
            records: ids of all records of the person.
        """
        return self.page({"person_id": {"$in": sorted(records)}}, session=session)

    def forget_reasons(self, session: Session, records: Collection[str]) -> list[str]:
        """Erase the reasons, which may speak of the person; returns the ids of the settlements.

        Args:
            records: ids of all records of the person.
        """
        found = [each.id for each in self.of_person(records, session)]
        self.collection.update_many(
            {"_id": {"$in": found}}, {"$set": {"reason": None}}, session=session
        )
        return found


def _key(cohort_id: str, mark_id: str) -> str:
    return f"{cohort_id}|{mark_id}"


def _document(cohort_id: str, mark: Mark) -> Document:
    document = _MARK.document_of(mark)
    return {
        **document,
        "_id": _key(cohort_id, mark.id),
        "mark_id": mark.id,
        "cohort_id": cohort_id,
    }


def _mark(document: Document) -> Mark:
    return _MARK.aggregate_of({**document, "_id": document["mark_id"]})
