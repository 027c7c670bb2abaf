"""Histories of what can be booked: queries in, wire form out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from services.bookings.domain.history import Change
from services.bookings.schemas import Request
from services.common import clock
from services.common.contracts.bookings import rpc
from services.common.lists import after_version, page_to_wire

_list_history = rpc.ListHistory()


@dataclass(frozen=True, slots=True)
class ListHistory:
    """Of a space or of equipment.

    Attributes:
        after: the version of the last entry before.
    """

    id: str
    limit: int = 20
    after: int | None = None


def list_history(request: Request) -> ListHistory:
    data = _list_history.load(request)
    after = data.pop("after")
    return ListHistory(**data, after=after_version(after))


def history(entries: Iterable[Change]) -> dict[str, Any]:
    return {"items": [_entry(each) for each in entries]}


def history_page(entries: Sequence[Change], limit: int) -> dict[str, Any]:
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
