"""Time as an argument. Instants are timezone-aware UTC, kept to the millisecond as MongoDB does."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Protocol

# RFC 3339, section 5.6: of ISO 8601 only this. The calendar itself is datetime's to check.
_RFC_3339 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,3}(?P<finer>[0-9]*))?"
    r"(?:[Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
)


class Clock(Protocol):
    """Anything that can say what time it is."""

    def now(self) -> datetime:
        """The present instant, UTC, whole milliseconds."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return truncate(datetime.now(UTC))


class FixedClock:
    """A clock that stands still until a test moves it."""

    def __init__(self, now: datetime) -> None:
        self._now = truncate(now.astimezone(UTC))

    def now(self) -> datetime:
        return self._now

    def advance(self, by: timedelta) -> None:
        self._now = truncate(self._now + by)


def truncate(instant: datetime) -> datetime:
    """Cut to whole milliseconds: what is stored then equals what was handed in."""
    return instant.replace(microsecond=instant.microsecond // 1000 * 1000)


def to_wire(instant: datetime) -> str:
    """RFC 3339 in UTC with ``Z``; milliseconds only where there are any."""
    text = instant.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00")
    return f"{text.removesuffix('.000')}Z"


def from_wire(text: str) -> datetime:
    """Read an RFC 3339 instant. One finer than a millisecond keeps a microsecond, so that it does
    not pass for the whole one.

    Raises:
        ValueError: if the text is no instant, carries no offset, or is beyond the calendar in UTC.
    """
    match = _RFC_3339.fullmatch(text)
    if match is None:
        raise ValueError(f"{text[:64]!r} is no RFC 3339 instant with an offset from UTC")
    instant = datetime.fromisoformat(text.upper())
    try:
        whole = truncate(instant.astimezone(UTC))
    except OverflowError as error:
        raise ValueError(f"{text!r} is beyond the calendar in UTC") from error
    finer = (match["finer"] or "").strip("0")
    return whole + timedelta(microseconds=1) if finer else whole
