"""A changed document takes the place of the version that it was made from, or of none."""

from __future__ import annotations

from pymongo.collection import Collection

from services.common import errors
from services.common.storage.mongo import Document, Session


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
