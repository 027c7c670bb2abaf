"""What needs studies found, as documents."""

from __future__ import annotations

from services.common.storage.aggregates import Aggregates
from services.common.storage.mongo import Database, Session
from services.common.storage.projections import put_newest
from services.consultations.domain.needs_found import NeedsFound


class NeedsFoundStore(Aggregates[NeedsFound]):
    """A projection of closed campaigns. There are few."""

    def __init__(self, database: Database) -> None:
        super().__init__(database.collection("needs_found"), NeedsFound)

    def put(self, session: Session, found: NeedsFound) -> None:
        """Keep what a campaign found, unless something as new is known of it."""
        put_newest(session, self.collection, [self.document_of(found)])

    def newest(self, session: Session) -> NeedsFound | None:
        """What the campaign that was closed last has found, of those that found something."""
        found = self.page(
            {"needs": {"$ne": []}},
            order=("closed_at", "_id"),
            descending=True,
            limit=1,
            session=session,
        )
        return found[0] if found else None
