"""What came of recommendations as documents: one for each recommendation and source."""

from __future__ import annotations

from pymongo import ASCENDING

from services.common.storage.mongo import Database, Session
from services.common.storage.projections import put_newest
from services.consultations.domain.recommendation_outcomes import Came, Sign
from services.consultations.domain.recommendations import Outcome


class RecommendationOutcomeStore:
    """A projection of applications of trainings and of cases that are not sealed."""

    def __init__(self, database: Database) -> None:
        self.collection = database.collection("recommendation_outcomes")

    def ensure_indexes(self) -> None:
        self.collection.create_index([("recommendation_id", ASCENDING), ("came", ASCENDING)])
        self.collection.create_index([("source_id", ASCENDING)])

    def put(self, session: Session, recommendation_id: str, sign: Sign) -> Outcome:
        """Note what an event says of a recommendation, unless something newer is known of its
        source; gives what has come of the recommendation in all."""
        document = {
            "_id": f"{recommendation_id}/{sign.source_id}",
            "recommendation_id": recommendation_id,
            "source_id": sign.source_id,
            "came": sign.came.value,
            "version": sign.version,
        }
        gone = {"_id": _gone(sign.source_id), "version": {"$gt": sign.version}}
        if self.collection.find_one(gone, {"_id": 1}, session=session) is None:
            put_newest(session, self.collection, [document])
        return self._outcome_of(session, recommendation_id)

    def forget(self, session: Session, source_id: str, version: int) -> dict[str, Outcome]:
        """Forget what has become of a source, as of this version of it; gives what has come of the
        recommendations that it counted for, by id."""
        put_newest(session, self.collection, [{"_id": _gone(source_id), "version": version}])
        older = {"source_id": source_id, "version": {"$lt": version}}
        ids = [
            each["recommendation_id"]
            for each in self.collection.find(older, {"recommendation_id": 1}, session=session)
        ]
        nothing = {"$set": {"came": Came.NOTHING.value, "version": version}}
        self.collection.update_many(older, nothing, session=session)
        return {each: self._outcome_of(session, each) for each in ids}

    def _outcome_of(self, session: Session, recommendation_id: str) -> Outcome:
        rows = self.collection.aggregate(
            [
                {"$match": {"recommendation_id": recommendation_id}},
                {"$group": {"_id": "$came", "count": {"$sum": 1}}},
            ],
            session=session,
        )
        counts = {row["_id"]: row["count"] for row in rows}
        return Outcome(
            begun=counts.get(Came.BEGUN.value, 0),
            completed=counts.get(Came.COMPLETED.value, 0),
            not_completed=counts.get(Came.NOT_COMPLETED.value, 0),
        )


def _gone(source_id: str) -> str:
    """The id of the note that a source is not to be known, for events that come late."""
    return f"gone/{source_id}"
