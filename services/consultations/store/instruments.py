"""Instruments as documents."""

from __future__ import annotations

from collections.abc import Iterable

from pymongo import ASCENDING, DESCENDING
from pymongo.errors import DuplicateKeyError

from services.common.contracts.consultations.instruments_limits import MOST_EDITIONS
from services.common.storage.aggregates import Aggregates, equal_to
from services.common.storage.mongo import Database, Document, RetryTransaction, Session
from services.consultations.domain.instruments import Instrument

#: What a list shows none of.
_CONTENTS = ("purpose", "sources", "bands", "domains", "links")


class InstrumentStore(Aggregates[Instrument]):
    """Editions of instruments."""

    def __init__(self, database: Database) -> None:
        super().__init__(database.collection("instruments"), Instrument)

    def ensure_indexes(self) -> None:
        self.collection.create_index(
            [("family", ASCENDING), ("edition", DESCENDING)], unique=True, name="edition"
        )

    def add(self, session: Session, aggregate: Instrument) -> None:
        """Store a new edition.

        Raises:
            RetryTransaction: if the family has one of this number since.
        """
        try:
            super().add(session, aggregate)
        except DuplicateKeyError as error:
            raise RetryTransaction("the edition is taken") from error

    def newest_of(self, family: str, session: Session) -> Instrument | None:
        """The newest edition of a family."""
        found = self.page(
            {"family": family}, order=("edition",), descending=True, limit=1, session=session
        )
        return found[0] if found else None

    def find(
        self,
        *,
        visible: Document | None,
        family: str | None = None,
        status: str | None = None,
        after: str | None = None,
        limit: int,
    ) -> list[Document]:
        """What a list shows of editions, by id, after the one named.

        Args:
            visible: the query for what the caller may know of.
        """
        clauses = [visible, equal_to({"family": family, "status": status})]
        if after is not None:
            clauses.append({"_id": {"$gt": after}})
        named = [each for each in clauses if each]
        found = self.collection.find({"$and": named} if named else {}, dict.fromkeys(_CONTENTS, 0))
        return list(found.sort("_id", ASCENDING).limit(limit))

    def editions_between(
        self, earlier_id: str, later_id: str, session: Session | None = None
    ) -> list[Instrument] | None:
        """The editions from one to a later one that descends from it; ``None`` if it does not."""
        found: list[Instrument] = []
        wanted: str | None = later_id
        while wanted is not None and len(found) < MOST_EDITIONS:
            edition = self.get(wanted, session)
            found.append(edition)
            if edition.id == earlier_id:
                return found[::-1]
            wanted = edition.earlier_id
        return None

    def seed(self, instruments: Iterable[Instrument]) -> None:
        """Add what is not there yet; what is there is left as people have since made it."""
        for each in instruments:
            self.collection.update_one(
                {"_id": each.id}, {"$setOnInsert": self.document_of(each)}, upsert=True
            )
