"""Projections: what a branch keeps of another's facts, taken from its events.

Each fact carries the version of the aggregate that it came from. Events arrive in any order and any
number of times; a fact that is not newer than what is known changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable

from pymongo import UpdateOne
from pymongo.collection import Collection

from services.common.storage.mongo import Document, Session


def put_newest(
    session: Session, collection: Collection[Document], facts: Iterable[Document]
) -> None:
    """Store facts by ``_id``, each unless one as new is there, all in one round trip.

    Args:
        facts: documents with ``version``; of several with one id the newest counts.
    """
    newest: dict[str, Document] = {}
    for fact in facts:
        known = newest.get(fact["_id"])
        if known is None or fact["version"] > known["version"]:
            newest[fact["_id"]] = fact
    if not newest:
        return
    changes = []
    for fact in newest.values():
        newer = {"$gt": [fact["version"], {"$ifNull": ["$version", 0]}]}
        # $literal: a name that begins with a dollar sign is a name, not an expression.
        put = {"$replaceWith": {"$cond": [newer, {"$literal": fact}, "$$ROOT"]}}
        changes.append(UpdateOne({"_id": fact["_id"]}, [put], upsert=True))
    collection.bulk_write(changes, ordered=False, session=session)
