"""Messages are inserted once, however often their event arrives."""

from __future__ import annotations

from collections.abc import Sequence

from pymongo.collection import Collection as MongoCollection

from services.common.storage.mongo import Document, Session


def insert_new(
    session: Session, collection: MongoCollection[Document], documents: Sequence[Document]
) -> list[str]:
    """Insert the documents that are not there; the inbox of events makes that all, nearly always.

    The unique index stands behind it: should two writers race, the transaction of one fails.
    """
    if not documents:
        return []
    by_id = {document["_id"]: document for document in documents}
    known = collection.find({"_id": {"$in": list(by_id)}}, {"_id": 1}, session=session)
    for document in known:
        del by_id[document["_id"]]
    if by_id:
        collection.insert_many(list(by_id.values()), ordered=False, session=session)
    return list(by_id)
