"""Holds and approval on the real database: who decides, what is looked at again, what expires."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from services.bookings.app import App
from services.bookings.domain import timing
from services.bookings.domain.booking import Booking
from services.bookings.domain.booking_states import Status
from services.bookings.domain.budgets import Amount, Limits
from services.bookings.domain.deadlines import DeadlineKind
from services.bookings.operations import approval, booking_deadlines, bookings, budgets, hours
from services.bookings.schemas import bookings as booking_schemas
from services.bookings.schemas.approval import ApproveBooking, RejectBooking, SetSpaceApproval
from services.bookings.schemas.bookings import CancelBooking, ChangeBooking
from services.bookings.schemas.budgets import SetBudget
from services.bookings.schemas.hours import SetHours
from services.bookings.steps import holds
from services.bookings.steps.reservation import ReservationRequest, load_context, reserve
from services.common import errors
from services.common.context import VISITOR, Caller
from services.common.storage.leases import LeaseLost
from services.common.storage.mongo import Session
from services.common.time.period import Period
from services.common.time.weekly_hours import WeeklyHours
from tests.support.bookings import (
    MANAGER,
    MEMBER,
    NOW,
    OTHER_MEMBER,
    RAQQA_DESK,
    REPRESENTATIVE,
    STRANGER,
    TABQA_DESK,
    booking_command,
    call,
    move,
    now_is,
    open_centre,
    period,
    space,
    stored,
    told,
    tomorrow,
    work,
)
from tests.support.racing import contend
from tests.support.stack import Server

THEATRE = "raqqa-theatre"


@pytest.fixture
def app(database: Server) -> Iterator[App]:
    for app in open_centre(database.uri, Limits(40, 20)):
        app.centres.seed([], [space(THEATRE, capacity=80, needs_approval=True)])
        yield app
        assert budgets.audit_budgets(app) == []


def request(app: App, caller: Caller = MEMBER, **values: object) -> Booking:
    command = booking_command(**{"space_id": THEATRE, **values})
    return bookings.create(app, call(caller), command)


def approve(app: App, booking: Booking, caller: Caller = RAQQA_DESK) -> Booking:
    return approval.approve(app, call(caller), ApproveBooking(booking.id, booking.version))


def reject(app: App, booking: Booking, caller: Caller = RAQQA_DESK) -> Booking:
    command = RejectBooking(booking.id, booking.version, "Training that day")
    return approval.reject(app, call(caller), command)


def hold(app: App, until: datetime, caller: Caller = MEMBER, space_id: str = THEATRE) -> Booking:
    def take(session: Session) -> Booking:
        setting = load_context(app, call(caller), session, space_id, "amal")
        wish = ReservationRequest(
            *setting, period(10, 11), title="Offer", purpose="meeting", hold_until=until
        )
        return reserve(app, call(caller), session, wish)

    return app.database.transact(take)


def confirm(app: App, booking: Booking, caller: Caller = MEMBER) -> Booking:
    return app.database.transact(
        lambda session: holds.confirm(
            app, call(caller), session, app.bookings.get(booking.id, session)
        )
    )


def deadlines(app: App) -> dict[str, datetime]:
    return {
        d["subject"]: d["due_at"]
        for d in app.database.collection("deadlines").find({"kind": DeadlineKind.BOOKING})
    }


class TestRequests:
    def test_a_request_waits_and_holds_its_time(self, app: App) -> None:
        booking = request(app)
        assert booking.status is Status.PENDING
        assert told(app, booking) == ["requested"]
        with pytest.raises(errors.Conflict, match="space_taken"):
            request(app, STRANGER, organisation_id="furat")

    def test_its_deadline_is_before_the_start_and_soon(self, app: App) -> None:
        near = request(app)
        assert near.expires_at == tomorrow(10) - timing.APPROVAL_BEFORE_START
        later = Period(tomorrow(10) + timedelta(days=7), tomorrow(11) + timedelta(days=7))
        far = request(app, period=later)
        assert far.expires_at == NOW + timing.APPROVAL_WITHIN
        assert deadlines(app) == {near.id: near.expires_at, far.id: far.expires_at}

    def test_approved_it_is_confirmed_and_waits_for_its_people(self, app: App) -> None:
        booking = approve(app, request(app))
        assert (booking.status, booking.expires_at) == (Status.CONFIRMED, None)
        assert told(app, booking) == ["requested", "confirmed"]
        assert deadlines(app) == {booking.id: tomorrow(10) + timing.NO_SHOW_GRACE}
        assert booking.history[-1].by == RAQQA_DESK.id

    def test_rejected_it_says_why_and_frees_its_time(self, app: App) -> None:
        booking = reject(app, request(app))
        assert (booking.status, booking.claim) == (Status.REJECTED, None)
        assert booking.rejection_reason == booking.history[-1].reason == "Training that day"
        assert told(app, booking) == ["requested", "rejected"]
        assert deadlines(app) == {}
        assert app.budgets.week("amal", "2026-W48").used == Amount()
        assert request(app)

    def test_a_decision_is_final(self, app: App) -> None:
        rejected = reject(app, request(app))
        approved = approve(app, request(app))
        for decided in (rejected, approved):
            for decide in (approve, reject):
                with pytest.raises(errors.Conflict, match="not_allowed_now"):
                    decide(app, decided)

    def test_a_stale_version_is_refused(self, app: App) -> None:
        booking = request(app)
        bookings.change(
            app, call(MEMBER), ChangeBooking(booking.id, 1, None, None, None, {"title": "New"})
        )
        for decide in (approve, reject):
            with pytest.raises(errors.Stale):
                decide(app, booking)

    @pytest.mark.parametrize(
        ("caller", "refusal"),
        [
            (MANAGER, None),
            (RAQQA_DESK, None),
            (TABQA_DESK, errors.NotFound),
            (REPRESENTATIVE, errors.Forbidden),
            (MEMBER, errors.Forbidden),
            (OTHER_MEMBER, errors.Forbidden),
            (STRANGER, errors.NotFound),
            (VISITOR, errors.NotFound),
        ],
    )
    def test_who_may_decide(
        self, app: App, caller: Caller, refusal: type[errors.MasahaError] | None
    ) -> None:
        first, second = request(app), request(app, period=period(12, 13))
        if refusal is None:
            assert approve(app, first, caller).status is Status.CONFIRMED
            assert reject(app, second, caller).status is Status.REJECTED
            return
        for decide, booking in ((approve, first), (reject, second)):
            with pytest.raises(refusal):
                decide(app, booking, caller)
            assert stored(app, booking) == booking


class TestWhichSpaces:
    def test_a_manager_says_which_spaces_need_it(self, app: App) -> None:
        command = SetSpaceApproval("raqqa-meeting", 1, True)
        assert approval.set_for_space(app, call(MANAGER), command).version == 2
        assert request(app, space_id="raqqa-meeting").status is Status.PENDING
        row = app.database.collection("outbox").find_one({"event.subject": "raqqa-meeting"})
        assert row is not None
        assert row["event"]["data"]["needs_approval"] is True
        with pytest.raises(errors.Stale):
            approval.set_for_space(app, call(MANAGER), command)

    def test_bookings_made_before_stay(self, app: App) -> None:
        before = request(app, space_id="raqqa-meeting")
        command = SetSpaceApproval("raqqa-meeting", 1, True)
        approval.set_for_space(app, call(MANAGER), command)
        assert stored(app, before) == before

    @pytest.mark.parametrize("caller", [RAQQA_DESK, REPRESENTATIVE, MEMBER])
    def test_nobody_else_does(self, app: App, caller: Caller) -> None:
        with pytest.raises(errors.Forbidden):
            approval.set_for_space(app, call(caller), SetSpaceApproval("raqqa-meeting", 1, True))


class TestLookedAtAgain:
    def test_hours_that_have_changed_since(self, app: App) -> None:
        booking = request(app)
        closed = WeeklyHours.parse({"friday": [["10:00", "12:00"]]})
        hours.set_hours(app, call(MANAGER), SetHours("raqqa", 1, closed))
        with pytest.raises(errors.Conflict, match="outside_hours"):
            approve(app, booking)
        assert stored(app, booking) == booking

    def test_a_time_that_has_begun(self, app: App) -> None:
        booking = request(app)
        now_is(app, tomorrow(10))
        with pytest.raises(errors.Conflict, match="in_the_past"):
            approve(app, booking)

    def test_a_request_that_is_over_but_not_yet_expired(self, app: App) -> None:
        booking = request(app)
        assert booking.expires_at is not None
        now_is(app, booking.expires_at)
        with pytest.raises(errors.Conflict, match="hold_over"):
            approve(app, booking)

    def test_a_budget_that_was_cut_since_unless_a_manager_says_yes(self, app: App) -> None:
        booking = request(app, period=period(10, 13))
        budgets.set_limits(app, call(MANAGER), SetBudget("amal", 1, 2, None))
        with pytest.raises(errors.Conflict, match="budget_exceeded"):
            approve(app, booking)
        assert approve(app, booking, MANAGER).status is Status.CONFIRMED


class TestExpiry:
    def test_nobody_decides(self, app: App) -> None:
        booking = request(app)
        assert booking.expires_at is not None
        now_is(app, booking.expires_at - timedelta(milliseconds=1))
        assert work(app) == 0
        now_is(app, booking.expires_at)
        assert work(app) == 1
        expired = stored(app, booking)
        assert (expired.status, expired.claim, expired.version) == (Status.EXPIRED, None, 2)
        assert told(app, booking) == ["requested", "expired"]
        assert app.budgets.week("amal", "2026-W48").used == Amount()
        assert deadlines(app) == {}
        with pytest.raises(errors.Conflict, match="not_allowed_now"):
            approve(app, expired)

    def test_a_cancelled_request_does_not_expire(self, app: App) -> None:
        booking = request(app)
        bookings.cancel(app, call(MEMBER), CancelBooking(booking.id, 1, None))
        assert deadlines(app) == {}
        now_is(app, tomorrow(12))
        assert work(app) == 0

    def test_a_moved_request_expires_by_its_new_time(self, app: App) -> None:
        booking = move(app, request(app), period(14, 15))
        assert deadlines(app) == {booking.id: tomorrow(14) - timing.APPROVAL_BEFORE_START}

    def test_two_workers_expire_it_once(self, app: App) -> None:
        booking = request(app)
        now_is(app, tomorrow(10))
        deadline = app.deadlines.claim()
        assert deadline is not None
        booking_deadlines.run_deadline(app, deadline)
        with pytest.raises(LeaseLost):
            booking_deadlines.run_deadline(app, deadline)
        assert stored(app, booking).version == 2

    def test_a_deadline_without_its_booking_is_taken_away(self, app: App) -> None:
        booking = request(app)
        app.database.collection("bookings").delete_one({"_id": booking.id})
        app.database.collection("budget_weeks").delete_many({})
        now_is(app, tomorrow(10))
        assert work(app) == 1
        assert deadlines(app) == {}


class TestMovedIntoApproval:
    def test_a_confirmed_booking_waits_again(self, app: App) -> None:
        free = bookings.create(app, call(MEMBER), booking_command())
        moved = move(app, free, period(12, 13), space_id=THEATRE)
        assert moved.status is Status.PENDING
        assert moved.expires_at == tomorrow(12) - timing.APPROVAL_BEFORE_START
        assert deadlines(app) == {moved.id: moved.expires_at}

    def test_what_was_approved_was_the_old_time(self, app: App) -> None:
        booking = approve(app, request(app))
        assert move(app, booking, period(12, 13)).status is Status.PENDING

    def test_staff_who_move_it_have_decided(self, app: App) -> None:
        booking = approve(app, request(app))
        moved = move(app, booking, period(12, 13), RAQQA_DESK)
        assert moved.status is Status.CONFIRMED
        assert deadlines(app) == {moved.id: tomorrow(12) + timing.NO_SHOW_GRACE}


class TestHolds:
    UNTIL = NOW + timedelta(hours=2)

    def test_a_hold_keeps_its_time_and_counts(self, app: App) -> None:
        booking = hold(app, self.UNTIL)
        assert (booking.status, booking.expires_at) == (Status.HELD, self.UNTIL)
        assert told(app, booking) == ["held"]
        assert deadlines(app) == {booking.id: self.UNTIL}
        assert app.budgets.week("amal", "2026-W48").used == Amount(60, 1)
        with pytest.raises(errors.Conflict, match="space_taken"):
            request(app, STRANGER, organisation_id="furat")

    def test_confirmed_where_nobody_has_to_approve(self, app: App) -> None:
        booking = confirm(app, hold(app, self.UNTIL, space_id="raqqa-meeting"))
        assert (booking.status, booking.expires_at) == (Status.CONFIRMED, None)
        assert told(app, booking) == ["held", "confirmed"]

    def test_submitted_where_the_desk_decides(self, app: App) -> None:
        booking = confirm(app, hold(app, self.UNTIL))
        assert booking.status is Status.PENDING
        assert told(app, booking) == ["held", "requested"]
        assert approve(app, booking).status is Status.CONFIRMED

    def test_it_expires_and_the_time_is_free(self, app: App) -> None:
        booking = hold(app, self.UNTIL)
        now_is(app, self.UNTIL)
        with pytest.raises(errors.Conflict, match="hold_over"):
            confirm(app, booking)
        assert work(app) == 1
        assert stored(app, booking).status is Status.EXPIRED
        assert told(app, booking) == ["held", "expired"]
        assert request(app)

    def test_confirming_and_expiring_at_once_have_one_winner(self, app: App) -> None:
        for _ in range(5):
            booking = hold(app, app.clock.now() + timedelta(minutes=1), space_id="raqqa-meeting")
            outcomes = contend(
                lambda one=booking: confirm(app, one),
                lambda one=booking: app.database.transact(
                    lambda session: holds.expire(app, session, app.bookings.get(one.id, session))
                ),
            )
            won = [each for each in outcomes if isinstance(each, Booking)]
            assert len(won) == 1
            assert stored(app, booking) == won[0]
            if won[0].status is Status.CONFIRMED:
                bookings.cancel(app, call(MEMBER), CancelBooking(booking.id, 2, None))


class TestRaces:
    def test_approving_and_rejecting_at_once_have_one_winner(self, app: App) -> None:
        for hour in (9, 10, 11, 12, 13):
            booking = request(app, period=period(hour, hour + 1))
            outcomes = contend(
                *[lambda one=booking: approve(app, one)] * 3,
                *[lambda one=booking: reject(app, one)] * 3,
            )
            won = [each for each in outcomes if isinstance(each, Booking)]
            assert len(won) == 1
            lost = [each for each in outcomes if not isinstance(each, Booking)]
            assert all(isinstance(each, errors.Stale | errors.Conflict) for each in lost)
            assert stored(app, booking) == won[0]
            assert len(told(app, booking)) == 2


def test_the_wire_form_says_until_when(app: App) -> None:
    booking = request(app)
    wire = booking_schemas.booking(booking, MEMBER)
    assert wire["expires_at"] == "2026-11-24T06:00:00Z"
    assert wire["door_code"] is None
