"""Offers as documents."""

from __future__ import annotations

from datetime import datetime

from pymongo import ASCENDING

from services.common.storage.aggregates import Aggregates, equal_to
from services.common.storage.mongo import Database, Document, Session
from services.consultations.domain.offers import OPEN_FOR, Offer


class OfferStore(Aggregates[Offer]):
    """Offers; an organisation has one for each cohort."""

    def __init__(self, database: Database) -> None:
        super().__init__(database.collection("offers"), Offer)

    def ensure_indexes(self) -> None:
        self.collection.create_index(
            [("organisation_id", ASCENDING), ("cohort_id", ASCENDING)], unique=True
        )
        self.collection.create_index([("organisation_id", ASCENDING), ("_id", ASCENDING)])
        self.collection.create_index([("centre_id", ASCENDING), ("_id", ASCENDING)])

    def of(self, organisation_id: str, cohort_id: str, session: Session) -> Offer | None:
        """The offer to an organisation after a training, if there was one."""
        return self.first({"organisation_id": organisation_id, "cohort_id": cohort_id}, session)

    def find(
        self,
        *,
        visible: Document | None,
        now: datetime,
        organisation_id: str | None = None,
        after: str | None = None,
        limit: int,
    ) -> list[Offer]:
        """Offers that hold, by id, after the one named.

        Args:
            visible: the query for what the caller may see.
        """
        query = {"offered_at": {"$gt": now - OPEN_FOR}, "case_id": None}
        wanted = equal_to({"organisation_id": organisation_id})
        return self.page(visible, query, wanted, after=after, limit=limit)
