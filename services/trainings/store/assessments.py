"""What consultations has published of assessments: a projection that the subscriber writes."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from pymongo import ASCENDING

from services.common.storage.aggregates import Aggregates
from services.common.storage.mongo import Database, Session
from services.common.storage.projections import put_newest
from services.trainings.domain.gaps import COUNTS, Assessment


class AssessmentStore(Aggregates[Assessment]):
    """Assessments of organisations."""

    def __init__(self, database: Database) -> None:
        super().__init__(database.collection("assessments"), Assessment)

    def ensure_indexes(self) -> None:
        self.collection.create_index([("organisation_id", ASCENDING), ("held_on", ASCENDING)])

    def put(self, session: Session, facts: Iterable[Assessment]) -> None:
        """Take facts in; one that is not newer than what is known changes nothing."""
        put_newest(session, self.collection, [self.document_of(each) for each in facts])

    def counting(
        self, organisation_ids: Collection[str], session: Session | None = None
    ) -> list[Assessment]:
        """The assessments of these organisations that count."""
        if not organisation_ids:
            return []
        return self.page(
            {"organisation_id": {"$in": sorted(organisation_ids)}},
            {"status": {"$in": sorted(COUNTS)}},
            session=session,
        )
