"""Messages are inserted once, however often their event arrives."""

from __future__ import annotations

from collections.abc import Sequence

from pymongo.collection import Collection

from services.common.storage.mongo import Document, Session, insert_all


def insert_new(
    session: Session,
    collection: Collection[Document],
    documents: Sequence[Document],
    *,
    skip_stored: bool,
) -> None:
    """Insert the documents that are not there; the inbox of events makes that all, nearly always.

    Args:
        skip_stored: ask first which are stored. A caller that leaves it out and meets a stored one
            starts again with it.

    Raises:
        AlreadyThere: if one was there and ``skip_stored`` is false; the transaction is over then.
            Or if it is there under another id.
    """
    new = {document["_id"]: document for document in documents}
    if skip_stored:
        known = collection.find({"_id": {"$in": list(new)}}, {"_id": 1}, session=session)
        for document in known:
            del new[document["_id"]]
    insert_all(session, collection, list(new.values()))
