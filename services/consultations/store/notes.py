"""Notes of cases as documents; what they say is encrypted with the key of their case."""

from __future__ import annotations

from pymongo import ASCENDING

from services.common import errors
from services.common.storage.aggregates import Aggregates
from services.common.storage.encrypted import encrypted
from services.common.storage.mapping import mapping_of
from services.common.storage.mongo import Database, Document, Session
from services.consultations.domain.notes import Note
from services.consultations.store.case_keys import CaseKeys

_SECRETS = ("text", "comments")
_MAPPING = mapping_of(Note)


class NoteStore(Aggregates[Note]):
    """Notes. Whether the reader is one of the case's insiders is part of every query."""

    def __init__(self, database: Database, keys: CaseKeys) -> None:
        mapping = encrypted(_MAPPING, _SECRETS, keys.of_document)
        super().__init__(database.collection("notes"), mapping)

    def ensure_indexes(self) -> None:
        self.collection.create_index([("case_id", ASCENDING), ("_id", ASCENDING)])
        self.collection.create_index([("author_id", ASCENDING)])

    def of_case(
        self, case_id: str, *, insider: bool, after: str | None = None, limit: int = 0
    ) -> list[Note]:
        """The notes of a case that may be read, oldest first.

        Args:
            insider: whether the reader may read the sealed ones.
        """
        return self.page(_of(case_id, insider=insider), after=after, limit=limit)

    def get_of_case(
        self, note_id: str, case_id: str, *, insider: bool, session: Session | None = None
    ) -> Note:
        """Raises:
        errors.NotFound: if the case has no such note that may be read.
        """
        found = self.first({"_id": note_id, **_of(case_id, insider=insider)}, session)
        if found is None:
            raise errors.NotFound()
        return found

    def count(self, case_id: str, session: Session) -> int:
        """How many notes a case has."""
        return self.collection.count_documents({"case_id": case_id}, session=session)

    def written_by(self, person_id: str) -> list[Note]:
        """The notes that a person has written."""
        return self.page({"author_id": person_id})


def _of(case_id: str, *, insider: bool) -> Document:
    return {"case_id": case_id} if insider else {"case_id": case_id, "sealed": False}
