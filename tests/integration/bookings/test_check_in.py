"""Check-in and no-show on the real database: codes, moments, deadlines, and what is counted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from services.bookings.app import App, new_door_code
from services.bookings.domain import timing
from services.bookings.domain.booking import Booking
from services.bookings.domain.booking_notes import Headcount
from services.bookings.domain.booking_states import Status
from services.bookings.domain.budgets import Amount, Conduct, Limits
from services.bookings.domain.deadlines import DeadlineKind
from services.bookings.domain.equipment import Equipment, Need
from services.bookings.operations import booking_deadlines, bookings, budgets, check_in, invitations
from services.bookings.schemas import bookings as booking_schemas
from services.bookings.schemas.bookings import CancelBooking, ChangeBooking
from services.bookings.schemas.check_in import CheckIn, CorrectNoShow
from services.bookings.schemas.invitations import CountHeads
from services.common import errors
from services.common.context import VISITOR, Caller
from services.common.storage.deadlines import Deadline
from services.common.storage.leases import LeaseLost
from services.common.time.period import Period
from services.common.time.slots import slots_of
from tests.support.bookings import (
    MANAGER,
    MEMBER,
    OTHER_MEMBER,
    RAQQA_DESK,
    REPRESENTATIVE,
    STRANGER,
    TABQA_DESK,
    book,
    call,
    move,
    now_is,
    open_centre,
    period,
    stored,
    told,
    tomorrow,
    work,
)
from tests.support.racing import contend
from tests.support.stack import Server

WEEK = "2026-W48"


@pytest.fixture
def app(database: Server) -> Iterator[App]:
    for app in open_centre(database.uri, Limits(40, 20)):
        yield app
        assert budgets.audit_budgets(app) == []


def arrive(
    app: App, booking: Booking, caller: Caller = RAQQA_DESK, code: str | None = None
) -> Booking:
    return check_in.check_in(app, call(caller), CheckIn(booking.id, booking.version, code))


def wrong_code(booking: Booking) -> str:
    assert booking.door_code is not None
    return f"{(int(booking.door_code) + 1) % 1_000_000:06}"


def due_at(app: App, booking: Booking) -> datetime | None:
    found = app.database.collection("deadlines").find_one(
        {"kind": DeadlineKind.BOOKING, "subject": booking.id}
    )
    return None if found is None else found["due_at"]


def fact(app: App, booking: Booking) -> dict[str, Any]:
    """The last event of the booking."""
    rows = app.database.collection("outbox").find({"event.subject": booking.id})
    data: dict[str, Any] = rows.sort("version", -1)[0]["event"]["data"]
    return data


def no_shows(app: App) -> int:
    return app.budgets.conduct("amal").no_shows


class TestDoorCode:
    def test_six_digits_and_hardly_ever_the_same(self) -> None:
        codes = [new_door_code() for _ in range(300)]
        assert all(len(code) == 6 and code.isdecimal() for code in codes)
        assert len(set(codes)) > 290

    @pytest.mark.parametrize(
        ("caller", "sees"),
        [
            (MEMBER, True),
            (OTHER_MEMBER, True),
            (REPRESENTATIVE, True),
            (MANAGER, False),
            (RAQQA_DESK, False),
            (STRANGER, False),
            (VISITOR, False),
        ],
    )
    def test_only_the_organisations_people_are_given_it(
        self, app: App, caller: Caller, sees: bool
    ) -> None:
        booking = book(app)
        expected = booking.door_code if sees else None
        assert booking_schemas.booking(booking, caller)["door_code"] == expected
        page = booking_schemas.booking_page([booking], 20, caller)
        assert page["items"][0]["door_code"] == expected

    def test_neither_events_nor_history_hold_it(self, app: App) -> None:
        booking = book(app)
        assert booking.door_code is not None
        row = app.database.collection("outbox").find_one()
        assert row is not None
        assert "door_code" not in row["event"]["data"]
        assert "door_code" not in booking.history[0].changes

    def test_it_stays_the_same_when_the_booking_moves(self, app: App) -> None:
        booking = book(app)
        moved = bookings.change(
            app,
            call(MEMBER),
            ChangeBooking(booking.id, 1, None, tomorrow(14), tomorrow(15), {}),
        )
        assert moved.door_code == booking.door_code


class TestCheckIn:
    def test_a_member_with_the_code(self, app: App) -> None:
        booking = book(app)
        now_is(app, tomorrow(10))
        there = arrive(app, booking, OTHER_MEMBER, booking.door_code)
        assert (there.status, there.checked_in_at) == (Status.CHECKED_IN, tomorrow(10))
        assert told(app, booking) == ["confirmed", "checked_in"]
        assert due_at(app, booking) == tomorrow(11)
        assert booking_schemas.booking(there, MEMBER)["door_code"] is None

    def test_the_desk_needs_no_code(self, app: App) -> None:
        booking = book(app)
        now_is(app, tomorrow(10))
        assert arrive(app, booking).history[-1].by == RAQQA_DESK.id

    def test_the_desk_is_told_of_a_wrong_code_that_somebody_shows(self, app: App) -> None:
        booking = book(app)
        now_is(app, tomorrow(10))
        with pytest.raises(errors.Conflict, match="wrong_door_code"):
            arrive(app, booking, RAQQA_DESK, wrong_code(booking))

    @pytest.mark.parametrize(
        ("moment", "opens"),
        [
            (tomorrow(9, 29), False),
            (tomorrow(9, 30), True),
            (tomorrow(10, 59), True),
            (tomorrow(11), False),
        ],
    )
    def test_from_half_an_hour_before_until_the_end(
        self, app: App, moment: datetime, opens: bool
    ) -> None:
        booking = book(app)
        now_is(app, moment)
        if opens:
            assert arrive(app, booking).status is Status.CHECKED_IN
            return
        with pytest.raises(errors.Conflict) as refusal:
            arrive(app, booking)
        assert refusal.value.code == "bookings.check_in_closed"
        assert refusal.value.params == {"minutes": 30}
        assert refusal.value.extra == {
            "opens_at": "2026-11-24T06:30:00Z",
            "closes_at": "2026-11-24T08:00:00Z",
        }

    def test_twice_is_refused(self, app: App) -> None:
        booking = book(app)
        now_is(app, tomorrow(10))
        there = arrive(app, booking)
        with pytest.raises(errors.Stale):
            arrive(app, booking)
        with pytest.raises(errors.Conflict, match="not_allowed_now"):
            arrive(app, there)

    def test_many_at_once_are_one(self, app: App) -> None:
        booking = book(app)
        now_is(app, tomorrow(10))
        outcomes = contend(*[lambda: arrive(app, booking)] * 6)
        assert len([each for each in outcomes if isinstance(each, Booking)]) == 1
        assert told(app, booking) == ["confirmed", "checked_in"]

    @pytest.mark.parametrize(
        ("caller", "refusal"),
        [
            (MANAGER, None),
            (RAQQA_DESK, None),
            (TABQA_DESK, errors.NotFound),
            (STRANGER, errors.NotFound),
            (VISITOR, errors.NotFound),
            (MEMBER, errors.Invalid),
            (REPRESENTATIVE, errors.Invalid),
        ],
    )
    def test_who_may_without_a_code(
        self, app: App, caller: Caller, refusal: type[errors.MasahaError] | None
    ) -> None:
        booking = book(app)
        now_is(app, tomorrow(10))
        if refusal is None:
            assert arrive(app, booking, caller).status is Status.CHECKED_IN
            return
        with pytest.raises(refusal):
            arrive(app, booking, caller)
        assert stored(app, booking) == booking

    def test_a_stranger_with_the_code_learns_nothing(self, app: App) -> None:
        booking = book(app)
        now_is(app, tomorrow(10))
        with pytest.raises(errors.NotFound):
            arrive(app, booking, STRANGER, booking.door_code)


class TestWrongCodes:
    def test_the_code_of_another_booking_is_refused(self, app: App) -> None:
        booking = book(app)
        other = book(app, space_id="raqqa-training")
        assert other.door_code != booking.door_code
        now_is(app, tomorrow(10))
        with pytest.raises(errors.Conflict) as refusal:
            arrive(app, booking, MEMBER, other.door_code)
        assert refusal.value.code == "bookings.wrong_door_code"
        assert stored(app, booking) == booking
        assert told(app, booking) == ["confirmed"]

    def test_after_too_many_even_the_right_one_must_wait(self, app: App) -> None:
        booking = book(app)
        now_is(app, tomorrow(9, 45))
        for _ in range(timing.MOST_WRONG_CODES):
            with pytest.raises(errors.Conflict, match="wrong_door_code"):
                arrive(app, booking, MEMBER, wrong_code(booking))
        with pytest.raises(errors.TooManyRequests) as refusal:
            arrive(app, booking, MEMBER, booking.door_code)
        assert refusal.value.code == "bookings.too_many_door_codes"
        assert refusal.value.extra == {"retry_after": 15 * 60}
        now_is(app, tomorrow(10))
        assert arrive(app, booking, MEMBER, booking.door_code).status is Status.CHECKED_IN

    def test_the_desk_can_still_check_in(self, app: App) -> None:
        booking = book(app)
        now_is(app, tomorrow(10))
        for _ in range(timing.MOST_WRONG_CODES):
            with pytest.raises(errors.Conflict):
                arrive(app, booking, MEMBER, wrong_code(booking))
        assert arrive(app, booking).status is Status.CHECKED_IN

    def test_another_booking_is_not_locked_by_it(self, app: App) -> None:
        booking, other = book(app), book(app, space_id="raqqa-training")
        now_is(app, tomorrow(10))
        for _ in range(timing.MOST_WRONG_CODES):
            with pytest.raises(errors.Conflict):
                arrive(app, booking, MEMBER, wrong_code(booking))
        assert arrive(app, other, MEMBER, other.door_code).status is Status.CHECKED_IN

    def test_who_tries_many_at_once_gets_no_more_attempts(self, app: App) -> None:
        booking = book(app)
        now_is(app, tomorrow(10))
        code = wrong_code(booking)
        outcomes = contend(*[lambda: arrive(app, booking, MEMBER, code)] * 16)
        codes = [each.code for each in outcomes if isinstance(each, errors.MasahaError)]
        assert codes.count("bookings.wrong_door_code") == timing.MOST_WRONG_CODES
        assert codes.count("bookings.too_many_door_codes") == 16 - timing.MOST_WRONG_CODES

    def test_too_early_costs_no_attempt(self, app: App) -> None:
        booking = book(app)
        for _ in range(timing.MOST_WRONG_CODES + 1):
            with pytest.raises(errors.Conflict, match="check_in_closed"):
                arrive(app, booking, MEMBER, wrong_code(booking))


class TestNoShow:
    def test_after_the_grace_it_is_marked_kept_and_counted(self, app: App) -> None:
        booking = book(app, period=period(10, 12))
        now_is(app, tomorrow(10, 15) - timedelta(milliseconds=1))
        assert work(app) == 0
        now_is(app, tomorrow(10, 15))
        assert work(app) == 1
        gone = stored(app, booking)
        assert (gone.status, gone.version, gone.period) == (Status.NO_SHOW, 2, period(10, 12))
        assert told(app, booking) == ["confirmed", "no_show"]
        assert budgets.get(app, call(MEMBER), "amal").conduct == Conduct(no_shows=1)
        assert app.budgets.week("amal", WEEK).used == Amount(120, 1)
        assert due_at(app, booking) is None

    def test_the_rest_of_its_time_is_free_and_no_more(self, app: App) -> None:
        booking = book(app, period=period(10, 12))
        now_is(app, tomorrow(10, 16))
        work(app)
        claim = stored(app, booking).claim
        assert claim is not None
        assert claim.period == Period(tomorrow(10), tomorrow(10, 30))
        rest = Period(tomorrow(10, 30), tomorrow(12))
        walk_in = book(app, STRANGER, organisation_id="furat", period=rest)
        assert walk_in.status is Status.CONFIRMED
        row = app.database.collection("outbox").find_one(
            {"event.subject": booking.id, "version": 2}
        )
        assert row is not None
        assert row["event"]["data"]["free_from"] == "2026-11-24T07:30:00Z"

    def test_who_is_checked_in_is_none(self, app: App) -> None:
        booking = book(app)
        now_is(app, tomorrow(10, 14))
        arrive(app, booking)
        now_is(app, tomorrow(10, 30))
        assert work(app) == 0

    def test_a_cancelled_booking_is_none(self, app: App) -> None:
        booking = book(app)
        bookings.cancel(app, call(MEMBER), CancelBooking(booking.id, 1, None))
        assert due_at(app, booking) is None

    def test_a_moved_booking_is_waited_for_at_its_new_time(self, app: App) -> None:
        booking = book(app)
        assert due_at(app, booking) == tomorrow(10, 15)
        bookings.change(
            app, call(MEMBER), ChangeBooking(booking.id, 1, None, tomorrow(14), tomorrow(15), {})
        )
        assert due_at(app, booking) == tomorrow(14, 15)
        now_is(app, tomorrow(11))
        assert work(app) == 0

    def test_a_worker_that_was_away_for_long_marks_it_and_holds_it_against_nobody(
        self, app: App
    ) -> None:
        booking = book(app)
        now_is(app, tomorrow(20))
        assert work(app) == 1
        assert stored(app, booking).status is Status.NO_SHOW
        assert stored(app, booking).claim == booking.claim
        assert no_shows(app) == 0
        assert fact(app, booking)["counted"] is False

    def test_a_worker_that_is_a_little_late_counts_it(self, app: App) -> None:
        booking = book(app)
        now_is(app, tomorrow(10, 15) + timing.MISSED_BY)
        work(app)
        assert no_shows(app) == 1
        assert fact(app, booking)["counted"] is True

    def test_who_is_in_the_room_when_the_worker_comes_back_has_another_grace(
        self, app: App
    ) -> None:
        booking = book(app, period=period(10, 12))
        now_is(app, tomorrow(10, 40))
        assert work(app) == 1
        waited_for = stored(app, booking)
        assert (waited_for.status, waited_for.version) == (Status.CONFIRMED, 1)
        assert due_at(app, booking) == waited_for.due_at == tomorrow(10, 55)
        assert told(app, booking) == ["confirmed"]
        assert arrive(app, booking).status is Status.CHECKED_IN

    def test_who_is_not_seen_in_that_grace_gives_the_room_back_uncounted(self, app: App) -> None:
        booking = book(app, period=period(10, 12))
        now_is(app, tomorrow(10, 40))
        work(app)
        now_is(app, tomorrow(10, 55))
        work(app)
        gone = stored(app, booking)
        assert gone.status is Status.NO_SHOW
        assert gone.claim is not None
        assert gone.claim.period.ends_at == tomorrow(11)
        assert no_shows(app) == 0

    def test_the_other_grace_ends_with_the_booking(self, app: App) -> None:
        booking = book(app)
        now_is(app, tomorrow(10, 50))
        work(app)
        assert due_at(app, booking) == tomorrow(11)
        now_is(app, tomorrow(11))
        work(app)
        assert stored(app, booking).status is Status.NO_SHOW
        assert no_shows(app) == 0

    def test_arriving_and_giving_up_at_once_have_one_winner(self, app: App) -> None:
        for room in ("raqqa-meeting", "raqqa-training", "raqqa-hall-a", "raqqa-hall"):
            when = period(13, 14) if room == "raqqa-hall" else period(10, 11)
            book(app, space_id=room, period=when)
        now_is(app, tomorrow(10, 15))
        claimed = [app.deadlines.claim() for _ in range(3)]
        for deadline in claimed:
            assert deadline is not None
            booking = app.bookings.get(deadline.subject)

            def give_up(deadline: Deadline = deadline) -> None:
                with suppress(LeaseLost):
                    booking_deadlines.run_deadline(app, deadline)

            contend(lambda one=booking: arrive(app, one), give_up)
            after = stored(app, booking)
            assert after.status in (Status.CHECKED_IN, Status.NO_SHOW)
            assert told(app, booking) == ["confirmed", after.status.value]


class TestCorrection:
    """Marked as a no-show, although they were there."""

    def gone(self, app: App, *booked: Booking, minutes: int = 1) -> list[Booking]:
        """The bookings as they are some minutes after the grace of the first of them."""
        now_is(app, booked[0].period.starts_at + timing.NO_SHOW_GRACE + timedelta(minutes=minutes))
        work(app)
        found = [stored(app, each) for each in booked]
        assert {each.status for each in found} == {Status.NO_SHOW}
        return found

    def missed(self, app: App) -> Booking:
        (booking,) = self.gone(app, book(app, period=period(10, 12)))
        return booking

    def correct(self, app: App, booking: Booking, caller: Caller = RAQQA_DESK) -> Booking:
        command = CorrectNoShow(booking.id, booking.version, "كانوا في القاعة")
        return check_in.correct_no_show(app, call(caller), command)

    def test_it_is_as_if_they_had_been_checked_in(self, app: App) -> None:
        gone = self.missed(app)
        assert no_shows(app) == 1
        there = self.correct(app, gone)
        assert (there.status, there.version) == (Status.CHECKED_IN, 3)
        assert stored(app, gone) == there
        assert no_shows(app) == 0
        assert app.budgets.week("amal", WEEK).used == Amount(120, 1)
        entry = there.history[-1]
        assert (entry.action, entry.by, entry.reason) == ("correct", "desk", "كانوا في القاعة")
        assert told(app, gone) == ["confirmed", "no_show", "no_show_corrected"]
        assert fact(app, gone)["reason"] == "كانوا في القاعة"

    def test_what_is_left_of_their_time_is_theirs_again(self, app: App) -> None:
        gone = self.missed(app)
        there = self.correct(app, gone)
        assert there.claim is not None
        assert there.claim.period == period(10, 12)
        with pytest.raises(errors.Conflict, match="space_taken"):
            book(app, STRANGER, organisation_id="furat", period=period(11, 12))
        now_is(app, tomorrow(12))
        work(app)
        assert stored(app, gone).status is Status.COMPLETED

    def test_while_somebody_else_has_it_it_must_wait(self, app: App) -> None:
        gone = self.missed(app)
        walk_in = book(app, STRANGER, organisation_id="furat", period=period(11, 12))
        with pytest.raises(errors.Conflict, match="space_taken"):
            self.correct(app, gone)
        assert stored(app, gone) == gone
        assert no_shows(app) == 1
        now_is(app, tomorrow(12))
        assert self.correct(app, gone).claim == gone.claim
        assert no_shows(app) == 0
        assert stored(app, walk_in).claim == walk_in.claim

    def test_what_others_had_in_between_stays_theirs(self, app: App) -> None:
        gone = self.missed(app)
        rest = Period(tomorrow(10, 30), tomorrow(11))
        walk_in = book(app, STRANGER, organisation_id="furat", period=rest)
        now_is(app, tomorrow(10, 50))
        there = self.correct(app, gone)
        assert gone.claim is not None
        assert there.claim is not None
        left = Period(tomorrow(11), tomorrow(12))
        assert there.claim.period == period(10, 12)
        assert there.claim.slots == (*gone.claim.slots, *slots_of(("raqqa-meeting",), left))
        assert stored(app, there) == there
        assert stored(app, walk_in).claim == walk_in.claim

    def test_longer_buffers_of_today_take_nothing_from_others(self, app: App) -> None:
        early = book(app, STRANGER, organisation_id="furat", period=period(9, 10))
        gone = self.missed(app)
        late = book(app, STRANGER, organisation_id="furat", period=period(12, 13))
        app.database.collection("spaces").update_one(
            {"_id": "raqqa-meeting"},
            {"$set": {"buffer_before": 1800, "buffer_after": 1800}},
        )
        assert app.centres.space("raqqa-meeting").buffer_after == timedelta(minutes=30)
        there = self.correct(app, gone)
        assert there.claim is not None
        assert there.claim.period == period(10, 12)
        assert [stored(app, each).claim for each in (early, late)] == [early.claim, late.claim]

    def test_the_buffers_that_it_had_are_its_own_again(self, app: App) -> None:
        buffers = {"buffer_before_minutes": 15, "buffer_after_minutes": 30}
        spaces = app.database.collection("spaces")
        spaces.update_one({"_id": "raqqa-meeting"}, {"$set": buffers})
        booking = book(app, period=period(10, 12))
        spaces.update_one({"_id": "raqqa-meeting"}, {"$set": dict.fromkeys(buffers, 0)})
        (gone,) = self.gone(app, booking)
        assert self.correct(app, gone).claim == booking.claim

    def test_one_marked_before_its_bounds_were_kept_has_its_own_time(self, app: App) -> None:
        gone = self.missed(app)
        app.database.collection("bookings").update_one(
            {"_id": gone.id}, {"$unset": {"claimed_until": ""}}
        )
        there = self.correct(app, gone)
        assert there.claim is not None
        assert there.claim.period == period(10, 12)

    def test_equipment_that_somebody_has_by_now_is_replaced(self, app: App) -> None:
        gone, other = self.lent(app, quantity=2)
        there = self.correct(app, gone)
        assert gone.claim is not None
        assert there.claim is not None
        assert (gone.claim.units, there.claim.units) == (("projector#1",), ("projector#2",))
        rest = slots_of(("raqqa-meeting", "projector#2"), Period(tomorrow(10, 30), tomorrow(12)))
        assert there.claim.slots == (*gone.claim.slots, *rest)
        assert stored(app, there) == there
        assert stored(app, other).claim == other.claim

    def test_equipment_that_is_gone_by_now_refuses_it(self, app: App) -> None:
        gone, _ = self.lent(app, quantity=1)
        with pytest.raises(errors.Conflict, match="equipment_taken"):
            self.correct(app, gone)
        assert stored(app, gone) == gone

    def lent(self, app: App, quantity: int) -> tuple[Booking, Booking]:
        """A no-show that had the first projector, and who has that for the rest of its time."""
        app.equipment.seed([Equipment("projector", "raqqa", {"ar": "جهاز عرض"}, quantity)])
        needs = (Need("projector", 1),)
        (gone,) = self.gone(app, book(app, period=period(10, 12), equipment=needs))
        other = book(
            app,
            STRANGER,
            organisation_id="furat",
            space_id="raqqa-training",
            period=period(11, 12),
            equipment=needs,
        )
        assert other.claim is not None
        assert other.claim.units == ("projector#1",)
        return gone, other

    def test_when_the_time_is_over_it_is_completed_and_can_be_counted(self, app: App) -> None:
        gone = self.missed(app)
        now_is(app, tomorrow(15))
        self.correct(app, gone)
        work(app)
        done = stored(app, gone)
        assert (done.status, done.claim) == (Status.COMPLETED, gone.claim)
        command = CountHeads(done.id, done.version, 4, 3)
        assert invitations.count_heads(app, call(MEMBER), command).headcount == Headcount(4, 3)

    def test_what_was_not_counted_is_not_given_back(self, app: App) -> None:
        counted, uncounted = book(app), book(app, period=period(13, 14))
        self.gone(app, counted)
        (late,) = self.gone(app, uncounted, minutes=200)
        assert no_shows(app) == 1
        self.correct(app, late)
        assert no_shows(app) == 1

    def test_what_was_marked_before_there_was_a_grace_was_counted(self, app: App) -> None:
        gone = self.missed(app)
        app.database.collection("bookings").update_one(
            {"_id": gone.id}, {"$unset": {"grace_until": ""}}
        )
        self.correct(app, gone)
        assert no_shows(app) == 0

    def test_for_so_long_and_no_longer(self, app: App) -> None:
        one, other = self.gone(app, book(app), book(app, space_id="raqqa-training"))
        now_is(app, one.updated_at + timing.CORRECTABLE)
        self.correct(app, one)
        now_is(app, other.updated_at + timing.CORRECTABLE + timedelta(milliseconds=1))
        with pytest.raises(errors.Conflict, match="correction_closed") as refusal:
            self.correct(app, other)
        assert refusal.value.params == {"days": 7}
        assert stored(app, other) == other

    @pytest.mark.parametrize(
        ("caller", "refusal"),
        [
            (MEMBER, errors.Forbidden),
            (REPRESENTATIVE, errors.Forbidden),
            (STRANGER, errors.NotFound),
            (TABQA_DESK, errors.NotFound),
            (VISITOR, errors.NotFound),
        ],
    )
    def test_staff_alone_say_so(
        self, app: App, caller: Caller, refusal: type[errors.MasahaError]
    ) -> None:
        gone = self.missed(app)
        with pytest.raises(refusal):
            self.correct(app, gone, caller)
        assert self.correct(app, gone, MANAGER).status is Status.CHECKED_IN

    def test_nothing_else_is_corrected_so_nor_twice(self, app: App) -> None:
        booking = book(app, space_id="raqqa-training")
        with pytest.raises(errors.Conflict, match="not_allowed_now"):
            self.correct(app, booking)
        gone = self.missed(app)
        with pytest.raises(errors.Stale):
            self.correct(app, replace(gone, version=1))
        outcomes = contend(*[lambda: self.correct(app, gone)] * 3)
        assert sum(isinstance(each, Booking) for each in outcomes) == 1
        assert no_shows(app) == 1  # `booking` itself, meanwhile.


class TestCompletion:
    def test_who_came_has_completed_at_the_end(self, app: App) -> None:
        booking = book(app)
        now_is(app, tomorrow(10))
        arrive(app, booking)
        now_is(app, tomorrow(11) - timedelta(seconds=1))
        assert work(app) == 0
        now_is(app, tomorrow(11))
        assert work(app) == 1
        assert stored(app, booking).status is Status.COMPLETED
        assert told(app, booking) == ["confirmed", "checked_in", "completed"]
        assert budgets.get(app, call(MEMBER), "amal").conduct == Conduct()
        assert app.budgets.week("amal", WEEK).used == Amount(60, 1)


class TestLateCancellation:
    def cancel(self, app: App, booking: Booking, caller: Caller) -> Booking:
        return bookings.cancel(app, call(caller), CancelBooking(booking.id, booking.version, None))

    @pytest.mark.parametrize(
        ("caller", "moment", "late"),
        [
            (MEMBER, tomorrow(10) - timing.LATE_CANCELLATION, False),
            (MEMBER, tomorrow(10) - timing.LATE_CANCELLATION + timedelta(seconds=1), True),
            (REPRESENTATIVE, tomorrow(10, 5), True),
            (RAQQA_DESK, tomorrow(9), False),
            (MANAGER, tomorrow(9), False),
        ],
    )
    def test_called_off_late_by_its_own_people_it_is_marked_and_counted(
        self, app: App, caller: Caller, moment: datetime, late: bool
    ) -> None:
        booking = book(app)
        now_is(app, moment)
        cancelled = self.cancel(app, booking, caller)
        assert cancelled.cancelled_late is late
        assert stored(app, booking) == cancelled
        conduct = budgets.get(app, call(MEMBER), "amal").conduct
        assert conduct == Conduct(late_cancellations=int(late))
        assert app.budgets.week("amal", WEEK).used == Amount()

    @pytest.mark.parametrize(
        ("mover", "moment", "late"),
        [
            (MEMBER, tomorrow(9), True),
            (REPRESENTATIVE, tomorrow(10) - timing.LATE_CANCELLATION + timedelta(seconds=1), True),
            (MEMBER, tomorrow(10) - timing.LATE_CANCELLATION, False),
            (RAQQA_DESK, tomorrow(9), False),
        ],
    )
    def test_a_time_given_up_late_stays_so_when_the_booking_is_moved_and_called_off(
        self, app: App, mover: Caller, moment: datetime, late: bool
    ) -> None:
        booking = book(app)
        now_is(app, moment)
        moved = move(app, booking, Period(tomorrow(10 + 24 * 28), tomorrow(11 + 24 * 28)), mover)
        now_is(app, moment + timedelta(days=3))
        cancelled = self.cancel(app, moved, MEMBER)
        assert cancelled.cancelled_late is late
        assert app.budgets.conduct("amal") == Conduct(late_cancellations=int(late))

    def test_so_it_does_where_the_new_time_has_to_be_approved(self, app: App) -> None:
        booking = book(app)
        app.database.collection("spaces").update_one(
            {"_id": booking.space_id}, {"$set": {"needs_approval": True}}
        )
        now_is(app, tomorrow(9))
        moved = move(app, booking, Period(tomorrow(10 + 24 * 28), tomorrow(11 + 24 * 28)))
        assert moved.status is Status.PENDING
        assert self.cancel(app, moved, MEMBER).cancelled_late

    def test_staff_who_call_it_off_then_mark_nothing(self, app: App) -> None:
        booking = book(app)
        now_is(app, tomorrow(9))
        moved = move(app, booking, Period(tomorrow(10 + 24 * 28), tomorrow(11 + 24 * 28)))
        assert not self.cancel(app, moved, RAQQA_DESK).cancelled_late

    def test_what_is_held_at_its_new_time_is_held_against_nobody(self, app: App) -> None:
        booking = book(app)
        now_is(app, tomorrow(9))
        moved = move(app, booking, period(14, 15))
        now_is(app, tomorrow(14))
        arrive(app, moved)
        now_is(app, tomorrow(15))
        work(app)
        assert app.budgets.conduct("amal") == Conduct()
