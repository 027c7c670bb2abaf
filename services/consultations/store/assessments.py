"""Assessments as documents."""

from __future__ import annotations

from pymongo import ASCENDING, DESCENDING
from pymongo.errors import DuplicateKeyError

from services.common.storage.aggregates import Aggregates, equal_to
from services.common.storage.mongo import Database, Document, RetryTransaction, Session
from services.consultations.domain.assessment_states import COUNTS, AssessmentStatus
from services.consultations.domain.assessments import Assessment


class AssessmentStore(Aggregates[Assessment]):
    """Assessments; with each instrument an organisation has at most one that is a draft."""

    def __init__(self, database: Database) -> None:
        super().__init__(database.collection("assessments"), Assessment)

    def ensure_indexes(self) -> None:
        self.collection.create_index(
            [("organisation_id", ASCENDING), ("family", ASCENDING)],
            unique=True,
            partialFilterExpression={"status": AssessmentStatus.DRAFT.value},
            name="open",
        )
        self.collection.create_index([("organisation_id", ASCENDING), ("_id", DESCENDING)])

    def add(self, session: Session, aggregate: Assessment) -> None:
        """Store a new one.

        Raises:
            RetryTransaction: if the organisation has another draft since.
        """
        try:
            super().add(session, aggregate)
        except DuplicateKeyError as error:
            raise RetryTransaction("there is another draft") from error

    def draft_of(self, organisation_id: str, family: str, session: Session) -> Assessment | None:
        """The draft of an organisation with an instrument, if there is one."""
        status = AssessmentStatus.DRAFT.value
        return self.first(
            {"organisation_id": organisation_id, "family": family, "status": status}, session
        )

    def newest_that_counts(
        self, organisation_id: str, session: Session | None = None
    ) -> Assessment | None:
        """The assessment of an organisation that was held last, of those that are agreed."""
        counts = {"$in": sorted(each.value for each in COUNTS)}
        found = self.page(
            {"organisation_id": organisation_id, "status": counts},
            order=("held_on", "_id"),
            descending=True,
            limit=1,
            session=session,
        )
        return found[0] if found else None

    def of_person(self, person_id: str) -> list[Assessment]:
        """The assessments that a person has begun, agreed or verified, by id."""
        ways = [{field: person_id} for field in ("facilitator_id", "agreed_by", "verified_by")]
        return self.page({"$or": ways})

    def one_before(
        self, assessment: Assessment, session: Session | None = None
    ) -> Assessment | None:
        """The assessment that counts of the same organisation with the same instrument that was
        held last before another one."""
        found = self.page(
            {
                "organisation_id": assessment.organisation_id,
                "family": assessment.family,
                "status": {"$in": sorted(COUNTS)},
                "held_on": {"$lt": assessment.held_on.isoformat()},
            },
            order=("held_on", "_id"),
            descending=True,
            limit=1,
            session=session,
        )
        return found[0] if found else None

    def find(
        self,
        *,
        visible: Document | None,
        organisation_id: str | None = None,
        family: str | None = None,
        status: str | None = None,
        after: str | None = None,
        limit: int,
    ) -> list[Assessment]:
        """Assessments, the one begun last first, after the one named.

        Args:
            visible: the query for what the caller may see.
        """
        wanted = {"organisation_id": organisation_id, "family": family, "status": status}
        return self.page(visible, equal_to(wanted), descending=True, after=after, limit=limit)
