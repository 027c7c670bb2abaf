"""Campaigns of needs studies, how many have answered them, and what they have found."""

from __future__ import annotations

from collections.abc import Collection

from pymongo import ASCENDING, ReturnDocument

from services.common.storage.aggregates import Aggregates, equal_to
from services.common.storage.mongo import Database, Document, Session, unavailable_when_away
from services.consultations.domain.campaign_states import KNOWN
from services.consultations.domain.campaigns import Campaign
from services.consultations.domain.needs import CampaignResult


class CampaignStore(Aggregates[Campaign]):
    """Campaigns; beside each the number of its answers, which every answer changes, so that an
    answer and the end of a campaign meet."""

    def __init__(self, database: Database) -> None:
        super().__init__(database.collection("campaigns"), Campaign)
        self._counts = database.collection("campaign_counts")

    def ensure_indexes(self) -> None:
        self.collection.create_index([("centre_ids", ASCENDING), ("_id", ASCENDING)])
        self.collection.create_index([("study_id", ASCENDING), ("_id", ASCENDING)])

    def find(
        self,
        *,
        known_only: bool,
        study_id: str | None = None,
        centre_id: str | None = None,
        status: str | None = None,
        after: str | None = None,
        limit: int,
    ) -> list[Campaign]:
        """Campaigns by id, after the one named.

        Args:
            known_only: whether to leave out those that only staff know of.
        """
        known: Document | None = None
        if known_only:
            known = {"status": {"$in": sorted(each.value for each in KNOWN)}}
        filters = {"study_id": study_id, "centre_ids": centre_id, "status": status}
        return self.page(known, equal_to(filters), after=after, limit=limit)

    def count_answer(self, session: Session, campaign_id: str) -> int:
        """Count one answer more; how many there are with it."""
        return self._counted(session, campaign_id, 1)

    def end_count(self, session: Session, campaign_id: str) -> int:
        """How many answers there are, for a transaction that lets no other come in beside it."""
        return self._counted(session, campaign_id, 0)

    def _counted(self, session: Session, campaign_id: str, more: int) -> int:
        found = self._counts.find_one_and_update(
            {"_id": campaign_id},
            {"$inc": {"answers": more, "touched": 1}},
            upsert=True,
            return_document=ReturnDocument.AFTER,
            session=session,
        )
        number: int = found["answers"]
        return number

    def answers_to(self, campaign_ids: Collection[str]) -> dict[str, int]:
        """How many have answered each of these."""
        with unavailable_when_away():
            found = self._counts.find({"_id": {"$in": sorted(campaign_ids)}})
            counted = {each["_id"]: each["answers"] for each in found}
        return {each: counted.get(each, 0) for each in campaign_ids}


class CampaignResultStore(Aggregates[CampaignResult]):
    """What campaigns have found."""

    def __init__(self, database: Database) -> None:
        super().__init__(database.collection("campaign_results"), CampaignResult)
