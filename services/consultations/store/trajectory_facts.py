"""The facts of trajectories as documents: a projection of the events of all branches."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable

import orjson
from pymongo import ASCENDING, ReplaceOne

from services.common.contracts.consultations.assessments_limits import MOST_ASSESSMENTS
from services.common.storage.aggregates import Aggregates
from services.common.storage.mongo import Database, Document, Session, unavailable_when_away
from services.consultations.domain.trajectory import Level, Month
from services.consultations.domain.trajectory_facts import Fact, FactKind

COLLECTION = "trajectory_facts"
ASIDE = "trajectory_facts_rebuilt"
"""Where they are rebuilt, beside those that are read."""
_READ_AT_ONCE = 1_000


class TrajectoryFactStore(Aggregates[Fact]):
    """Facts by kind and id of their aggregate.

    Args:
        name: of the collection; another one while they are rebuilt.
    """

    def __init__(self, database: Database, name: str = COLLECTION) -> None:
        super().__init__(database.collection(name), Fact)

    def ensure_indexes(self) -> None:
        self.collection.create_index([("organisation_ids", ASCENDING), ("of", ASCENDING)])

    def named(self, ids: Collection[str], session: Session | None = None) -> dict[str, Fact]:
        """Those of these ids that are known."""
        found = self.page({"_id": {"$in": sorted(ids)}}, session=session)
        return {each.id: each for each in found}

    def put(self, facts: Iterable[Fact], session: Session | None = None) -> None:
        """Store facts in place of those of the same ids, in one round trip."""
        writes = [
            ReplaceOne({"_id": each.id}, self.document_of(each), upsert=True) for each in facts
        ]
        if writes:
            self.collection.bulk_write(writes, ordered=False, session=session)

    def count_by_month(self, organisation_id: str) -> dict[tuple[FactKind, Month], int]:
        """How many facts of each kind an organisation has in each month."""
        with unavailable_when_away():
            found = self.collection.aggregate(
                [
                    {"$match": {"organisation_ids": organisation_id}},
                    {"$unwind": "$months"},
                    {"$group": {"_id": {"of": "$of", "month": "$months"}, "count": {"$sum": 1}}},
                ]
            )
            return {
                (FactKind(row["_id"]["of"]), Month.of_text(row["_id"]["month"])): row["count"]
                for row in found
            }

    def levels_of(self, organisation_id: str) -> list[Level]:
        """What the assessments of an organisation came to, the newest first."""
        found = self.page(
            {"organisation_ids": organisation_id, "of": FactKind.ASSESSMENT.value},
            order=("at", "_id"),
            descending=True,
            limit=MOST_ASSESSMENTS,
        )
        return [
            Level(
                assessment_id=each.id.partition("/")[2],
                instrument_id=each.level.instrument_id,
                held_on=each.at.date(),
                mean=each.level.mean,
            )
            for each in found
            if each.level is not None and each.at is not None
        ]

    def summarise(self) -> tuple[int, str]:
        """How many facts there are, and a SHA-256 over all of them: equal facts, equal hash."""
        digest = hashlib.sha256()
        number = 0
        with unavailable_when_away():
            found = self.collection.find().sort("_id", ASCENDING)
            for document in found.batch_size(_READ_AT_ONCE):
                digest.update(_canonical(document))
                number += 1
        return number, digest.hexdigest()

    def take_place_of(self, other: TrajectoryFactStore) -> None:
        """Put these facts in place of the other's, at once for all that read."""
        with unavailable_when_away():
            self.collection.rename(other.collection.name, dropTarget=True)

    def drop(self) -> None:
        """Remove the collection."""
        with unavailable_when_away():
            self.collection.drop()


def _canonical(document: Document) -> bytes:
    return orjson.dumps(document, option=orjson.OPT_SORT_KEYS) + b"\n"
