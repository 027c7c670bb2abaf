"""A page of a list: what was found, one more than was asked for, and where the next page begins.

A position is a list of JSON values. A list gives it as ``next``; sent as ``after`` it is read back.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

from services.common import clock, errors

T = TypeVar("T")
Position = list[Any]
_NO_POSITION = "not a position of this list"


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """A page of a list.

    Attributes:
        items: at most as many as were asked for.
        next: the position of the last of them; ``None`` where the list ends with it.
    """

    items: Sequence[T]
    next: Position | None


def one_more(limit: int) -> int:
    """How many to look for, so that it comes out whether there is a next page."""
    return limit + 1


def page_of(found: Sequence[T], limit: int, position: Callable[[T], Position]) -> Page[T]:
    """The page of what was found.

    Args:
        found: :func:`one_more` than the page holds, where there is a next one.
        position: of a value in the list, as ``after_…`` reads it back.
    """
    items = found[:limit]
    return Page(items, position(items[-1]) if len(found) > limit else None)


def page_to_wire(
    found: Sequence[T],
    limit: int,
    to_wire: Callable[[T], dict[str, Any]],
    position: Callable[[T], Position],
) -> dict[str, Any]:
    """The page of what was found, as a method of a branch returns it."""
    page = page_of(found, limit, position)
    return {"items": [to_wire(value) for value in page.items], "next": page.next}


# -- positions --------------------------------------------------------------------------------


class Identified(Protocol):
    """What a list by id holds."""

    @property
    def id(self) -> str: ...


def by_id(value: Identified) -> Position:
    """The position of a value in a list that is ordered by id."""
    return [value.id]


def by_time(instant: datetime, last_id: str) -> Position:
    """The position of a value in a list ordered by time, and by id where times are equal."""
    return [clock.to_wire(instant), last_id]


def after_id(position: Position | None) -> str | None:
    """The position in a list that is ordered by id.

    Raises:
        errors.Malformed: if it is none.
    """
    match position:
        case None:
            return None
        case [str(last_id)]:
            return last_id
    raise errors.Malformed(detail=_NO_POSITION)


def after_version(position: Position | None) -> int | None:
    """The position in a history, which is ordered by version.

    Raises:
        errors.Malformed: if it is none.
    """
    match position:
        case None:
            return None
        case [int(version)]:
            return version
    raise errors.Malformed(detail=_NO_POSITION)


def after_time(position: Position | None) -> tuple[datetime, str] | None:
    """The position in a list that is ordered by time, and by id where times are equal.

    Raises:
        errors.Malformed: if it is none.
    """
    match position:
        case None:
            return None
        case [str(instant), str(last_id)]:
            try:
                return clock.from_wire(instant), last_id
            except ValueError as error:
                raise errors.Malformed(detail=_NO_POSITION) from error
    raise errors.Malformed(detail=_NO_POSITION)
