"""Projections: what a branch keeps of another's facts, taken from its events.

Each fact carries the version of the aggregate that it came from. Events arrive in any order and any
number of times; a fact that is not newer than what is known changes nothing.

Personal details come as states. An erasure puts a *tombstone* in their place: id and version alone,
so that details that arrive late find something newer.
"""

from __future__ import annotations

from collections.abc import Iterable

from pymongo import UpdateOne
from pymongo.collection import Collection

from services.common.storage.mongo import Document, Session


def put_newest(
    session: Session,
    collection: Collection[Document],
    facts: Iterable[Document],
    *,
    again: bool = False,
) -> None:
    """Store facts by ``_id``, each unless one as new is there, all in one round trip.

    Args:
        facts: documents with ``version``; of several with one id the newest counts.
        again: whether a fact takes the place of one of the same version, too.
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
        newer = {"$gte" if again else "$gt": [fact["version"], {"$ifNull": ["$version", 0]}]}
        # $literal: a name that begins with a dollar sign is a name, not an expression.
        put = {"$replaceWith": {"$cond": [newer, {"$literal": fact}, "$$ROOT"]}}
        changes.append(UpdateOne({"_id": fact["_id"]}, [put], upsert=True))
    collection.bulk_write(changes, ordered=False, session=session)


def put_states(
    session: Session, collection: Collection[Document], states: Iterable[Document]
) -> None:
    """Store personal details by ``_id`` as :func:`put_newest`; what is erased stays so for ever.

    Args:
        states: documents with ``version``; those made by :func:`tombstone` erase.
    """
    found = list(states)
    last = {"_id": {"$in": [state["_id"] for state in found]}, "erased": True}
    erased = {each["_id"] for each in collection.find(last, {"_id": 1}, session=session)}
    erased |= {state["_id"] for state in found if state.get("erased")}
    put_newest(
        session,
        collection,
        [state for state in found if state.get("erased") or state["_id"] not in erased],
    )


def tombstone(subject: str, version: int) -> Document:
    """What stays of erased details."""
    return {"_id": subject, "version": version, "erased": True}
