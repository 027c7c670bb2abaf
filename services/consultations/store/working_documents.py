"""Working documents, their editions, comments and templates as documents of the database."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import nullcontext
from dataclasses import dataclass

from pymongo import ASCENDING, DESCENDING

from services.common.storage.aggregates import Aggregates, equal_to
from services.common.storage.mongo import (
    Database,
    Document,
    Session,
    unavailable_when_away,
)
from services.consultations.domain.working_documents import (
    Comment,
    DocumentEdition,
    DocumentTemplate,
    WorkingDocument,
)

_ROWS = ("roles", "entries")


class WorkingDocumentStore(Aggregates[WorkingDocument]):
    """Working documents, each with its newest edition."""

    def __init__(self, database: Database) -> None:
        super().__init__(database.collection("working_documents"), WorkingDocument)
        self._editions = DocumentEditionStore(database)

    def ensure_indexes(self) -> None:
        self.collection.create_index([("organisation_id", ASCENDING), ("_id", ASCENDING)])
        for rows in _ROWS:
            self.collection.create_index(f"current.content.{rows}.holder.person_id", sparse=True)

    def find(
        self,
        *,
        visible: Document | None,
        organisation_id: str | None = None,
        what: str | None = None,
        archived: bool | None = None,
        after: str | None = None,
        limit: int,
    ) -> list[WorkingDocument]:
        """Documents by id, after the one named.

        Args:
            visible: the query for what the caller may see.
        """
        wanted = {"organisation_id": organisation_id, "what": what, "archived": archived}
        return self.page(visible, equal_to(wanted), after=after, limit=limit)

    def naming(self, person_id: str, session: Session | None = None) -> list[WorkingDocument]:
        """The documents whose newest edition, or any before, names the account of a person in a
        row, by id."""
        ids = self._editions.documents_naming(person_id, session)
        ways: list[Document] = [_names(person_id, "current"), {"_id": {"$in": ids}}]
        return self.page({"$or": ways}, session=session)

    def count_open(self, session: Session, organisation_id: str, most: int) -> int:
        """How many documents of an organisation are not archived, counted up to ``most``."""
        query = {"organisation_id": organisation_id, "archived": False}
        return self.collection.count_documents(query, limit=most, session=session)


@dataclass(frozen=True, slots=True)
class _StoredEdition:
    """An edition that is not the newest any more."""

    id: str
    document_id: str
    number: int
    edition: DocumentEdition
    version: int = 1


class DocumentEditionStore:
    """The earlier editions of documents."""

    def __init__(self, database: Database) -> None:
        self._editions = Aggregates(
            database.collection("working_document_editions"), _StoredEdition
        )

    def ensure_indexes(self) -> None:
        for rows in _ROWS:
            self._editions.collection.create_index(
                f"edition.content.{rows}.holder.person_id", sparse=True
            )
        self._editions.collection.create_index(
            [("document_id", ASCENDING), ("number", DESCENDING)], unique=True
        )

    def documents_naming(self, person_id: str, session: Session | None = None) -> list[str]:
        """The ids of documents whose earlier editions name the account of a person in a row."""
        query = _names(person_id, "edition")
        with unavailable_when_away() if session is None else nullcontext():
            return list(self._editions.collection.distinct("document_id", query, session=session))

    def forget_person(self, session: Session, person_id: str) -> None:
        """Take the name of a person out of the rows that name the person's account."""
        for rows in _ROWS:
            path = f"edition.content.{rows}"
            self._editions.collection.update_many(
                {f"{path}.holder.person_id": person_id},
                {"$set": {f"{path}.$[row].holder.name": None}},
                array_filters=[{"row.holder.person_id": person_id}],
                session=session,
            )

    def add(self, session: Session, document: WorkingDocument) -> None:
        """Store the edition of a document that a newer one is about to replace."""
        number = document.current.number
        stored = _StoredEdition(f"{document.id}-{number}", document.id, number, document.current)
        self._editions.add(session, stored)

    def find(self, document_id: str, *, before: int, limit: int) -> list[DocumentEdition]:
        """Editions of a document below a number, the newest first."""
        found = self._editions.page(
            {"document_id": document_id, "number": {"$lt": before}},
            order=("number",),
            descending=True,
            limit=limit,
        )
        return [each.edition for each in found]

    def look_up(
        self, document_id: str, number: int, session: Session | None = None
    ) -> DocumentEdition | None:
        """One edition, if it is there."""
        query = {"document_id": document_id, "number": number}
        found = self._editions.first(query, session)
        return None if found is None else found.edition


class CommentStore(Aggregates[Comment]):
    """Comments on documents."""

    def __init__(self, database: Database) -> None:
        super().__init__(database.collection("document_comments"), Comment)

    def ensure_indexes(self) -> None:
        self.collection.create_index([("document_id", ASCENDING), ("_id", ASCENDING)])
        self.collection.create_index([("by", ASCENDING)])

    def of(self, document_id: str, *, after: str | None, limit: int) -> list[Comment]:
        """Comments on a document, the oldest first, after the one named."""
        return self.page({"document_id": document_id}, after=after, limit=limit)

    def forget_texts(self, session: Session, person_id: str) -> None:
        """Erase what a person has said; that the person said something stays."""
        self.collection.update_many({"by": person_id}, {"$set": {"text": None}}, session=session)

    def count_of(self, session: Session, document_id: str, most: int) -> int:
        """How many comments a document has, counted up to ``most``."""
        query = {"document_id": document_id}
        return self.collection.count_documents(query, limit=most, session=session)


class TemplateStore(Aggregates[DocumentTemplate]):
    """Templates of documents. They are few."""

    def __init__(self, database: Database) -> None:
        super().__init__(database.collection("document_templates"), DocumentTemplate)

    def find(self, *, what: str | None, after: str | None, limit: int) -> list[DocumentTemplate]:
        """Templates by id, after the one named."""
        return self.page(equal_to({"what": what}), after=after, limit=limit)

    def seed(self, templates: Iterable[DocumentTemplate]) -> None:
        """Add what is not there yet; what is there is left as people have since made it."""
        for each in templates:
            document = self.document_of(each)
            self.collection.update_one({"_id": each.id}, {"$setOnInsert": document}, upsert=True)


def _names(person_id: str, place: str) -> Document:
    """The query for editions, at this place of a document, that name a person's account."""
    return {"$or": [{f"{place}.content.{rows}.holder.person_id": person_id} for rows in _ROWS]}
