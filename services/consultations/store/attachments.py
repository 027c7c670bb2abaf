"""Attachments as documents; their bytes are in GridFS. All of it is encrypted."""

from __future__ import annotations

from pymongo import ASCENDING

from services.common import errors
from services.common.storage.aggregates import Aggregates, equal_to
from services.common.storage.encrypted import encrypted
from services.common.storage.mapping import mapping_of
from services.common.storage.mongo import Database, Document, Session
from services.consultations.domain.attachments import Attachment
from services.consultations.store.case_keys import CaseKeys

_SECRETS = ("name", "content_type", "size", "sha256")
_MAPPING = mapping_of(Attachment)


class AttachmentStore(Aggregates[Attachment]):
    """Attachments. Whether the reader is one of the case's insiders is part of every query."""

    def __init__(self, database: Database, keys: CaseKeys) -> None:
        mapping = encrypted(_MAPPING, _SECRETS, keys.of_document)
        super().__init__(database.collection("case_files"), mapping)

    def ensure_indexes(self) -> None:
        self.collection.create_index([("case_id", ASCENDING), ("_id", ASCENDING)])
        self.collection.create_index([("added_by", ASCENDING)])

    def of_case(
        self,
        case_id: str,
        *,
        insider: bool,
        note_id: str | None = None,
        session: Session | None = None,
    ) -> list[Attachment]:
        """The files of a case that may be read, or of one of its notes, oldest first."""
        query = {**_of(case_id, insider=insider), **equal_to({"note_id": note_id})}
        return self.page(query, session=session)

    def get_of_case(
        self, file_id: str, case_id: str, *, insider: bool, session: Session | None = None
    ) -> Attachment:
        """Raises:
        errors.NotFound: if the case has no such file that may be read.
        """
        found = self.first({"_id": file_id, **_of(case_id, insider=insider)}, session)
        if found is None:
            raise errors.NotFound()
        return found

    def seal_of_note(self, session: Session, note_id: str, *, sealed: bool) -> None:
        """Let the files of a note be sealed, or open, with it."""
        self.collection.update_many(
            {"note_id": note_id},
            {"$set": {"sealed": sealed}, "$inc": {"version": 1}},
            session=session,
        )

    def count(self, case_id: str, session: Session) -> int:
        """How many files a case has."""
        return self.collection.count_documents({"case_id": case_id}, session=session)

    def remove(self, session: Session, attachment: Attachment) -> None:
        self.collection.delete_one({"_id": attachment.id}, session=session)

    def added_by(self, person_id: str) -> list[Attachment]:
        """What a person has added."""
        return self.page({"added_by": person_id})


def _of(case_id: str, *, insider: bool) -> Document:
    return {"case_id": case_id} if insider else {"case_id": case_id, "sealed": False}
