"""Calendars in iCalendar (RFC 5545): feeds that programs fetch, and the files of mails (RFC 5546).

Written by the icalendar library: escaping, folding and line ends are its work.

Instants are UTC. There are single events only, so none needs a rule of its zone; and telephones
whose zone data is older than October 2022, when Syria gave up changing its clocks, would turn a
local time in Asia/Damascus into the wrong hour for half of the year.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from icalendar import Calendar, Event, vCalAddress, vText

from services.common.bidi import isolated
from services.common.contracts import calendars as contract
from services.common.languages import direction_of

_ENTRIES = contract.CalendarEntryList()
_CANCELLED = "CANCELLED"
_REFRESH = timedelta(hours=1)
_AT_A_TIME = 50


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """What a calendar shows of a booking, a session, an appointment.

    Attributes:
        uid: of :func:`event_uid`; by it feeds and mails of the same thing are one event.
        sequence: a higher one takes the place of a lower one.
        status: ``TENTATIVE``, ``CONFIRMED`` or ``CANCELLED`` (RFC 5545, 3.8.1.11).
        changed_at: when it was last revised.
        created_at: ``None`` where that is not known.
    """

    uid: str
    sequence: int
    status: str
    starts_at: datetime
    ends_at: datetime
    title: str
    place: str
    changed_at: datetime
    created_at: datetime | None = None


def event_uid(id: str) -> str:
    """The UID of the thing with this id (RFC 5545, 3.8.4.7): the same in every feed and mail."""
    return f"{id}@masaha"


def write_feed(name: str, entries: Iterable[CalendarEntry], *, zone: str, language: str) -> str:
    """The feed as text, the same to the byte while nothing in it changes.

    Titles are isolated where they would disturb the direction of the feed's language.

    Args:
        name: of the calendar.
        zone: IANA name, in which a program may show the times.
    """
    feed = _calendar("PUBLISH")
    for label in ("NAME", "X-WR-CALNAME"):
        feed.add(label, name)
    feed.add("X-WR-TIMEZONE", zone)
    feed.add("REFRESH-INTERVAL", _REFRESH, parameters={"VALUE": "DURATION"})
    feed.add("X-PUBLISHED-TTL", "PT1H")
    frame: str = feed.to_ical().decode()
    head, end, rest = frame.rpartition("END:VCALENDAR")
    return "".join((head, *_published(entries, direction_of(language)), end, rest))


def add_to_feed(feed: str, entries: Iterable[CalendarEntry], *, language: str) -> str:
    """A feed of :func:`write_feed` with further entries, of another branch.

    Args:
        language: of the feed.
    """
    head, end, rest = feed.rpartition("END:VCALENDAR")
    return "".join((head, *_published(entries, direction_of(language)), end, rest))


def entries_to_wire(entries: Iterable[CalendarEntry]) -> dict[str, Any]:
    """What the method ``calendar_entries`` of a branch returns."""
    return _ENTRIES.dump({"items": entries})  # type: ignore[no-any-return]


def entries_of_wire(answer: Mapping[str, Any]) -> list[CalendarEntry]:
    """The entries that a branch has answered."""
    return [CalendarEntry(**each) for each in _ENTRIES.load(answer)["items"]]


def write_mail_file(
    entry: CalendarEntry, *, method: str, organiser: str, organiser_name: str, recipient: str
) -> bytes:
    """The calendar file of a mail, the same to the byte each time.

    Args:
        method: ``REQUEST`` or ``CANCEL``.
        organiser: the address that mails come from.
        organiser_name: of the organisation whose entry it is.
        recipient: the address that the mail goes to.
    """
    event = _event(entry)
    host = vCalAddress(f"mailto:{organiser}")
    host.params["CN"] = vText(organiser_name)
    event.add("ORGANIZER", host)
    guest = vCalAddress(f"mailto:{recipient}")
    # An answer is given by the link, not to the address that mails come from.
    guest.params["RSVP"] = vText("FALSE")
    event.add("ATTENDEE", guest)
    calendar = _calendar(method)
    calendar.add_component(event)
    written: bytes = calendar.to_ical()
    return written


def _calendar(method: str) -> Calendar:
    calendar = Calendar()
    calendar.add("PRODID", "-//Masaha//Calendar//AR")
    calendar.add("VERSION", "2.0")
    calendar.add("CALSCALE", "GREGORIAN")
    calendar.add("METHOD", method)
    return calendar


def _published(entries: Iterable[CalendarEntry], direction: str) -> Iterator[str]:
    for number, entry in enumerate(entries):
        if number % _AT_A_TIME == 0:
            # A long feed is a second of work; other requests of this process go first.
            time.sleep(0)
        yield _published_event(replace(entry, title=isolated(entry.title, direction)))


# Programs ask every hour for what has hardly changed, and writing an event costs most of a
# millisecond.
@lru_cache(maxsize=20_000)
def _published_event(entry: CalendarEntry) -> str:
    event = _event(entry)
    if entry.created_at is not None:
        event.add("CREATED", entry.created_at)
    event.add("LAST-MODIFIED", entry.changed_at)
    event.add("TRANSP", "TRANSPARENT" if entry.status == _CANCELLED else "OPAQUE")
    text: str = event.to_ical().decode()
    return text


def _event(entry: CalendarEntry) -> Event:
    event = Event()
    event.add("UID", entry.uid)
    event.add("SEQUENCE", entry.sequence)
    # Of a published event the stamp says when it was last revised (RFC 5545, 3.8.7.2).
    event.add("DTSTAMP", entry.changed_at)
    event.add("DTSTART", entry.starts_at)
    event.add("DTEND", entry.ends_at)
    event.add("SUMMARY", entry.title)
    event.add("LOCATION", entry.place)
    event.add("STATUS", entry.status)
    return event
