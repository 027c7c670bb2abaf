"""Histories at the border: the query of a list, and entries in wire form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.common import clock
from services.common.contracts import history as contract
from services.common.history.changes import Change
from services.common.lists import after_version, page_to_wire

_list_history = contract.ListHistory()


@dataclass(frozen=True, slots=True)
class ListHistory:
    """The history of one thing, page by page.

    Attributes:
        id: of the thing.
        after: the version of the last entry before.
    """

    id: str
    limit: int = 20
    after: int | None = None


def list_history(request: Mapping[str, Any]) -> ListHistory:
    """Raises:
    marshmallow.ValidationError: naming each field at fault.
    errors.Malformed: if the page begins after what is no position of a history.
    """
    data = _list_history.load(request)
    after = data.pop("after")
    return ListHistory(**data, after=after_version(after))


def history(entries: Iterable[Change]) -> dict[str, Any]:
    """All entries of a history."""
    return {"items": [_entry(each) for each in entries]}


def history_page(entries: Sequence[Change], limit: int) -> dict[str, Any]:
    """A page of a history, of one entry more than the page where there are more."""
    return page_to_wire(entries, limit, _entry, lambda entry: [entry.version])


def _entry(value: Change) -> dict[str, Any]:
    return {
        "at": clock.to_wire(value.at),
        "by": value.by,
        "action": value.action,
        "reason": value.reason,
        "changes": {field: {"from": old, "to": new} for field, (old, new) in value.changes.items()},
        "version": value.version,
    }
