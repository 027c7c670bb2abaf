"""Calendar feeds on the real database, read back as a calendar program reads them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from icalendar import Calendar as ICalendar

from services.bookings.app import App
from services.bookings.domain.booking import Booking
from services.bookings.domain.calendars import MOST_CALENDARS, Kind
from services.bookings.operations import bookings, calendars, invitations
from services.bookings.schemas.bookings import CancelBooking, ChangeBooking
from services.bookings.schemas.calendars import CreateCalendar, Feed
from services.bookings.schemas.invitations import Invite, Reply
from services.common import errors
from services.common.context import SYSTEM, VISITOR, Caller
from tests.support.bookings import (
    MANAGER,
    MEMBER,
    OTHER_MEMBER,
    RAQQA_DESK,
    STRANGER,
    booking_command,
    call,
    open_centre,
    period,
    tomorrow,
)
from tests.support.stack import Server


@pytest.fixture
def app(database: Server) -> Iterator[App]:
    yield from open_centre(database.uri)


def link(app: App, who: Caller, kind: Kind, subject_id: str | None = None) -> str:
    return calendars.create(app, call(who), CreateCalendar(kind, subject_id))[1]


def text_of(app: App, who: Caller, token: str, language: str = "ar") -> str:
    return calendars.feed(app, call(who), Feed(token, language))


def read(
    app: App, who: Caller, kind: Kind, subject_id: str | None = None, language: str = "ar"
) -> list[Any]:
    """The events of a feed, through a parser."""
    parsed = ICalendar.from_ical(text_of(app, who, link(app, who, kind, subject_id), language))
    assert not parsed.errors
    events = list(parsed.walk("VEVENT"))
    assert not any(event.errors for event in events)
    return events


class TestLinks:
    def test_the_same_key_gives_the_same_link_and_only_a_hash_is_kept(self, app: App) -> None:
        command = CreateCalendar(Kind.CENTRE, "raqqa")
        first = calendars.create(app, call(MEMBER, "k"), command)
        assert calendars.create(app, call(MEMBER, "k"), command) == first
        for collection in ("calendars", "idempotency_keys"):
            assert first[1] not in str(list(app.database.collection(collection).find()))
        assert calendars.owner(app, first[1]).owner_id == MEMBER.id

    def test_a_deleted_link_opens_nothing(self, app: App) -> None:
        calendar, token = calendars.create(app, call(MEMBER), CreateCalendar(Kind.PERSON, None))
        with pytest.raises(errors.NotFound):
            calendars.delete(app, call(OTHER_MEMBER), calendar.id)
        assert calendars.find(app, call(OTHER_MEMBER)) == []
        assert calendars.find(app, call(MEMBER)) == [calendar]
        calendars.delete(app, call(MEMBER), calendar.id)
        for attempt in (
            lambda: calendars.owner(app, token),
            lambda: text_of(app, MEMBER, token),
            lambda: calendars.delete(app, call(MEMBER), calendar.id),
        ):
            with pytest.raises(errors.NotFound):
                attempt()

    def test_a_link_answers_for_its_owner_only(self, app: App) -> None:
        token = link(app, MEMBER, Kind.CENTRE, "raqqa")
        for who in (STRANGER, MANAGER, VISITOR):
            with pytest.raises(errors.NotFound):
                text_of(app, who, token)
        with pytest.raises(errors.NotFound):
            calendars.owner(app, "0" * 64)

    @pytest.mark.parametrize(
        ("kind", "subject_id"),
        [
            (Kind.SPACE, "nowhere"),
            (Kind.SPACE, None),
            (Kind.CENTRE, "raqqa-meeting"),
            (Kind.PERSON, STRANGER.id),
        ],
    )
    def test_what_is_not_there_or_somebody_elses_has_none(
        self, app: App, kind: Kind, subject_id: str | None
    ) -> None:
        with pytest.raises(errors.Invalid, match="no_such_calendar"):
            link(app, MEMBER, kind, subject_id)

    def test_neither_a_visitor_nor_a_service_account_has_one(self, app: App) -> None:
        with pytest.raises(errors.Unauthenticated):
            link(app, VISITOR, Kind.CENTRE, "raqqa")
        with pytest.raises(errors.Forbidden):
            link(app, SYSTEM, Kind.CENTRE, "raqqa")

    def test_a_person_has_so_many_and_no_more(self, app: App) -> None:
        for _ in range(MOST_CALENDARS):
            link(app, MEMBER, Kind.PERSON)
        with pytest.raises(errors.Conflict, match="too_many_calendars"):
            link(app, MEMBER, Kind.PERSON)
        calendars.delete(app, call(MEMBER), calendars.find(app, call(MEMBER))[0].id)
        link(app, MEMBER, Kind.PERSON)


class TestFeed:
    def test_a_program_reads_what_is_booked(self, app: App) -> None:
        booking = bookings.create(
            app, call(MEMBER), booking_command(title="لقاء، تخطيط; و\\ مراجعة" + " طويل" * 20)
        )
        (event,) = read(app, MEMBER, Kind.PERSON)
        assert str(event["UID"]) == f"{booking.id}@masaha"
        assert event["SEQUENCE"] == 0
        assert event["DTSTART"].dt == tomorrow(10)
        assert event["DTEND"].dt == tomorrow(11)
        assert event["DTSTAMP"].dt == event["LAST-MODIFIED"].dt == booking.updated_at
        assert str(event["SUMMARY"]) == booking.title
        assert str(event["LOCATION"]) == "غرفة، مركز الرقة"
        assert str(event["STATUS"]) == "CONFIRMED"

    def test_lines_end_and_fold_as_the_standard_says(self, app: App) -> None:
        bookings.create(app, call(MEMBER), booking_command(title="اجتماع " * 15))
        raw = text_of(app, MEMBER, link(app, MEMBER, Kind.PERSON)).encode()
        assert raw.startswith(b"BEGIN:VCALENDAR\r\n")
        assert raw.endswith(b"END:VCALENDAR\r\n")
        assert raw.count(b"\n") == raw.count(b"\r\n")
        assert max(len(line) for line in raw.split(b"\r\n")) <= 75
        for line in raw.split(b"\r\n"):
            line.decode()  # no letter is cut in two

    def test_it_is_the_same_until_something_changes(self, app: App) -> None:
        booking = bookings.create(app, call(MEMBER), booking_command())
        token = link(app, MEMBER, Kind.PERSON)
        first = text_of(app, MEMBER, token)
        app.clock.advance(timedelta(minutes=5))  # type: ignore[attr-defined]
        assert text_of(app, MEMBER, token) == first
        bookings.cancel(app, call(MEMBER), CancelBooking(booking.id, 1, None))
        assert text_of(app, MEMBER, token) != first

    def test_a_moved_booking_is_the_same_event_with_a_higher_sequence(self, app: App) -> None:
        booking = bookings.create(app, call(MEMBER), booking_command())
        command = ChangeBooking(booking.id, 1, None, tomorrow(13), tomorrow(14), {})
        bookings.change(app, call(MEMBER), command)
        (event,) = read(app, MEMBER, Kind.PERSON)
        assert str(event["UID"]) == f"{booking.id}@masaha"
        assert (event["SEQUENCE"], event["DTSTART"].dt) == (1, tomorrow(13))

    def test_a_cancelled_booking_says_so_for_thirty_days(self, app: App) -> None:
        booking = bookings.create(app, call(MEMBER), booking_command())
        bookings.cancel(app, call(MEMBER), CancelBooking(booking.id, 1, None))
        (event,) = read(app, MEMBER, Kind.PERSON)
        assert (str(event["STATUS"]), event["SEQUENCE"]) == ("CANCELLED", 1)
        app.clock.advance(timedelta(days=29))  # type: ignore[attr-defined]
        assert len(read(app, MEMBER, Kind.PERSON)) == 1
        app.clock.advance(timedelta(days=2))  # type: ignore[attr-defined]
        assert read(app, MEMBER, Kind.PERSON) == []

    def test_what_waits_for_the_front_desk_is_tentative(self, app: App) -> None:
        app.database.collection("spaces").update_one(
            {"_id": "raqqa-meeting"}, {"$set": {"needs_approval": True}}
        )
        bookings.create(app, call(MEMBER), booking_command())
        (event,) = read(app, MEMBER, Kind.PERSON)
        assert str(event["STATUS"]) == "TENTATIVE"

    def test_others_see_only_that_it_is_busy(self, app: App) -> None:
        bookings.create(app, call(MEMBER), booking_command(title="SECRET"))
        for kind, subject_id in ((Kind.SPACE, "raqqa-meeting"), (Kind.CENTRE, "raqqa")):
            token = link(app, STRANGER, kind, subject_id)
            assert "SECRET" not in text_of(app, STRANGER, token)
            assert "amal" not in text_of(app, STRANGER, token)
            (event,) = read(app, STRANGER, kind, subject_id)
            assert str(event["SUMMARY"]) == "محجوز"
            (event,) = read(app, STRANGER, kind, subject_id, "en")
            assert str(event["SUMMARY"]) == "Busy"
            assert str(event["LOCATION"]) == "Room, Raqqa centre"
            for insider in (MEMBER, OTHER_MEMBER, RAQQA_DESK, MANAGER):
                (event,) = read(app, insider, kind, subject_id)
                assert str(event["SUMMARY"]) == "\u2068SECRET\u2069"
                (event,) = read(app, insider, kind, subject_id, "en")
                assert str(event["SUMMARY"]) == "SECRET"

    def test_who_has_left_the_organisation_sees_no_more_through_an_old_link(self, app: App) -> None:
        bookings.create(app, call(OTHER_MEMBER), booking_command(title="SECRET"))
        token = link(app, MEMBER, Kind.PERSON)
        assert "SECRET" in text_of(app, MEMBER, token)
        left = Caller(id=MEMBER.id)
        assert "VEVENT" not in text_of(app, left, token)

    def test_a_hall_is_busy_with_its_parts(self, app: App) -> None:
        bookings.create(app, call(MEMBER), booking_command(space_id="raqqa-hall-a"))
        assert len(read(app, STRANGER, Kind.SPACE, "raqqa-hall")) == 1
        assert read(app, STRANGER, Kind.SPACE, "raqqa-meeting") == []

    def test_a_meeting_to_which_ones_organisation_goes_is_in_ones_calendar(self, app: App) -> None:
        meeting = bookings.create(
            app,
            call(MEMBER),
            booking_command(purpose="joint_meeting", title="معاً", period=period(12, 13)),
        )
        assert read(app, STRANGER, Kind.PERSON) == []
        self.come(app, meeting)
        (event,) = read(app, STRANGER, Kind.PERSON)
        assert str(event["SUMMARY"]) == "معاً"

    def test_it_leaves_their_calendar_when_it_goes_on_without_guests(self, app: App) -> None:
        meeting = bookings.create(app, call(MEMBER), booking_command(purpose="joint_meeting"))
        self.come(app, meeting)
        private = ChangeBooking(
            meeting.id, 1, None, None, None, {"purpose": "meeting", "title": "SECRET"}
        )
        bookings.change(app, call(MEMBER), private)
        assert read(app, STRANGER, Kind.PERSON) == []
        for kind, subject_id in ((Kind.SPACE, "raqqa-meeting"), (Kind.CENTRE, "raqqa")):
            (event,) = read(app, STRANGER, kind, subject_id)
            assert str(event["SUMMARY"]) == "محجوز"

    def test_a_list_that_was_left_behind_shows_nobody_what_is_no_joint_meeting(
        self, app: App
    ) -> None:
        meeting = bookings.create(app, call(MEMBER), booking_command(title="SECRET"))
        app.database.collection("guest_lists").insert_one(
            {"_id": meeting.id, "open": 0, "accepted": 2, "organisations": ["furat"]}
        )
        assert read(app, STRANGER, Kind.PERSON) == []
        assert "SECRET" not in str(read(app, STRANGER, Kind.CENTRE, "raqqa"))

    def test_called_off_it_says_so_in_the_guests_calendar(self, app: App) -> None:
        meeting = bookings.create(
            app, call(MEMBER), booking_command(purpose="joint_meeting", title="معاً")
        )
        self.come(app, meeting)
        bookings.cancel(app, call(MEMBER), CancelBooking(meeting.id, 1, None))
        (event,) = read(app, STRANGER, Kind.PERSON)
        assert (str(event["STATUS"]), str(event["SUMMARY"])) == ("CANCELLED", "معاً")

    def come(self, app: App, meeting: Booking) -> None:
        """Furat accepts an invitation."""
        asked = invitations.invite(app, call(MEMBER), Invite(meeting.id, "furat", None))
        token = app.links.reply_token(asked.id, asked.nonce)
        invitations.reply(app, call(VISITOR), Reply(token, "yes", 2))

    def test_times_are_instants_whatever_zone_a_program_knows(self, app: App) -> None:
        bookings.create(app, call(MEMBER), booking_command())
        raw = text_of(app, MEMBER, link(app, MEMBER, Kind.PERSON))
        assert "DTSTART:20261124T070000Z" in raw
        assert datetime(2026, 11, 24, 7, tzinfo=UTC) == tomorrow(10)
