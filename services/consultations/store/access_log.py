"""The log of who has read what of sealed cases, as documents."""

from __future__ import annotations

from collections.abc import Sequence

from pymongo import ASCENDING

from services.common.storage.aggregates import Aggregates
from services.common.storage.mongo import Database, Session, unavailable_when_away
from services.consultations.domain.case_access import AccessEntry


class AccessLog(Aggregates[AccessEntry]):
    """Readings of sealed cases and notes. An entry is added and never changed."""

    def __init__(self, database: Database) -> None:
        super().__init__(database.collection("access_log"), AccessEntry)

    def ensure_indexes(self) -> None:
        self.collection.create_index([("case_id", ASCENDING), ("_id", ASCENDING)])
        self.collection.create_index([("person_id", ASCENDING), ("_id", ASCENDING)])

    def record(self, entries: Sequence[AccessEntry], session: Session | None = None) -> None:
        """Note what is about to be answered.

        Raises:
            errors.Unavailable: if the database is away: then nothing is answered.
        """
        if entries:
            documents = [self.document_of(each) for each in entries]
            if session is not None:
                self.collection.insert_many(documents, session=session)
                return
            with unavailable_when_away():
                self.collection.insert_many(documents)

    def of_case(self, case_id: str, *, after: str | None, limit: int) -> list[AccessEntry]:
        """Who has read a case, the newest first, after the entry named."""
        return self.page({"case_id": case_id}, descending=True, after=after, limit=limit)

    def of_person(self, person_id: str) -> list[AccessEntry]:
        """What a person has read."""
        return self.page({"person_id": person_id})
