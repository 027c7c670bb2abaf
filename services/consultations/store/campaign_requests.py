"""Requests to answer a campaign, as documents."""

from __future__ import annotations

from datetime import datetime

from pymongo import ASCENDING

from services.common.storage.aggregates import Aggregates
from services.common.storage.mongo import Database, Session
from services.consultations.domain.campaign_requests import CampaignRequest


class CampaignRequestStore(Aggregates[CampaignRequest]):
    """Requests; a person has one for each campaign."""

    def __init__(self, database: Database) -> None:
        super().__init__(database.collection("campaign_requests"), CampaignRequest)

    def ensure_indexes(self) -> None:
        self.collection.create_index(
            [("campaign_id", ASCENDING), ("person_id", ASCENDING)], unique=True
        )
        self.collection.create_index([("person_id", ASCENDING)])

    def asked(self, campaign_id: str, session: Session) -> set[str]:
        """The ids of the people who were asked to answer a campaign."""
        found = self.collection.find(
            {"campaign_id": campaign_id}, {"person_id": 1, "_id": 0}, session=session
        )
        return {each["person_id"] for each in found}

    def withdrawn(self, campaign_id: str, session: Session, *, limit: int) -> list[CampaignRequest]:
        """Requests of a campaign that do not hold any more, by id."""
        query = {"campaign_id": campaign_id, "withdrawn": True}
        return self.page(query, limit=limit, session=session)

    def standing(self, campaign_id: str, session: Session, *, limit: int) -> list[CampaignRequest]:
        """Requests of a campaign that hold, by id."""
        # Those of an earlier release do not say.
        query = {"campaign_id": campaign_id, "withdrawn": {"$ne": True}}
        return self.page(query, limit=limit, session=session)

    def to_remind(
        self,
        campaign_id: str,
        closes_at: datetime,
        session: Session,
        *,
        after: str | None,
        limit: int,
    ) -> list[CampaignRequest]:
        """Requests of a campaign whose people were not reminded of this end, by id, after the one
        named."""
        query = {
            "campaign_id": campaign_id,
            "reminded_of": {"$ne": closes_at},
            "withdrawn": {"$ne": True},
        }
        return self.page(query, after=after, limit=limit, session=session)

    def of_person(self, person_id: str) -> list[CampaignRequest]:
        """The requests to a person."""
        return self.page({"person_id": person_id})

    def erase(self, session: Session, person_id: str) -> None:
        """Delete the requests to a person: their links lead nowhere from now on."""
        self.collection.delete_many({"person_id": person_id}, session=session)
