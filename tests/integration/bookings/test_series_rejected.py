"""Rejected occurrences on the real database: what becomes of them while their series changes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from services.bookings.app import App
from services.bookings.domain.booking import Booking
from services.bookings.domain.series import OnConflict, Schedule, Scope
from services.bookings.operations import bookings, invitations, series
from services.bookings.schemas.bookings import CancelBooking, ChangeBooking
from services.bookings.schemas.invitations import Invite, Reply
from services.common import errors
from services.common.context import VISITOR
from services.common.time.period import Period
from tests.support.bookings import (
    MEMBER,
    STRANGER,
    booking_command,
    call,
    open_centre,
    tomorrow,
)
from tests.support.closures import close
from tests.support.series import WEEK, cancel, change, events, in_the_way, made, retry, starts
from tests.support.stack import Server

SKIP = OnConflict.SKIP
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def app(database: Server) -> Iterator[App]:
    yield from open_centre(database.uri)


def blocked(app: App, from_: datetime, space_id: str = "raqqa-meeting") -> Booking:
    """Another booking has the space for the hour that begins then."""
    command = booking_command(
        organisation_id="furat", period=Period(from_, from_ + HOUR), space_id=space_id
    )
    return bookings.create(app, call(STRANGER), command)


def free(app: App, *others: Booking) -> None:
    for each in others:
        bookings.cancel(app, call(STRANGER), CancelBooking(each.id, 1, None))


def read(app: App, found: Schedule) -> Schedule:
    return series.get(app, call(MEMBER), found.series.id)


def occurrence(app: App, found: Schedule, number: int) -> Booking:
    return app.bookings.get(found.occurrences[number].booking_id)


def wanted(found: Schedule) -> list[datetime]:
    return [each.period.starts_at for each in found.series.rejected]


class TestAnOccurrenceThatStaysWhereItWas:
    def test_only_what_was_wanted_of_it_last_is_tried_again(self, app: App) -> None:
        found = made(app)
        others = [blocked(app, tomorrow(hour) + WEEK) for hour in (11, 13)]
        found = change(app, found, shift=HOUR, on_conflict=SKIP)
        found = change(app, found, shift=2 * HOUR, on_conflict=SKIP)
        # Where the others are by now.
        assert wanted(found) == [tomorrow(13) + WEEK]
        free(app, *others)
        again = retry(app, found)
        assert again.series.rejected == ()
        assert starts(again)[1] == tomorrow(13) + WEEK

    def test_there_are_never_more_of_them_than_occurrences(self, app: App) -> None:
        found = made(app)
        rooms = ("raqqa-training", "raqqa-hall")
        for week in (1, 2):
            for room in rooms:
                blocked(app, tomorrow(10) + week * WEEK, room)
        for room in rooms * 3:
            found = change(app, found, space_id=room, on_conflict=SKIP)
            assert [each.space_id for each in found.series.rejected] == [room, room]

    def test_nothing_more_is_wanted_of_one_that_moves(self, app: App) -> None:
        found = made(app)
        other = blocked(app, tomorrow(11) + WEEK)
        found = change(app, found, shift=HOUR, on_conflict=SKIP)
        this = found.series.rejected[0].booking_id
        found = change(app, found, Scope.THIS, booking_id=this, shift=4 * HOUR)
        assert found.series.rejected == ()
        free(app, other)
        assert retry(app, found) == found

    def test_nor_of_one_that_somebody_moves_by_itself(self, app: App) -> None:
        others = [in_the_way(app, 3)]
        found = made(app, on_conflict=SKIP)
        others.append(blocked(app, tomorrow(11) + WEEK))
        found = change(app, found, shift=HOUR, on_conflict=SKIP)
        moved = occurrence(app, found, 1)
        by_hand = Period(tomorrow(15) + WEEK, tomorrow(16) + WEEK)
        command = ChangeBooking(
            moved.id, moved.version, None, by_hand.starts_at, by_hand.ends_at, {}
        )
        bookings.change(app, call(MEMBER), command)
        free(app, *others)
        again = retry(app, found)
        assert again.series.rejected == ()
        assert starts(again)[1] == by_hand.starts_at
        assert len(again.occurrences) == 4

    def test_nor_of_one_that_is_called_off(self, app: App) -> None:
        found = made(app)
        blocked(app, tomorrow(11) + WEEK)
        found = change(app, found, shift=HOUR, on_conflict=SKIP)
        this = found.series.rejected[0].booking_id
        found = cancel(app, found, Scope.THIS, booking_id=this)
        assert found.series.rejected == ()

    def test_a_new_title_is_no_move(self, app: App) -> None:
        found = made(app)
        other = blocked(app, tomorrow(11) + WEEK)
        found = change(app, found, shift=HOUR, on_conflict=SKIP)
        found = change(app, found, details={"title": "New"})
        assert wanted(found) == [tomorrow(11) + WEEK]
        free(app, other)
        again = retry(app, found)
        assert (starts(again)[1], again.series.rejected) == (tomorrow(11) + WEEK, ())
        assert occurrence(app, again, 1).title == "New"

    def test_it_gets_the_details_too_that_were_wanted_with_the_time(self, app: App) -> None:
        found = made(app)
        other = blocked(app, tomorrow(11) + WEEK)
        details = {"title": "Later", "people": 6}
        found = change(app, found, shift=HOUR, details=details, on_conflict=SKIP)
        assert occurrence(app, found, 1).title == "Weekly"
        assert read(app, found).series.rejected == found.series.rejected
        free(app, other)
        again = retry(app, found)
        booking = occurrence(app, again, 1)
        assert (booking.title, booking.people) == ("Later", 6)
        assert booking.period.starts_at == tomorrow(11) + WEEK

    def test_people_that_guests_had_left_no_room_for_are_tried_again_too(self, app: App) -> None:
        found = made(app, purpose="joint_meeting", people=4)
        this = found.occurrences[1].booking_id
        invitation = invitations.invite(app, call(MEMBER), Invite(this, "furat", None))
        token = app.links.reply_token(invitation.id, invitation.nonce)
        invitations.reply(app, call(VISITOR), Reply(token, "yes", 8))
        found = change(app, found, details={"people": 6}, on_conflict=SKIP)
        assert [each.code for each in found.series.rejected] == ["bookings.guests_do_not_fit"]
        assert retry(app, found) == found
        invitations.reply(app, call(VISITOR), Reply(token, "no", 1))
        again = retry(app, found)
        assert again.series.rejected == ()
        assert occurrence(app, again, 1).people == 6


class TestAnOccurrenceWithoutABooking:
    def test_it_moves_with_all(self, app: App) -> None:
        other = in_the_way(app, 1)
        found = made(app, on_conflict=SKIP)
        found = change(app, found, shift=2 * HOUR, length=2 * HOUR, space_id="raqqa-training")
        (rejected,) = found.series.rejected
        assert rejected.period == Period(tomorrow(12) + WEEK, tomorrow(14) + WEEK)
        assert (rejected.space_id, rejected.code) == ("raqqa-training", "bookings.not_tried")
        assert rejected.alternatives == ()
        free(app, other)
        again = retry(app, found)
        assert starts(again) == [tomorrow(12) + n * WEEK for n in range(4)]
        assert {each.space_id for each in again.occurrences} == {"raqqa-training"}

    def test_it_goes_with_the_following(self, app: App) -> None:
        others = [in_the_way(app, week) for week in (1, 3)]
        found = made(app, rule="FREQ=WEEKLY;COUNT=5", on_conflict=SKIP)
        pivot = found.occurrences[1].booking_id
        after = change(app, found, Scope.FOLLOWING, booking_id=pivot, shift=HOUR)
        earlier = read(app, found)
        assert wanted(earlier) == [tomorrow(10) + WEEK]
        assert wanted(after) == [tomorrow(11) + 3 * WEEK]
        free(app, *others)
        assert starts(retry(app, earlier)) == [tomorrow(10), tomorrow(10) + WEEK]
        assert starts(retry(app, after)) == [tomorrow(11) + n * WEEK for n in (2, 3, 4)]

    def test_a_change_of_one_leaves_it(self, app: App) -> None:
        in_the_way(app, 1)
        found = made(app, on_conflict=SKIP)
        this = found.occurrences[0].booking_id
        after = change(app, found, Scope.THIS, booking_id=this, shift=HOUR)
        assert after.series.rejected == found.series.rejected

    def test_one_whose_time_is_over_stays(self, app: App) -> None:
        in_the_way(app, 1)
        found = made(app, on_conflict=SKIP)
        app.clock.advance(10 * DAY)  # type: ignore[attr-defined]
        after = change(app, found, shift=HOUR)
        assert after.series.rejected == found.series.rejected

    def test_what_follows_is_called_off_with_it(self, app: App) -> None:
        for week in (1, 3):
            in_the_way(app, week)
        found = made(app, on_conflict=SKIP)
        this = found.occurrences[1].booking_id
        after = cancel(app, found, Scope.FOLLOWING, booking_id=this)
        assert wanted(after) == [tomorrow(10) + WEEK]


def test_what_was_wanted_of_a_booking_goes_with_the_booking(app: App) -> None:
    """Also where it was wanted at a time that belongs to the following."""
    found = made(app)
    other = blocked(app, tomorrow(10) + 2 * WEEK + DAY)
    found = change(app, found, shift=8 * DAY, on_conflict=SKIP)
    (rejected,) = found.series.rejected
    stays, pivot = found.occurrences[:2]
    assert rejected.booking_id == stays.booking_id
    assert stays.period.starts_at < pivot.period.starts_at < rejected.period.starts_at
    after = change(
        app, found, Scope.FOLLOWING, booking_id=pivot.booking_id, details={"title": "New"}
    )
    earlier = read(app, found)
    assert (wanted(earlier), wanted(after)) == ([rejected.period.starts_at], [])
    free(app, other)
    assert starts(retry(app, earlier)) == [rejected.period.starts_at]


def test_entries_that_were_written_twice_for_one_booking_are_one(app: App) -> None:
    """As they may be in the database from before."""
    found = made(app)
    other = blocked(app, tomorrow(11) + WEEK)
    found = change(app, found, shift=HOUR, on_conflict=SKIP)
    stored = app.database.collection("booking_series")
    (entry,) = stored.find_one({"_id": found.series.id})["rejected"]  # type: ignore[index]
    for name in ("booking_version", "details"):
        del entry[name]
    earlier = {**entry, "id": "earlier", "rejected_at": entry["rejected_at"] - DAY}
    stored.update_one(
        {"_id": found.series.id},
        {"$set": {"rejected": [{**earlier, "starts_at": tomorrow(15) + WEEK}, entry]}},
    )
    free(app, other)
    again = retry(app, found)
    assert (starts(again)[1], again.series.rejected) == (tomorrow(11) + WEEK, ())
    with pytest.raises(errors.Stale):
        retry(app, found)


def test_a_wish_from_before_is_none_for_what_was_moved_before_it(app: App) -> None:
    """As it may be in the database, without the version at which its booking stayed."""
    found = change(app, made(app), shift=HOUR)
    app.clock.advance(timedelta(minutes=1))  # type: ignore[attr-defined]
    other = blocked(app, tomorrow(12) + WEEK)
    found = change(app, found, shift=HOUR, on_conflict=SKIP)
    stored = app.database.collection("booking_series")
    stored.update_one({"_id": found.series.id}, {"$unset": {"rejected.$[].booking_version": ""}})
    app.clock.advance(timedelta(minutes=1))  # type: ignore[attr-defined]
    found = change(app, read(app, found), details={"title": "New"})
    assert wanted(found) == [tomorrow(12) + WEEK]
    free(app, other)
    again = retry(app, found)
    assert (starts(again)[1], again.series.rejected) == (tomorrow(12) + WEEK, ())


def test_a_retry_names_what_stands_in_the_way_by_then(app: App) -> None:
    other = in_the_way(app, 1)
    found = made(app, on_conflict=SKIP)
    assert [each.code for each in found.series.rejected] == ["bookings.space_taken"]
    told = len(events(app))
    close(app, period=Period(tomorrow(9) + WEEK, tomorrow(17) + WEEK))
    bookings.cancel(app, call(STRANGER), CancelBooking(other.id, 1, None))
    again = retry(app, found)
    assert [each.code for each in again.series.rejected] == ["bookings.space_closed"]
    assert again.series.version == found.series.version + 1
    assert not [each for each in events(app)[told:] if each.startswith("series")]
    assert retry(app, again) == again
