"""Reviews of applications as documents."""

from __future__ import annotations

from pymongo import ASCENDING

from services.common.storage.aggregates import Aggregates
from services.common.storage.mongo import Database, Session
from services.trainings.domain.reviews import ApplicationReview, review_id


class ReviewStore(Aggregates[ApplicationReview]):
    """Reviews: one of each application and reviewer."""

    def __init__(self, database: Database) -> None:
        super().__init__(database.collection("reviews"), ApplicationReview)

    def ensure_indexes(self) -> None:
        self.collection.create_index([("application_id", ASCENDING), ("_id", ASCENDING)])
        self.collection.create_index([("cohort_id", ASCENDING), ("reviewer_id", ASCENDING)])
        self.collection.create_index([("reviewer_id", ASCENDING)])

    def of_pair(
        self, application_id: str, reviewer_id: str, session: Session | None = None
    ) -> ApplicationReview | None:
        """A reviewer's review of an application."""
        return self.look_up(review_id(application_id, reviewer_id), session)

    def of_application(
        self, application_id: str, session: Session | None = None
    ) -> list[ApplicationReview]:
        """The reviews of an application."""
        return self.page({"application_id": application_id}, session=session)

    def of_cohort(self, cohort_id: str, reviewer_id: str | None = None) -> list[ApplicationReview]:
        """The reviews of a cohort's applications, of one reviewer or of all."""
        of_one = None if reviewer_id is None else {"reviewer_id": reviewer_id}
        return self.page({"cohort_id": cohort_id}, of_one)

    def any_of_cohort(self, cohort_id: str, session: Session) -> bool:
        """Whether anybody has reviewed an application of the cohort."""
        return self.first({"cohort_id": cohort_id}, session) is not None

    def of_reviewer(self, reviewer_id: str) -> list[ApplicationReview]:
        """All that a person has reviewed."""
        return self.page({"reviewer_id": reviewer_id})

    def erase_remarks(self, session: Session, application_id: str) -> None:
        """Take the words out of the reviews of an application; scores stay."""
        self.collection.update_many(
            {"application_id": application_id}, {"$set": {"remark": None}}, session=session
        )
