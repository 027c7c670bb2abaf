"""Calendars as programs read them: feeds, and the files of mails."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar, Event

from services.common.calendars import CalendarEntry, event_uid, write_feed, write_mail_file

TEN = datetime(2026, 11, 24, 10, tzinfo=UTC)
SESSION = CalendarEntry(
    uid=event_uid("session-1"),
    sequence=3,
    status="CONFIRMED",
    starts_at=TEN,
    ends_at=TEN + timedelta(hours=2),
    title="محاسبة; الجلسة 2, والأخيرة",
    place="القاعة، مركز الرقة",
    changed_at=TEN - timedelta(days=1),
    created_at=TEN - timedelta(days=9),
)


def feed(*entries: CalendarEntry, language: str = "ar") -> str:
    return write_feed("تقويمي", entries, zone="Asia/Damascus", language=language)


def read(text: str | bytes) -> list[Event]:
    return list(Calendar.from_ical(text).walk("VEVENT"))


def mail_file(entry: CalendarEntry, method: str) -> bytes:
    return write_mail_file(
        entry,
        method=method,
        organiser="masaha@example.org",
        organiser_name='جمعية "الأمل"',
        recipient="sara@example.org",
    )


def test_a_feed_says_all_that_is_known_in_utc() -> None:
    (event,) = read(feed(SESSION))
    assert (str(event["UID"]), event["SEQUENCE"]) == ("session-1@masaha", 3)
    assert (event["DTSTART"].dt, event["DTEND"].dt) == (SESSION.starts_at, SESSION.ends_at)
    assert event["DTSTAMP"].dt == event["LAST-MODIFIED"].dt == SESSION.changed_at
    assert event["CREATED"].dt == SESSION.created_at
    assert str(event["SUMMARY"]) == SESSION.title
    assert str(event["LOCATION"]) == SESSION.place
    assert "ORGANIZER" not in event
    calendar = Calendar.from_ical(feed(SESSION))
    assert (calendar["METHOD"], calendar["X-WR-TIMEZONE"]) == ("PUBLISH", "Asia/Damascus")


@pytest.mark.parametrize(
    ("status", "transparent"),
    [("CONFIRMED", "OPAQUE"), ("TENTATIVE", "OPAQUE"), ("CANCELLED", "TRANSPARENT")],
)
def test_what_is_cancelled_takes_no_time(status: str, transparent: str) -> None:
    (event,) = read(feed(replace(SESSION, status=status)))
    assert (str(event["STATUS"]), str(event["TRANSP"])) == (status, transparent)


def test_a_title_is_isolated_where_it_would_disturb_the_feeds_language() -> None:
    titles = [replace(SESSION, title=title) for title in ("Budget", "ميزانية")]
    arabic = [str(event["SUMMARY"]) for event in read(feed(*titles))]
    english = [str(event["SUMMARY"]) for event in read(feed(*titles, language="en"))]
    assert arabic == ["\u2068Budget\u2069", "ميزانية"]
    assert english == ["Budget", "\u2068ميزانية\u2069"]


@given(st.text(max_size=300), st.text(max_size=300))
def test_whatever_a_title_holds_the_file_is_well_formed(title: str, place: str) -> None:
    raw = feed(replace(SESSION, title=title, place=place)).encode()
    assert raw.startswith(b"BEGIN:VCALENDAR\r\n")
    assert raw.endswith(b"END:VCALENDAR\r\n")
    for line in raw.split(b"\r\n"):
        assert len(line) <= 75
        line.decode()  # no letter is cut in two
    assert len(read(raw)) == 1


def test_a_feed_is_the_same_to_the_byte_and_long_ones_keep_their_order() -> None:
    many = [replace(SESSION, uid=event_uid(f"session-{n}")) for n in range(120)]
    assert feed(*many) == feed(*many)
    assert [str(event["UID"]) for event in read(feed(*many))] == [each.uid for each in many]


@pytest.mark.parametrize(("method", "status"), [("REQUEST", "CONFIRMED"), ("CANCEL", "CANCELLED")])
def test_the_file_of_a_mail_invites_or_ends_under_the_uid_of_the_feed(
    method: str, status: str
) -> None:
    written = mail_file(replace(SESSION, status=status), method)
    assert written == mail_file(replace(SESSION, status=status), method)
    assert str(Calendar.from_ical(written)["METHOD"]) == method
    (event,) = read(written)
    (published,) = read(feed(SESSION))
    assert event["UID"] == published["UID"]
    assert str(event["STATUS"]) == status
    assert str(event["ORGANIZER"]) == "mailto:masaha@example.org"
    assert str(event["ATTENDEE"]) == "mailto:sara@example.org"
    assert event["ATTENDEE"].params["RSVP"] == "FALSE"
