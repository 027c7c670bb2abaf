"""The aggregates of one collection: read one, add one, save a changed one, read a page of them.

A store names its dataclass, and adds its indexes and queries::

    class CourseStore(Aggregates[Course]):
        def __init__(self, database: Database) -> None:
            super().__init__(database.collection("courses"), Course)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from functools import cache
from typing import Any, Generic, TypeVar, cast

from pymongo import ASCENDING, DESCENDING, ReplaceOne
from pymongo.collection import Collection

from services.common import errors
from services.common.storage.mapping import DocumentMapping, mapping_of
from services.common.storage.mongo import Document, Session, unavailable_when_away

T = TypeVar("T")


class Aggregates(Generic[T]):
    """One collection, whose documents have a ``version``. A store derives from it, or has some.

    Reads outside of a transaction raise :class:`services.common.errors.Unavailable` when the
    database is away; inside of one, the transaction is done again.

    Args:
        collection: of these aggregates alone, or of other documents too.
        stored: the dataclass, with ``id`` and ``version``; or how it is stored, where that is not
            as :func:`services.common.storage.mapping.mapping_of` does it by itself.
    """

    def __init__(
        self, collection: Collection[Document], stored: type[T] | DocumentMapping[T]
    ) -> None:
        self.collection = collection
        mapping = stored if isinstance(stored, DocumentMapping) else _by_default(cast(Any, stored))
        self.document_of: Callable[[T], Document] = mapping.document_of
        self.aggregate_of: Callable[[Document], T] = mapping.aggregate_of

    def get(self, key: str, session: Session | None = None) -> T:
        """Raises:
        errors.NotFound: if there is none.
        """
        found = self.look_up(key, session)
        if found is None:
            raise errors.NotFound()
        return found

    def look_up(self, key: str, session: Session | None = None) -> T | None:
        """The aggregate, if there is one."""
        return self.first({"_id": key}, session)

    def first(
        self, query: Document, session: Session | None = None, *, fields: Document | None = None
    ) -> T | None:
        """One aggregate that a query names, if there is any.

        Args:
            fields: a projection, for what is not to be read.
        """
        with unavailable_when_away() if session is None else nullcontext():
            found = self.collection.find_one(query, fields, session=session)
        return None if found is None else self.aggregate_of(found)

    def add(self, session: Session, aggregate: T) -> None:
        """Store a new one."""
        self.collection.insert_one(self.document_of(aggregate), session=session)

    def add_many(self, session: Session, aggregates: Sequence[T]) -> None:
        """Store new ones, in one write."""
        documents = [self.document_of(each) for each in aggregates]
        if documents:
            self.collection.insert_many(documents, session=session)

    def save(self, session: Session, aggregate: T, expected_version: int) -> None:
        """Put the changed one in place of the version it was made from.

        Raises:
            errors.Stale: if the stored version is another one, or there is none.
        """
        replace_version(self.collection, session, self.document_of(aggregate), expected_version)

    def save_many(self, session: Session, changed: Sequence[tuple[T, int]]) -> None:
        """Put changed ones in place of the versions they were made from, in one write.

        Args:
            changed: each with the version that is expected.

        Raises:
            errors.Stale: if one of the stored versions is another, or is not there.
        """
        documents = [(self.document_of(aggregate), version) for aggregate, version in changed]
        writes = [
            ReplaceOne({"_id": document["_id"], "version": version}, document)
            for document, version in documents
        ]
        if not writes:
            return
        done = self.collection.bulk_write(writes, ordered=False, session=session)
        if done.matched_count != len(writes):
            raise errors.Stale()

    def page(
        self,
        *queries: Document | None,
        order: Sequence[str] = ("_id",),
        descending: bool = False,
        after: Any = None,
        limit: int = 0,
        fields: Document | None = None,
        session: Session | None = None,
    ) -> list[T]:
        """Aggregates that all the queries name, in order, after a position.

        Args:
            queries: ``None`` names all.
            order: fields; the last one is unique.
            after: where the page before ended: the value of each field of the order; of a single
                field the bare value. ``None`` for the first page.
            limit: at most so many; 0 for all.
            fields: a projection, for what is not to be read.
        """
        clauses = [query for query in queries if query]
        if after is not None:
            clauses += beyond(order, (after,) if len(order) == 1 else after, descending=descending)
        direction = DESCENDING if descending else ASCENDING
        with unavailable_when_away() if session is None else nullcontext():
            found = self.collection.find(
                {"$and": clauses} if clauses else {}, fields, session=session
            )
            found.sort([(field, direction) for field in order]).limit(limit)
            return self.aggregates_of(list(found))

    def aggregates_of(self, documents: Sequence[Document]) -> list[T]:
        """The aggregates of several documents; a store overrides it that needs something for all
        of them first."""
        return [self.aggregate_of(document) for document in documents]


@cache
def _by_default(kind: Any) -> DocumentMapping[Any]:
    return mapping_of(kind)


def beyond(order: Sequence[str], after: Sequence[Any], *, descending: bool) -> list[Document]:
    """The conditions for what comes after a position in an order; all of them hold.

    The first one is a plain bound, so that an index on the order begins there.
    """
    past = "$lt" if descending else "$gt"
    ways = [
        {**dict(zip(order[:number], after, strict=False)), order[number]: {past: after[number]}}
        for number in range(len(order))
    ]
    if len(ways) == 1:
        return ways
    return [{order[0]: {f"{past}e": after[0]}}, {"$or": ways}]


def equal_to(filters: Document) -> Document:
    """The query for these fields to be equal; ``None`` means any."""
    return {field: value for field, value in filters.items() if value is not None}


def replace_version(
    collection: Collection[Document], session: Session, document: Document, expected_version: int
) -> None:
    """Put a document in place of its expected version, in the same write as the comparison.

    Raises:
        errors.Stale: if the stored version is another one, or there is none.
    """
    result = collection.replace_one(
        {"_id": document["_id"], "version": expected_version}, document, session=session
    )
    if result.matched_count != 1:
        raise errors.Stale()
