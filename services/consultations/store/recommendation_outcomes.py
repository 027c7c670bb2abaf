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

    def put(self, session: Session, recommendation_id: str, sign: Sign) -> Outcome:
        """Note what an event says of a recommendation, unless something newer is known of its
        source; gives what has come of the recommendation in all."""
        document = {
            "_id": f"{recommendation_id}/{sign.source_id}",
            "recommendation_id": recommendation_id,
            "came": sign.came.value,
            "version": sign.version,
        }
        put_newest(session, self.collection, [document])
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
