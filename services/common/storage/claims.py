"""Claims: what cannot be taken twice at a time, refused by the database itself.

A document that takes something has ``claims``: one string per resource and slot
(:func:`services.common.time.slots.slots_of`), for any kind of resource: a room, a unit of
equipment, a trainer, an adviser. A unique index over them refuses the second of two documents that
share one. No check before the write is needed, so none can be overtaken. A document without
``claims`` takes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pymongo import ASCENDING
from pymongo.collection import Collection
from pymongo.errors import BulkWriteError, DuplicateKeyError

from services.common.storage.mongo import Document

CLAIMS = "claims"


class ClaimRefused(Exception):
    """Another document has a claim on the same.

    Attributes:
        claims: those that the database has named; of several it names the first of each write.
    """

    def __init__(self, claims: tuple[str, ...]) -> None:
        super().__init__(*claims)
        self.claims = claims


def ensure_claims_index(collection: Collection[Document], *, within: str | None = None) -> None:
    """The index that refuses a claim that another document has.

    Args:
        within: a field that the index begins with, so that the collection can be sharded by it.
            Documents refuse each other within one value of it alone: a centre, where what is
            claimed is always at one centre; nothing for people, who work at several.
    """
    collection.create_index(
        [(field, ASCENDING) for field in (within, CLAIMS) if field is not None],
        name=CLAIMS,
        unique=True,
        partialFilterExpression={CLAIMS: {"$exists": True}},
    )


@contextmanager
def claims_refused() -> Iterator[None]:
    """Turn the refusal of the index into an error that says what it is.

    Other refusals of the database go on as they are.

    Raises:
        ClaimRefused: if another document has one of the claims that are written inside.
    """
    try:
        yield
    except (DuplicateKeyError, BulkWriteError) as error:
        details = error.details or {}
        refusals = [
            each
            for each in (details, *details.get("writeErrors", ()))
            if CLAIMS in (each.get("keyPattern") or {})
        ]
        if not refusals:
            raise
        raise ClaimRefused(tuple(_claim_of(each) for each in refusals)) from error


def _claim_of(refusal: Any) -> str:
    return str((refusal.get("keyValue") or {}).get(CLAIMS, ""))
