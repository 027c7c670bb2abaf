"""Feeds in iCalendar (RFC 5545), as calendar programs read them.

Written by the icalendar library: escaping, folding and line ends are its work.

Instants are UTC. A feed holds single events only, so none needs a rule of its zone; and telephones
whose zone data is older than October 2022, when Syria gave up changing its clocks, would turn a
local time in Asia/Damascus into the wrong hour for half of the year.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from functools import lru_cache

from icalendar import Calendar, Event

from services.bookings.domain.calendars import STATUS, Entry
from services.common.bidi import isolated
from services.common.calendar_events import event_uid
from services.common.catalogue import Catalogue
from services.common.languages import direction_of
from services.common.time.period import Period

_REFRESH = timedelta(hours=1)
_AT_A_TIME = 50


def write(
    name: str,
    entries: Iterable[tuple[Entry, str]],
    *,
    zone: str,
    language: str,
    texts: Catalogue,
) -> str:
    """The feed as text, the same to the byte while nothing in it changes.

    Args:
        name: of the calendar.
        entries: with the place of each.
        zone: IANA name, in which a program may show the times.
    """
    feed = Calendar()
    feed.add("PRODID", "-//Masaha//Bookings//AR")
    feed.add("VERSION", "2.0")
    feed.add("CALSCALE", "GREGORIAN")
    feed.add("METHOD", "PUBLISH")
    for label in ("NAME", "X-WR-CALNAME"):
        feed.add(label, name)
    feed.add("X-WR-TIMEZONE", zone)
    feed.add("REFRESH-INTERVAL", _REFRESH, parameters={"VALUE": "DURATION"})
    feed.add("X-PUBLISHED-TTL", "PT1H")
    frame: str = feed.to_ical().decode()
    head, end, rest = frame.rpartition("END:VCALENDAR")
    return "".join((head, *_events(entries, language, texts), end, rest))


def _events(entries: Iterable[tuple[Entry, str]], language: str, texts: Catalogue) -> Iterator[str]:
    direction = direction_of(language)
    for number, (entry, place) in enumerate(entries):
        if number % _AT_A_TIME == 0:
            # A long feed is a second of work; whoever else waits for this process goes first.
            time.sleep(0)
        booking = entry.booking
        yield _event(
            booking_id=booking.id,
            version=booking.version,
            status=STATUS[booking.status],
            period=booking.period,
            created_at=booking.created_at,
            updated_at=booking.updated_at,
            summary=isolated(entry.title or texts.text("calendar.busy", language), direction),
            place=place,
        )


# Programs ask every hour for what has hardly changed, and writing an event costs most of a
# millisecond.
@lru_cache(maxsize=20_000)
def _event(
    *,
    booking_id: str,
    version: int,
    status: str,
    period: Period,
    created_at: datetime,
    updated_at: datetime,
    summary: str,
    place: str,
) -> str:
    event = Event()
    # The same event for ever, whatever happens to it; a higher SEQUENCE replaces a lower one.
    event.add("UID", event_uid(booking_id))
    event.add("SEQUENCE", version - 1)
    # Of a published event the stamp says when it was last revised (RFC 5545, 3.8.7.2).
    event.add("DTSTAMP", updated_at)
    event.add("CREATED", created_at)
    event.add("LAST-MODIFIED", updated_at)
    event.add("DTSTART", period.starts_at)
    event.add("DTEND", period.ends_at)
    event.add("SUMMARY", summary)
    event.add("LOCATION", place)
    event.add("STATUS", status)
    event.add("TRANSP", "TRANSPARENT" if status == "CANCELLED" else "OPAQUE")
    text: str = event.to_ical().decode()
    return text
