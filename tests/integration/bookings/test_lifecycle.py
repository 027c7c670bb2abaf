"""Whatever happens to bookings, in whatever order: what belongs together never parts.

Walks of many random actions, from a seed that the failure names.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from services.bookings.app import App
from services.bookings.domain.booking import Booking
from services.bookings.domain.booking_states import HOLDS_ITS_TIME, Status
from services.bookings.domain.budgets import Conduct, Limits
from services.bookings.domain.deadlines import DeadlineKind
from services.bookings.operations import approval, booking_deadlines, bookings, budgets, check_in
from services.bookings.schemas.approval import ApproveBooking, RejectBooking
from services.bookings.schemas.bookings import CancelBooking, ChangeBooking
from services.bookings.schemas.check_in import CheckIn, CorrectNoShow
from services.bookings.steps import holds
from services.bookings.steps.reservation import ReservationRequest, load_context, reserve
from services.bookings.store.booking_documents import booking_of
from services.common import errors
from services.common.storage.deadlines import Deadline, DeadlineRunner
from services.common.storage.mongo import Session
from services.common.time.period import Period
from tests.support.bookings import (
    MANAGER,
    MEMBER,
    NOW,
    RAQQA_DESK,
    STRANGER,
    booking_command,
    call,
    open_centre,
    space,
)
from tests.support.stack import Server

ROOMS = ("raqqa-meeting", "raqqa-hall", "raqqa-hall-a", "raqqa-theatre")
ACTIONS = (
    *("book", "book", "hold", "move", "move", "cancel"),
    *("approve", "reject", "arrive", "correct", "let_time_pass", "lose_power"),
)
STEPS = 120


@pytest.fixture
def app(database: Server) -> Iterator[App]:
    for app in open_centre(database.uri, Limits(hours=30, bookings=12)):
        app.centres.seed([], [space("raqqa-theatre", needs_approval=True)])
        yield app


class Walk:
    """One walk: an action after the other, each as a person might try it."""

    def __init__(self, app: App, seed: int) -> None:
        self.app = app
        self.chance = random.Random(seed)
        self.done: Counter[str] = Counter()

    def step(self) -> None:
        action = self.chance.choice(ACTIONS)
        try:
            getattr(self, action)()
        except (errors.Conflict, errors.TooManyRequests) as refusal:
            self.done[refusal.code] += 1
        else:
            self.done[action] += 1

    def book(self) -> None:
        caller, organisation = self.chance.choice(((MEMBER, "amal"), (STRANGER, "furat")))
        command = booking_command(
            space_id=self.chance.choice(ROOMS), organisation_id=organisation, period=self.period()
        )
        bookings.create(self.app, call(caller), command)

    def hold(self) -> None:
        until = self.app.clock.now() + timedelta(minutes=self.chance.randrange(30, 300))

        def take(session: Session) -> Booking:
            setting = load_context(
                self.app, call(MEMBER), session, self.chance.choice(ROOMS), "amal"
            )
            wish = ReservationRequest(
                *setting, self.period(), title="Offer", purpose="meeting", hold_until=until
            )
            held = reserve(self.app, call(MEMBER), session, wish)
            if self.chance.random() < 0.5:
                held = holds.confirm(self.app, call(MEMBER), session, held)
            return held

        self.app.database.transact(take)

    def move(self) -> None:
        booking = self.one()
        to = self.period()
        command = ChangeBooking(
            booking.id,
            booking.version,
            self.chance.choice((None, *ROOMS)),
            to.starts_at,
            to.ends_at,
            details={},
        )
        bookings.change(self.app, call(self.chance.choice((MANAGER, RAQQA_DESK))), command)

    def cancel(self) -> None:
        booking = self.one()
        bookings.cancel(self.app, call(MANAGER), CancelBooking(booking.id, booking.version, None))

    def approve(self) -> None:
        booking = self.one(Status.PENDING)
        command = ApproveBooking(booking.id, booking.version)
        approval.approve(self.app, call(RAQQA_DESK), command)

    def reject(self) -> None:
        booking = self.one(Status.PENDING)
        command = RejectBooking(booking.id, booking.version, "Full")
        approval.reject(self.app, call(RAQQA_DESK), command)

    def arrive(self) -> None:
        booking = self.one(Status.CONFIRMED)
        now, opens_at = self.app.clock.now(), booking.period.starts_at - timedelta(minutes=30)
        if opens_at > now:
            self.wait(opens_at - now)
        booking = self.app.bookings.get(booking.id)
        check_in.check_in(self.app, call(RAQQA_DESK), CheckIn(booking.id, booking.version))

    def correct(self) -> None:
        booking = self.one(Status.NO_SHOW)
        command = CorrectNoShow(booking.id, booking.version, "Seen by a neighbour")
        check_in.correct_no_show(self.app, call(RAQQA_DESK), command)

    def let_time_pass(self) -> None:
        self.wait(timedelta(minutes=self.chance.randrange(5, 600)))

    def wait(self, time: timedelta) -> None:
        """Let time pass, and the worker do what falls due when it does."""
        until = self.app.clock.now() + time
        while (due_at := self.next_due()) is not None and due_at <= until:
            self.turn_to(max(due_at, self.app.clock.now()))
        self.turn_to(until)

    def lose_power(self) -> None:
        """Let time pass without anybody, and the worker come back."""
        self.turn_to(self.app.clock.now() + timedelta(minutes=self.chance.randrange(5, 600)))

    def next_due(self) -> datetime | None:
        found = self.app.database.collection("deadlines").find_one(
            {"kind": DeadlineKind.BOOKING}, sort=[("due_at", 1)]
        )
        return None if found is None else found["due_at"]

    def turn_to(self, instant: datetime) -> None:
        self.app.clock.advance(instant - self.app.clock.now())  # type: ignore[attr-defined]

        def do(deadline: Deadline) -> None:
            if deadline.kind == DeadlineKind.BOOKING:
                booking_deadlines.run_deadline(self.app, deadline)

        handlers = defaultdict(lambda: do)
        runner = DeadlineRunner("bookings", self.app.deadlines, handlers, self.app.clock)
        while runner.step():
            pass

    def period(self) -> Period:
        day = self.app.clock.now().replace(hour=6, minute=0) + timedelta(
            days=self.chance.randrange(1, 9)
        )
        starts_at = day + timedelta(minutes=15 * self.chance.randrange(0, 24))
        return Period(starts_at, starts_at + timedelta(minutes=15 * self.chance.randrange(1, 9)))

    def one(self, status: Status | None = None) -> Booking:
        """One of the bookings, of this status if there is any."""
        found = stored(self.app)
        fitting = [each for each in found if each.status is status] or found
        if not fitting:
            raise errors.Conflict("nothing.there")
        return self.chance.choice(fitting)


def stored(app: App) -> list[Booking]:
    return [booking_of(each) for each in app.database.collection("bookings").find().sort("_id")]


def check(app: App) -> None:
    """What must hold after every step."""
    found = stored(app)
    deadlines = app.database.collection("deadlines").find({"kind": DeadlineKind.BOOKING})
    assert {each["subject"]: each["due_at"] for each in deadlines} == {
        booking.id: booking.due_at for booking in found if booking.due_at is not None
    }
    for booking in found:
        keeps = booking.status in HOLDS_ITS_TIME or booking.status in (
            Status.NO_SHOW,
            Status.COMPLETED,
        )
        assert (booking.claim is not None) is keeps, booking
        assert (booking.charge is not None) is keeps, booking
        assert [entry.version for entry in booking.history] == [*range(1, booking.version + 1)]
    rows = app.database.collection("outbox").find({"event.type": {"$regex": r"\.booking\."}})
    told = Counter(row["event"]["subject"] for row in rows)
    assert told == Counter({booking.id: booking.version for booking in found})
    assert budgets.audit_budgets(app) == []
    for organisation_id in ("amal", "furat"):
        theirs = [each for each in found if each.organisation_id == organisation_id]
        assert app.budgets.conduct(organisation_id) == Conduct(
            no_shows=sum(each.held_against for each in theirs),
            late_cancellations=sum(each.cancelled_late for each in theirs),
        )


@pytest.mark.parametrize("seed", [2018, 2, 3])
def test_what_belongs_together_never_parts(app: App, seed: int) -> None:
    assert app.clock.now() == NOW
    walk = Walk(app, seed)
    for _ in range(STEPS):
        walk.step()
        check(app)
    reached = {each.status for each in stored(app)}
    assert len(reached) >= 5, (walk.done, reached)
