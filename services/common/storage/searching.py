"""Search by words: a key that is stored with the document, and an index on it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from services.common.folding import search_words, wanted_words
from services.common.storage.mongo import Document

#: The field of a document that holds its words; the store makes an index on it.
FIELD = "search"


def search_key(texts: Iterable[str]) -> Document:
    """What is stored beside a document that is found by these texts."""
    return {FIELD: search_words(texts)}


def matching(text: str | None) -> Document:
    """The condition that each word of the text begins one of the document's.

    ``None`` matches all; a text without a letter or digit matches nothing.
    """
    if text is None:
        return {}
    words = wanted_words(text)
    if not words:
        return {FIELD: {"$in": []}}
    conditions: list[dict[str, Any]] = [
        {FIELD: {"$regex": f"^{re.escape(word)}"}} for word in words
    ]
    return {"$and": conditions}
