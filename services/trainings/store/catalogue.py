"""Topics and courses as documents."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from pymongo import ASCENDING

from services.common.storage.aggregates import Aggregates, equal_to
from services.common.storage.mapping import mapping_of
from services.common.storage.mongo import Database, Document, Session
from services.common.storage.searching import FIELD, matching, search_key
from services.trainings.domain.catalogue import Course, Topic


class TopicStore(Aggregates[Topic]):
    """Topics. There are few."""

    def __init__(self, database: Database) -> None:
        super().__init__(database.collection("topics"), Topic)

    def seed(self, topics: Iterable[Topic]) -> None:
        """Add what is not there yet; what is there is left as people have since made it."""
        for each in topics:
            self.collection.update_one(
                {"_id": each.id}, {"$setOnInsert": self.document_of(each)}, upsert=True
            )


class CourseStore(Aggregates[Course]):
    """Courses."""

    def __init__(self, database: Database) -> None:
        super().__init__(database.collection("courses"), mapping_of(Course, extra=_words))

    def ensure_indexes(self) -> None:
        self.collection.create_index([("topic_id", ASCENDING), ("_id", ASCENDING)])
        self.collection.create_index([(FIELD, ASCENDING)])

    def find(
        self,
        *,
        topic_id: str | None = None,
        search: str | None = None,
        after: str | None = None,
        limit: int,
    ) -> list[Course]:
        """Courses by id, after the one named; those that are retired stay out."""
        return self.page(
            {"retired": False},
            equal_to({"topic_id": topic_id}),
            matching(search),
            after=after,
            limit=limit,
        )

    def named(self, ids: Collection[str], session: Session | None = None) -> dict[str, Course]:
        """Those of these ids that exist."""
        if not ids:
            return {}
        found = self.page({"_id": {"$in": sorted(ids)}}, session=session)
        return {each.id: each for each in found}

    def seed(self, courses: Iterable[Course]) -> None:
        """Add what is not there yet; what is there is left as people have since made it."""
        for each in courses:
            self.collection.update_one(
                {"_id": each.id}, {"$setOnInsert": self.document_of(each)}, upsert=True
            )


def _words(course: Course) -> Document:
    return search_key(course.title.values())
