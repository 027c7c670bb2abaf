"""Topics and courses as documents."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import asdict

from pymongo import ASCENDING

from services.common.storage.aggregates import Aggregates, equal_to
from services.common.storage.mongo import Database, Document, Session
from services.common.storage.searching import FIELD, matching, search_key
from services.trainings.domain.catalogue import Course, Topic
from services.trainings.domain.earning import EarningRule


class TopicStore(Aggregates[Topic]):
    """Topics. There are few."""

    def __init__(self, database: Database) -> None:
        super().__init__(database.collection("topics"), _topic_document, _topic_of)

    def seed(self, topics: Iterable[Topic]) -> None:
        """Add what is not there yet; what is there is left as people have since made it."""
        for each in topics:
            self.collection.update_one(
                {"_id": each.id}, {"$setOnInsert": _topic_document(each)}, upsert=True
            )


class CourseStore(Aggregates[Course]):
    """Courses."""

    def __init__(self, database: Database) -> None:
        super().__init__(database.collection("courses"), course_document, course_of)

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
                {"_id": each.id}, {"$setOnInsert": course_document(each)}, upsert=True
            )


def _topic_document(topic: Topic) -> Document:
    return {"_id": topic.id, "name": dict(topic.name), "in_demand": topic.in_demand, "version": 1}


def _topic_of(document: Document) -> Topic:
    return Topic(document["_id"], document["name"], document["in_demand"], document["version"])


def course_document(course: Course) -> Document:
    """A course as it is stored, and as it is kept with the idempotency key of its creation."""
    document = asdict(course)
    key = document.pop("id")
    return {"_id": key, **document, **search_key(course.title.values())}


def course_of(document: Document) -> Course:
    fields = {name: value for name, value in document.items() if name not in ("_id", FIELD)}
    return Course(
        **fields
        | {
            "id": document["_id"],
            "prerequisites": tuple(document["prerequisites"]),
            "earning": EarningRule(**document["earning"]),
        }
    )
