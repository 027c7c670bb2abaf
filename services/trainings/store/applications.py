"""Applications as documents."""

from __future__ import annotations

from collections.abc import Collection

from pymongo import ASCENDING, DESCENDING

from services.common.storage.aggregates import Aggregates, equal_to
from services.common.storage.mapping import mapping_of
from services.common.storage.mongo import Database, Document, Session, unavailable_when_away
from services.trainings.domain.application_states import ApplicationStatus
from services.trainings.domain.applications import Application

#: Whether it counts as the application of its person; see :meth:`ensure_indexes`.
_COUNTS = "counts"


def _extra(application: Application) -> Document:
    return {_COUNTS: application.merged_into is None}


APPLICATION = mapping_of(Application, extra=_extra)


class ApplicationStore(Aggregates[Application]):
    """Applications."""

    def __init__(self, database: Database) -> None:
        super().__init__(database.collection("applications"), APPLICATION)

    def ensure_indexes(self) -> None:
        # One person has one application for a cohort, but for those that a merge has made spare.
        self.collection.create_index(
            [("cohort_id", ASCENDING), ("participant_id", ASCENDING)],
            unique=True,
            partialFilterExpression={_COUNTS: True},
        )
        for owner in ("cohort_id", "cohort_centre_id", "participant_id", "organisation_id"):
            self.collection.create_index([(owner, ASCENDING), ("_id", ASCENDING)])

    def find(
        self,
        *,
        visible: Document | None = None,
        cohort_id: str | None = None,
        organisation_id: str | None = None,
        statuses: Collection[str] = (),
        after: str | None = None,
        limit: int,
    ) -> list[Application]:
        """Applications by id, after the one named.

        Args:
            visible: the query for what the caller may see.
            statuses: any of these; none given: all.
        """
        return self.page(
            visible,
            equal_to({"cohort_id": cohort_id, "organisation_id": organisation_id}),
            {"status": {"$in": sorted(statuses)}} if statuses else None,
            after=after,
            limit=limit,
        )

    def to_review(
        self,
        cohort_id: str,
        *,
        statuses: Collection[str],
        not_of_people: Collection[str],
        not_of_organisations: Collection[str],
        reviewed: Collection[str],
        wanted_reviewed: bool,
        after: str | None,
        limit: int,
    ) -> list[Application]:
        """Applications that a reviewer is shown, by id, after the one named.

        Args:
            not_of_people: whose applications, or nominations, are left out.
            not_of_organisations: applications of these are left out.
            reviewed: ids of those that the reviewer has reviewed.
            wanted_reviewed: whether those are wanted, or the others.
        """
        people = sorted(set(not_of_people))
        return self.page(
            {"cohort_id": cohort_id, _COUNTS: True, "status": {"$in": sorted(statuses)}},
            {"participant_id": {"$nin": people}, "nominated_by": {"$nin": people}},
            {"organisation_id": {"$nin": sorted(not_of_organisations)}},
            {"_id": {"$in" if wanted_reviewed else "$nin": sorted(reviewed)}},
            after=after,
            limit=limit,
        )

    def named(self, ids: Collection[str], session: Session | None = None) -> dict[str, Application]:
        """Those of these ids that exist."""
        if not ids:
            return {}
        found = self.page({"_id": {"$in": sorted(ids)}}, session=session)
        return {each.id: each for each in found}

    def of_person(
        self, cohort_id: str, participant_id: str, session: Session | None = None
    ) -> Application | None:
        """The application of a person for a cohort."""
        return self.first(
            {"cohort_id": cohort_id, "participant_id": participant_id, _COUNTS: True}, session
        )

    def of_people(
        self, cohort_id: str, participant_ids: Collection[str], session: Session
    ) -> dict[str, Application]:
        """The applications of these people for a cohort, by the person."""
        wanted = {"participant_id": {"$in": sorted(set(participant_ids))}, _COUNTS: True}
        found = self.page({"cohort_id": cohort_id, **wanted}, session=session)
        return {each.participant_id: each for each in found}

    def has_any_of(self, cohort_id: str, session: Session) -> bool:
        """Whether anybody has applied for a cohort."""
        return self.first({"cohort_id": cohort_id}, session) is not None

    def count_of_cohort(self, cohort_id: str, session: Session, *, most: int) -> int:
        """How many applications a cohort has; counted up to ``most``."""
        return self.collection.count_documents(
            {"cohort_id": cohort_id}, limit=most, session=session
        )

    def last_cohorts(self, whose: Document, *, most: int) -> list[str]:
        """The cohorts of these applications in which the first of them came last; at most so many.

        Args:
            whose: the query for the applications.
        """
        with unavailable_when_away():
            groups = self.collection.aggregate(
                [
                    {"$match": whose},
                    {"$group": {"_id": "$cohort_id", "first": {"$min": "$applied_at"}}},
                    {"$sort": {"first": DESCENDING, "_id": DESCENDING}},
                    {"$limit": most},
                ]
            )
            return [each["_id"] for each in groups]

    def in_cohorts(self, whose: Document, cohort_ids: Collection[str]) -> list[Application]:
        """Those of these applications that are for these cohorts, by id."""
        return self.page(whose, {"cohort_id": {"$in": sorted(cohort_ids)}})

    def of_participant(
        self, participant_id: str, session: Session | None = None
    ) -> list[Application]:
        """All applications of a person, by id."""
        return self.page({"participant_id": participant_id}, session=session)

    def of_cohort(
        self,
        cohort_id: str,
        statuses: Collection[ApplicationStatus] = (),
        session: Session | None = None,
    ) -> list[Application]:
        """The applications for a cohort, by id.

        Args:
            statuses: any of these; none given: all.
        """
        wanted: Document = {"cohort_id": cohort_id}
        if statuses:
            wanted["status"] = {"$in": sorted(statuses)}
        return self.page(wanted, session=session)
