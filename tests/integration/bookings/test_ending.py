"""A meeting that is going on: ended, shortened, extended, or checked in by mistake."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from services.bookings.app import App
from services.bookings.domain import rules, timing
from services.bookings.domain.booking import Booking
from services.bookings.domain.booking_states import Status
from services.bookings.domain.budgets import Amount, Limits
from services.bookings.domain.equipment import Equipment, Need
from services.bookings.domain.waitlist import EntryStatus
from services.bookings.operations import (
    approval,
    bookings,
    budgets,
    check_in,
    ending,
    invitations,
    waitlist,
)
from services.bookings.schemas.approval import ApproveBooking, SetSpaceApproval
from services.bookings.schemas.bookings import ChangeBooking
from services.bookings.schemas.budgets import SetBudget
from services.bookings.schemas.check_in import CheckIn, EndBooking, UndoCheckIn
from services.bookings.schemas.invitations import CountHeads, Invite
from services.common import errors
from services.common.context import Caller
from services.common.time.period import Period
from tests.support.bookings import (
    MANAGER,
    MEMBER,
    OTHER_MEMBER,
    RAQQA_DESK,
    STRANGER,
    TABQA_DESK,
    book,
    call,
    changed_so_often,
    events,
    free,
    let_worker_work,
    now_is,
    open_centre,
    period,
    stored,
    told,
    tomorrow,
    wish,
)
from tests.support.bookkeeping import faults
from tests.support.stack import Server

WEEK = "2026-W48"
PROJECTOR = "raqqa-projector"


@pytest.fixture
def app(database: Server) -> Iterator[App]:
    for app in open_centre(database.uri, Limits(40, 20)):
        yield app
        let_worker_work(app)
        assert faults(app) == []


def going_on(app: App, minutes: int = 30, **values: Any) -> Booking:
    """Ten to twelve; its people were checked in, some minutes ago."""
    booking = book(app, **{"period": period(10, 12), **values})
    now_is(app, tomorrow(10))
    check_in.check_in(app, call(RAQQA_DESK), CheckIn(booking.id, booking.version))
    now_is(app, tomorrow(10, minutes))
    return stored(app, booking)


def end(app: App, booking: Booking, caller: Caller = MEMBER) -> Booking:
    return ending.end_booking(app, call(caller), EndBooking(booking.id, booking.version))


def end_at(app: App, booking: Booking, ends_at: datetime, caller: Caller = MEMBER) -> Booking:
    command = ChangeBooking(booking.id, booking.version, None, None, ends_at, {})
    return bookings.change(app, call(caller), command)


def undo(app: App, booking: Booking, caller: Caller = RAQQA_DESK) -> Booking:
    command = UndoCheckIn(booking.id, booking.version, "Others came")
    return ending.undo_check_in(app, call(caller), command)


class TestEnd:
    @pytest.mark.parametrize("caller", [MEMBER, RAQQA_DESK, MANAGER])
    def test_its_rest_is_free_at_once(self, app: App, caller: Caller) -> None:
        after = end(app, going_on(app, minutes=31), caller)
        assert (after.status, after.period) == (
            Status.COMPLETED,
            Period(tomorrow(10), tomorrow(10, 45)),
        )
        assert Period(tomorrow(10, 45), tomorrow(17)) in free(app)
        assert told(app, after)[-1] == "ended"
        assert events(app)[-1]["data"]["previous_ends_at"] == "2026-11-24T09:00:00Z"

    def test_on_the_raster_it_ends_now(self, app: App) -> None:
        assert end(app, going_on(app, minutes=30)).period.ends_at == tomorrow(10, 30)

    def test_its_room_is_cleaned_before_others_come(self, app: App) -> None:
        end(app, going_on(app, space_id="raqqa-training"))
        assert Period(tomorrow(10, 45), tomorrow(17)) in free(app, "raqqa-training")

    def test_the_budget_counts_what_was_used(self, app: App) -> None:
        end(app, going_on(app))
        assert app.budgets.week("amal", WEEK).used == Amount(30, 1)

    def test_its_equipment_is_free(self, app: App) -> None:
        app.equipment.seed([Equipment(PROJECTOR, "raqqa", {"ar": "جهاز عرض"}, 1)])
        one = (Need(PROJECTOR, 1),)
        end(app, going_on(app, equipment=one))
        book(app, space_id="raqqa-training", period=period(11, 12), equipment=one)

    def test_ended_before_its_start_it_has_a_quarter_of_an_hour(self, app: App) -> None:
        booking = book(app, period=period(10, 12))
        now_is(app, tomorrow(9, 40))
        check_in.check_in(app, call(RAQQA_DESK), CheckIn(booking.id, 1))
        assert end(app, stored(app, booking)).period == Period(tomorrow(10), tomorrow(10, 15))

    def test_who_was_there_can_still_be_counted(self, app: App) -> None:
        after = end(app, going_on(app))
        command = CountHeads(after.id, after.version, 5, 4)
        counted = invitations.count_heads(app, call(RAQQA_DESK), command)
        assert counted.headcount is not None

    def test_guests_get_no_mail_of_a_meeting_that_they_are_at(self, app: App) -> None:
        meeting = book(app, period=period(10, 12), purpose="joint_meeting")
        invitations.invite(app, call(MEMBER), Invite(meeting.id, "furat", None))
        now_is(app, tomorrow(10))
        version = stored(app, meeting).version
        check_in.check_in(app, call(RAQQA_DESK), CheckIn(meeting.id, version))
        now_is(app, tomorrow(10, 30))
        end(app, stored(app, meeting))
        assert not [each for each in events(app) if "invitation.changed" in each["type"]]

    def test_the_freed_time_is_offered_to_who_waits(self, app: App) -> None:
        booking = going_on(app, period=period(10, 14))
        entry = waitlist.join(app, call(STRANGER), wish(window=period(12, 13)))
        let_worker_work(app)
        assert app.waitlist.get(entry.id).status is EntryStatus.WAITING
        end(app, booking)
        let_worker_work(app)
        assert app.waitlist.get(entry.id).status is EntryStatus.OFFERED

    def test_others_may_not(self, app: App) -> None:
        booking = going_on(app)
        with pytest.raises(errors.Forbidden):
            end(app, booking, OTHER_MEMBER)
        for caller in (STRANGER, TABQA_DESK):
            with pytest.raises(errors.NotFound):
                end(app, booking, caller)

    def test_what_is_not_going_on_cannot_be_ended(self, app: App) -> None:
        booking = book(app)
        with pytest.raises(errors.Conflict, match=r"bookings\.not_allowed_now"):
            end(app, booking)
        again = end(app, going_on(app, period=period(10, 12), space_id="raqqa-training"))
        with pytest.raises(errors.Conflict, match=r"bookings\.not_allowed_now"):
            end(app, again)
        with pytest.raises(errors.Stale):
            end(app, replace(again, version=1))


class TestOtherEnd:
    def test_shorter(self, app: App) -> None:
        after = end_at(app, going_on(app), tomorrow(11))
        assert (after.status, after.period.ends_at) == (Status.CHECKED_IN, tomorrow(11))
        assert Period(tomorrow(11), tomorrow(17)) in free(app)
        assert told(app, after)[-1] == "end_changed"
        now_is(app, tomorrow(11))
        let_worker_work(app)
        assert stored(app, after).status is Status.COMPLETED

    def test_longer_if_it_is_free(self, app: App) -> None:
        after = end_at(app, going_on(app), tomorrow(13))
        assert after.period == period(10, 13)
        assert app.budgets.week("amal", WEEK).used == Amount(180, 1)
        with pytest.raises(errors.Conflict, match=r"bookings\.space_taken"):
            book(app, STRANGER, organisation_id="furat", period=period(12, 13))

    def test_shorter_and_longer_again(self, app: App) -> None:
        booking = end_at(app, going_on(app, space_id="raqqa-training"), tomorrow(11))
        after = end_at(app, booking, tomorrow(14))
        assert after.claim is not None
        assert after.claim.period.ends_at == tomorrow(14, 15)

    def test_not_into_the_time_of_others(self, app: App) -> None:
        booking = going_on(app)
        book(app, STRANGER, organisation_id="furat", period=period(12, 13))
        with pytest.raises(errors.Conflict, match=r"bookings\.space_taken") as refusal:
            end_at(app, booking, tomorrow(13))
        for each in refusal.value.extra["alternatives"]:
            when = Period(
                datetime.fromisoformat(each["starts_at"]), datetime.fromisoformat(each["ends_at"])
            )
            book(app, space_id=each["space_id"], period=when)
            break
        assert stored(app, booking) == booking

    def test_not_beyond_the_hours_nor_into_what_is_over(self, app: App) -> None:
        booking = going_on(app, period=period(10, 17))
        with pytest.raises(errors.Conflict, match=r"bookings\.outside_hours"):
            end_at(app, booking, tomorrow(18))
        with pytest.raises(errors.Conflict, match=r"bookings\.in_the_past"):
            end_at(app, booking, tomorrow(10, 15))
        with pytest.raises(errors.Invalid, match=r"bookings\.off_raster"):
            end_at(app, booking, tomorrow(11, 10))
        assert app.budgets.week("amal", WEEK).used == Amount(420, 1)

    def test_not_beyond_the_budget(self, app: App) -> None:
        booking = going_on(app)
        budgets.set_limits(app, call(MANAGER), SetBudget("amal", 1, 2, None))
        with pytest.raises(errors.Conflict, match=r"bookings\.budget_exceeded"):
            end_at(app, booking, tomorrow(13))
        assert end_at(app, booking, tomorrow(11)).period == period(10, 11)

    def test_equipment_comes_along(self, app: App) -> None:
        app.equipment.seed([Equipment(PROJECTOR, "raqqa", {"ar": "جهاز عرض"}, 1)])
        one = (Need(PROJECTOR, 1),)
        booking = going_on(app, equipment=one)
        book(app, space_id="raqqa-training", period=period(13, 14), equipment=one)
        after = end_at(app, booking, tomorrow(13))
        with pytest.raises(errors.Conflict, match=r"bookings\.equipment_taken"):
            end_at(app, after, tomorrow(14))

    def test_nothing_else_of_it_changes(self, app: App) -> None:
        booking = going_on(app)
        elsewhere = ChangeBooking(booking.id, booking.version, "raqqa-training", None, None, {})
        earlier = ChangeBooking(booking.id, booking.version, None, tomorrow(9), None, {})
        for command in (elsewhere, earlier):
            with pytest.raises(errors.Conflict, match=r"bookings\.not_allowed_now"):
                bookings.change(app, call(MEMBER), command)

    def test_beyond_what_was_approved_the_front_desk_extends(self, app: App) -> None:
        space = app.centres.space("raqqa-meeting")
        command = SetSpaceApproval(space.id, space.version, True)
        approval.set_for_space(app, call(MANAGER), command)
        booking = book(app, period=period(10, 12))
        approval.approve(app, call(RAQQA_DESK), ApproveBooking(booking.id, 1))
        now_is(app, tomorrow(10))
        check_in.check_in(app, call(RAQQA_DESK), CheckIn(booking.id, 2))
        shorter = end_at(app, stored(app, booking), tomorrow(11))
        again = end_at(app, shorter, tomorrow(12))
        with pytest.raises(errors.Conflict, match=r"bookings\.extension_not_agreed"):
            end_at(app, again, tomorrow(13))
        assert end_at(app, again, tomorrow(13), RAQQA_DESK).period == period(10, 13)


class TestUndo:
    def test_a_mistake_is_taken_back(self, app: App) -> None:
        booking = book(app)
        now_is(app, tomorrow(9, 45))
        check_in.check_in(app, call(RAQQA_DESK), CheckIn(booking.id, 1))
        after = undo(app, stored(app, booking))
        assert (after.status, after.checked_in_at) == (Status.CONFIRMED, None)
        assert after.due_at == tomorrow(10) + timing.NO_SHOW_GRACE
        assert told(app, after)[-1] == "check_in_undone"
        again = check_in.check_in(app, call(RAQQA_DESK), CheckIn(after.id, after.version))
        assert again.status is Status.CHECKED_IN

    def test_nobody_comes_then_either(self, app: App) -> None:
        """The mistake was others', so it does not count against them."""
        after = undo(app, going_on(app, minutes=25))
        assert after.due_at == tomorrow(10, 40)
        now_is(app, tomorrow(10, 40))
        let_worker_work(app)
        gone = stored(app, after)
        assert (gone.status, gone.held_against) == (Status.NO_SHOW, False)
        assert app.budgets.conduct("amal").no_shows == 0

    def test_in_time_it_counts_as_ever(self, app: App) -> None:
        after = undo(app, going_on(app, minutes=5))
        now_is(app, tomorrow(10, 15))
        let_worker_work(app)
        assert stored(app, after).held_against

    def test_for_a_while_only(self, app: App) -> None:
        booking = going_on(app, minutes=31)
        with pytest.raises(errors.Conflict, match=r"bookings\.undo_closed"):
            undo(app, booking)

    def test_by_who_booked_it_and_not_by_others(self, app: App) -> None:
        booking = going_on(app, minutes=5)
        with pytest.raises(errors.Forbidden):
            undo(app, booking, OTHER_MEMBER)
        assert undo(app, booking, MEMBER).status is Status.CONFIRMED

    def test_so_often_and_no_more(self, app: App) -> None:
        booking = going_on(app, minutes=5)
        changed_so_often(app, booking, rules.MOST_VERSIONS)
        with pytest.raises(errors.Conflict, match=r"bookings\.too_many_changes"):
            undo(app, stored(app, booking), MEMBER)
        changed_so_often(app, booking, booking.version)  # as its events say
