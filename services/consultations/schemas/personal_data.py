"""What is held about a person, as it is exported: the fields of what is stored, not encrypted."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

from services.common.storage.mapping import DocumentMapping, mapping_of


def exported(aggregates: Iterable[Any]) -> list[dict[str, Any]]:
    """These aggregates as plain values, each with its id."""
    return [_exported(each) for each in aggregates]


def _exported(aggregate: Any) -> dict[str, Any]:
    kind: Any = type(aggregate)
    document = _mapping_of(kind).document_of(aggregate)
    return {"id": document.pop("_id"), **document}


@cache
def _mapping_of(kind: Any) -> DocumentMapping[Any]:
    return mapping_of(kind)
