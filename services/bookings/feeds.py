"""Feeds in iCalendar (RFC 5545), as calendar programs read them.

Written by the icalendar library: escaping, folding and line ends are its work.

Instants are UTC. A feed holds single events only, so none needs a rule of its zone; and telephones
whose zone data is older than October 2022, when Syria gave up changing its clocks, would turn a
local time in Asia/Damascus into the wrong hour for half of the year.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from icalendar import Calendar, Event

from services.bookings.domain.calendars import STATUS, Entry
from services.common.catalogue import Catalogue

_REFRESH = timedelta(hours=1)


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
    for entry, place in entries:
        feed.add_component(_event(entry, place, language, texts))
    text: str = feed.to_ical().decode()
    return text


def _event(entry: Entry, place: str, language: str, texts: Catalogue) -> Event:
    booking = entry.booking
    event = Event()
    # The same event for ever, whatever happens to it; a higher SEQUENCE replaces a lower one.
    event.add("UID", f"{booking.id}@masaha")
    event.add("SEQUENCE", booking.version - 1)
    # Of a published event the stamp says when it was last revised (RFC 5545, 3.8.7.2).
    event.add("DTSTAMP", booking.updated_at)
    event.add("CREATED", booking.created_at)
    event.add("LAST-MODIFIED", booking.updated_at)
    event.add("DTSTART", booking.period.starts_at)
    event.add("DTEND", booking.period.ends_at)
    event.add("SUMMARY", entry.title or texts.text("calendar.busy", language))
    event.add("LOCATION", place)
    event.add("STATUS", STATUS[booking.status])
    event.add("TRANSP", "TRANSPARENT" if STATUS[booking.status] == "CANCELLED" else "OPAQUE")
    return event
