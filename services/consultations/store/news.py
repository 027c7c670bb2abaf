"""News of cases as documents: two ids go out of the house, the rest stays here."""

from __future__ import annotations

from datetime import timedelta

from pymongo import ASCENDING

from services.common import errors
from services.common.storage.aggregates import Aggregates
from services.common.storage.mongo import Database, Session
from services.consultations.domain.news import News

NEWS_KEPT = timedelta(days=400)
"""As long as the message in an inbox that leads here."""


class NewsStore(Aggregates[News]):
    """News."""

    def __init__(self, database: Database) -> None:
        super().__init__(database.collection("news"), News)

    def ensure_indexes(self) -> None:
        self.collection.create_index([("recipient_id", ASCENDING), ("_id", ASCENDING)])
        self.collection.create_index("at", expireAfterSeconds=int(NEWS_KEPT.total_seconds()))

    def get_own(self, news_id: str, recipient_id: str) -> News:
        """Raises:
        errors.NotFound: if there is none for this person.
        """
        found = self.first({"_id": news_id, "recipient_id": recipient_id})
        if found is None:
            raise errors.NotFound()
        return found

    def of_recipient(self, person_id: str) -> list[News]:
        """What a person has got messages about."""
        return self.page({"recipient_id": person_id})

    def erase(self, session: Session, person_id: str) -> None:
        """Erase the news for a person."""
        self.collection.delete_many({"recipient_id": person_id}, session=session)
