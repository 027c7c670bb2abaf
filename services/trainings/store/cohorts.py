"""Cohorts as documents, with their sessions and their roster."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from pymongo import ASCENDING, ReturnDocument

from services.common.errors import NotFound
from services.common.storage.aggregates import Aggregates, equal_to
from services.common.storage.mapping import mapping_of
from services.common.storage.mongo import Database, Document, Session
from services.common.storage.searching import FIELD, matching, search_key
from services.trainings.domain.cohort_states import CohortStatus
from services.trainings.domain.cohorts import Cohort
from services.trainings.domain.roster import Role, Standing

#: Counts the transactions that have locked a cohort; see :meth:`CohortStore.lock`.
_TURNS = "turns"


def turn_of_cohort(cohort_id: str) -> str:
    """The turn of the transactions that change a cohort or its roster."""
    return f"cohort/{cohort_id}"


def _extra(cohort: Cohort) -> Document:
    return {"starts_at": cohort.starts_at, **search_key(cohort.title.values())}


COHORT = mapping_of(Cohort, extra=_extra)


class CohortStore(Aggregates[Cohort]):
    """Cohorts."""

    def __init__(self, database: Database) -> None:
        super().__init__(database.collection("cohorts"), COHORT)

    def ensure_indexes(self) -> None:
        for owner in ("centre_id", "course_id", "topic_id", "status"):
            self.collection.create_index([(owner, ASCENDING), ("_id", ASCENDING)])
        self.collection.create_index([(FIELD, ASCENDING)])
        self.collection.create_index([("sessions.starts_at", ASCENDING)])
        self.collection.create_index([("roster.entries.person_id", ASCENDING)])
        self.collection.create_index([("roster.departures.person_id", ASCENDING)])

    def find(
        self,
        *,
        visible: Document | None,
        centre_id: str | None = None,
        topic_id: str | None = None,
        course_id: str | None = None,
        status: str | None = None,
        search: str | None = None,
        after: str | None = None,
        limit: int,
    ) -> list[Cohort]:
        """Cohorts by id, after the one named.

        Args:
            visible: the query for what the caller may see.
        """
        return self.page(
            visible,
            equal_to(
                {
                    "centre_id": centre_id,
                    "topic_id": topic_id,
                    "course_id": course_id,
                    "status": status,
                }
            ),
            matching(search),
            after=after,
            limit=limit,
        )

    def of_person(self, person_id: str, session: Session) -> list[Cohort]:
        """Cohorts whose roster names a person, as one who is in it or has left it."""
        named = [{f"roster.{part}.person_id": person_id} for part in ("entries", "departures")]
        return self.page({"$or": named}, session=session)

    def with_seat_of(self, people: Collection[str], since: datetime, *, limit: int) -> list[Cohort]:
        """Cohorts that take place, with a session that ends after an instant, in which one of these
        people has a seat; by id. One who is offered a seat has none yet."""
        seat = {
            "person_id": {"$in": sorted(people)},
            "standing": Standing.ENROLLED.value,
            "role": Role.PARTICIPANT.value,
        }
        return self.page(
            {"roster.entries": {"$elemMatch": seat}},
            {"sessions.ends_at": {"$gt": since}},
            {"status": {"$ne": CohortStatus.CANCELLED.value}},
            limit=limit,
        )

    def lock(self, session: Session, cohort_id: str) -> Cohort:
        """Read a cohort that the transaction is going to change, as its first step.

        Of several transactions that want one cohort, one goes on. The others end at this write,
        before they have done any work, and begin again.

        Raises:
            errors.NotFound: if there is none.
        """
        found = self.collection.find_one_and_update(
            {"_id": cohort_id},
            {"$inc": {_TURNS: 1}},
            session=session,
            return_document=ReturnDocument.AFTER,
        )
        if found is None:
            raise NotFound()
        return self.aggregate_of(found)

    def named(self, ids: Collection[str], session: Session | None = None) -> dict[str, Cohort]:
        """Those of these ids that exist."""
        if not ids:
            return {}
        found = self.page({"_id": {"$in": sorted(ids)}}, session=session)
        return {each.id: each for each in found}

    def with_sessions(
        self,
        after: datetime,
        before: datetime,
        centre_id: str | None = None,
        session: Session | None = None,
    ) -> list[Cohort]:
        """Cohorts with a session that begins between these instants; those that were never
        announced are left out."""
        times = {"sessions": {"$elemMatch": {"starts_at": {"$gt": after, "$lt": before}}}}
        return self.page(times, announced(), equal_to({"centre_id": centre_id}), session=session)

    def save_roster(self, session: Session, cohort: Cohort) -> None:
        """Store the roster of a cohort, which was read in the same transaction.

        The transaction that is second of two is done again: it has written a document that has
        changed since its snapshot.
        """
        document = COHORT.document_of(cohort)
        self.collection.update_one(
            {"_id": cohort.id},
            {
                "$set": {
                    "roster": document["roster"],
                    "roster_version": document["roster_version"],
                }
            },
            session=session,
        )


def announced() -> Document:
    """The query for what everybody sees."""
    return {"roster": {"$ne": None}}
