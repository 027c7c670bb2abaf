"""Calendars: what is asked in, entries out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from services.common.calendars import CalendarEntry, entries_to_wire
from services.common.contracts import calendars as contract
from services.trainings.schemas import Request

_entries_of = contract.EntriesOf()


def language_of_entries(request: Request) -> str:
    language: str = _entries_of.load(request)["language"]
    return language


def entry_list(entries: Iterable[CalendarEntry]) -> dict[str, Any]:
    return entries_to_wire(entries)
