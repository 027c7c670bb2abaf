"""To which case something belongs: asked before it is read, so that it is read by the people of
that case alone."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import nullcontext
from typing import Any

from pymongo.collection import Collection

from services.common import errors
from services.common.storage.aggregates import Aggregates
from services.common.storage.mongo import Document, Session, unavailable_when_away


def cases_of(store: Aggregates[Any], keys: Iterable[str]) -> dict[str, str]:
    """Id → the id of its case, of those documents that are there and belong to one.

    Raises:
        errors.Unavailable: if the database is away.
    """
    wanted = {"_id": {"$in": sorted(keys)}, "case_id": {"$ne": None}}
    with unavailable_when_away():
        return {
            each["_id"]: each["case_id"] for each in store.collection.find(wanted, {"case_id": 1})
        }


def case_id_of(collection: Collection[Document], key: str, session: Session | None = None) -> str:
    """The id of the case of a document.

    Raises:
        errors.NotFound: if there is no such document.
        errors.Unavailable: if the database is away.
    """
    with unavailable_when_away() if session is None else nullcontext():
        found = collection.find_one({"_id": key}, {"case_id": 1}, session=session)
    if found is None:
        raise errors.NotFound()
    case_id: str = found["case_id"]
    return case_id
