"""Recommendations as documents."""

from __future__ import annotations

from collections.abc import Collection

from pymongo import ASCENDING, DESCENDING

from services.common.storage.aggregates import Aggregates, equal_to
from services.common.storage.mongo import Database, Document, Session
from services.consultations.domain.recommendation_states import RecommendationStatus
from services.consultations.domain.recommendations import Recommendation, Target


class RecommendationStore(Aggregates[Recommendation]):
    """Recommendations."""

    def __init__(self, database: Database) -> None:
        super().__init__(database.collection("recommendations"), Recommendation)

    def ensure_indexes(self) -> None:
        self.collection.create_index(
            [("organisation_id", ASCENDING), ("status", ASCENDING), ("_id", ASCENDING)]
        )
        self.collection.create_index([("status", ASCENDING), ("_id", DESCENDING)])

    def find(
        self,
        *,
        visible: Document | None,
        organisation_id: str | None = None,
        status: str | None = None,
        origin_id: str | None = None,
        help: str | None = None,
        after: str | None = None,
        limit: int,
    ) -> list[Recommendation]:
        """Recommendations, the newest first and of one origin the lowest rank first, after the one
        named.

        Args:
            visible: the query for what the caller may see.
        """
        wanted = {
            "organisation_id": organisation_id,
            "status": status,
            "origin_id": origin_id,
            "target.help": help,
        }
        return self.page(visible, equal_to(wanted), descending=True, after=after, limit=limit)

    def of_organisation(
        self, organisation_id: str, statuses: Collection[RecommendationStatus], session: Session
    ) -> list[Recommendation]:
        """The recommendations of an organisation that are in one of these states. There are few:
        those of an earlier origin are superseded."""
        return self.page(
            {
                "organisation_id": organisation_id,
                "status": {"$in": sorted(each.value for each in statuses)},
            },
            session=session,
        )

    def newest_of(
        self,
        organisation_ids: Collection[str],
        statuses: Collection[RecommendationStatus],
        session: Session,
    ) -> dict[tuple[str, Target], Recommendation]:
        """The newest recommendation of each target to each of these organisations, of those in one
        of these states."""
        if not organisation_ids:
            return {}
        found = self.page(
            {
                "organisation_id": {"$in": sorted(organisation_ids)},
                "status": {"$in": sorted(each.value for each in statuses)},
            },
            session=session,
        )
        return {(each.organisation_id, each.target): each for each in found}
