"""The bytes of files, in GridFS of a branch's own database.

GridFS writes outside of transactions. So the bytes are stored first, *unattached*; the transaction
of what they belong to attaches them, or takes them away again. What nobody has attached within a
day, and what was detached, is swept away.

Where the owners' files are secret, names and bytes are encrypted with a key of the owner before
they are written; what is left to see is the size.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

import bson
from gridfs import GridFSBucket, NoFile
from pymongo import ASCENDING

from services.common import errors
from services.common.clock import Clock
from services.common.encryption import CipherOf
from services.common.files.checking import CheckedFile, document_of
from services.common.ids import NewId
from services.common.storage.encrypted import SECRET
from services.common.storage.mongo import Database, Document, Session, unavailable_when_away

BUCKET = "attachments"
KEPT_UNATTACHED = timedelta(hours=24)


class FileDamaged(Exception):
    """The bytes that are stored are not those that were taken."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file as it is kept.

    Attributes:
        owner: what it belongs to, as the branch names it.
        sha256: of the bytes, in hex.
    """

    id: str
    owner: str
    name: str
    content_type: str
    size: int
    sha256: str
    stored_at: datetime


class FileStore:
    """The files of one service.

    Args:
        database, clock, new_id: the service's own.
        cipher_of: finds the cipher of an owner's files; without it they are not encrypted.
    """

    def __init__(
        self, database: Database, clock: Clock, new_id: NewId, cipher_of: CipherOf | None = None
    ) -> None:
        self._bucket = GridFSBucket(database.collection(BUCKET).database, bucket_name=BUCKET)
        self._files = database.collection(f"{BUCKET}.files")
        self._clock = clock
        self._new_id = new_id
        self._cipher_of = cipher_of

    def ensure_indexes(self) -> None:
        self._files.create_index(
            [("metadata.remove_at", ASCENDING)],
            partialFilterExpression={"metadata.remove_at": {"$type": "date"}},
        )
        self._files.create_index([("metadata.owner", ASCENDING), ("_id", ASCENDING)])

    def put(self, file: CheckedFile, owner: str) -> str:
        """Store the bytes, unattached; returns the id of the file.

        Raises:
            errors.Unavailable: if the database is away.
        """
        file_id = self._new_id()
        facts, name, data = document_of(file), file.name, file.data
        if self._cipher_of is not None:
            cipher = self._cipher_of(owner)
            facts = {SECRET: cipher.encrypt(bson.encode(facts), file_id)}
            name, data = file_id, cipher.encrypt(data, f"{file_id}/data")
        metadata = {
            **facts,
            "owner": owner,
            "stored_at": self._clock.now(),
            "remove_at": self._clock.now() + KEPT_UNATTACHED,
        }
        with unavailable_when_away():
            self._bucket.upload_from_stream_with_id(file_id, name, data, metadata=metadata)
        return file_id

    def attach(self, session: Session, file_id: str, owner: str) -> StoredFile:
        """Have a stored file belong to its owner for good, in the owner's transaction.

        Raises:
            errors.NotFound: if there is no such file of this owner, or it was swept away.
        """
        return self._mark(session, file_id, owner, None)

    def detach(self, session: Session, file_id: str, owner: str) -> StoredFile:
        """Have a file go, in the owner's transaction; its bytes go with the next sweep.

        Raises:
            errors.NotFound: if there is no such file of this owner.
        """
        return self._mark(session, file_id, owner, self._clock.now())

    def _mark(
        self, session: Session, file_id: str, owner: str, remove_at: datetime | None
    ) -> StoredFile:
        found = self._files.find_one_and_update(
            {"_id": file_id, "metadata.owner": owner},
            {"$set": {"metadata.remove_at": remove_at}},
            session=session,
        )
        if found is None:
            raise errors.NotFound()
        return self._stored(found)

    def of(self, owner: str) -> list[StoredFile]:
        """The attached files of an owner, oldest first."""
        query = {"metadata.owner": owner, "metadata.remove_at": None}
        return [self._stored(each) for each in self._files.find(query).sort("_id", ASCENDING)]

    def read(self, file_id: str, owner: str) -> tuple[StoredFile, bytes]:
        """An attached file and its bytes. Whether the caller may read it the branch has decided.

        Raises:
            errors.NotFound: if there is no such file of this owner.
            FileDamaged: if the bytes are not what was taken.
        """
        with unavailable_when_away():
            found = self._files.find_one(
                {"_id": file_id, "metadata.owner": owner, "metadata.remove_at": None}
            )
            if found is None:
                raise errors.NotFound()
            try:
                data = self._bucket.open_download_stream(file_id).read()
            except NoFile as error:
                raise errors.NotFound() from error
        if self._cipher_of is not None:
            data = self._cipher_of(owner).decrypt(data, f"{file_id}/data")
        file = self._stored(found)
        if hashlib.sha256(data).hexdigest() != file.sha256:
            raise FileDamaged(file_id)
        return file, data

    def sweep(self) -> int:
        """Delete what was detached, and what nobody has attached in time; returns how many."""
        removed = 0
        due = {"metadata.remove_at": {"$lte": self._clock.now()}}
        with unavailable_when_away():
            for each in self._files.find(due, {"_id": 1}).limit(1000):
                # Marked anew in the same write, so that nobody attaches what is being deleted.
                gone = self._files.find_one_and_update(
                    {"_id": each["_id"], **due}, {"$set": {"metadata.owner": None}}
                )
                if gone is not None:
                    self._bucket.delete(each["_id"])
                    removed += 1
        return removed

    def _stored(self, document: Document) -> StoredFile:
        metadata = document["metadata"]
        facts = metadata
        if self._cipher_of is not None:
            cipher = self._cipher_of(metadata["owner"])
            facts = bson.decode(cipher.decrypt(metadata[SECRET], document["_id"]))
        return StoredFile(
            id=document["_id"],
            owner=metadata["owner"],
            name=facts["name"],
            content_type=facts["content_type"],
            size=facts["size"],
            sha256=facts["sha256"],
            stored_at=metadata["stored_at"],
        )
