"""What a search of the waitlist costs on the real database."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from services.bookings.app import App
from services.bookings.domain.booking import Booking
from services.bookings.domain.deadlines import DeadlineKind
from services.bookings.domain.waitlist import Entry
from services.bookings.operations import bookings, budgets, waitlist
from services.bookings.schemas.bookings import CancelBooking
from services.bookings.schemas.budgets import SetBudget
from services.common.context import Caller
from tests.support.bookings import (
    MANAGER,
    MEMBER,
    STRANGER,
    booking_command,
    call,
    let_worker_work,
    open_centre,
    period,
    suspend,
    wish,
)
from tests.support.mongo import Counted
from tests.support.stack import Server


@pytest.fixture
def app(database: Server, counted: Counted) -> Iterator[App]:
    yield from open_centre(database.uri)


def waiting(app: App, by: Caller = STRANGER, **values: object) -> Entry:
    all_day = {"window": period(9, 17), "duration": timedelta(hours=8)}
    return waitlist.join(app, call(by), wish(**{**all_day, **values}))


def all_day(app: App) -> Booking:
    return bookings.create(app, call(MEMBER), booking_command(period=period(9, 17)))


def cancelled(app: App, booking: Booking) -> None:
    bookings.cancel(app, call(MEMBER), CancelBooking(booking.id, booking.version, None))


def statuses(app: App) -> list[str]:
    found = app.database.collection("waitlist_entries").find().sort("_id", 1)
    return [each["status"] for each in found]


def cost_of_work(app: App, counted: Counted) -> int:
    """How many commands the worker sends until nothing is due."""
    counted.commands.clear()
    let_worker_work(app)
    return len(counted.commands)


def test_a_long_line_costs_a_release_as_much_as_a_short_one(app: App, counted: Counted) -> None:
    cost = []
    for more in (5, 15):
        booking = all_day(app)
        for _ in range(more):
            # Longer than anything that will be free: in line before everybody.
            waiting(app, window=period(8, 18), duration=timedelta(hours=9, minutes=30))
        let_worker_work(app)
        cancelled(app, booking)
        cost.append(cost_of_work(app, counted))
    assert cost[0] == cost[1]
    assert cost[0] <= 12


def test_who_joins_a_line_does_not_have_all_of_it_looked_at(app: App, counted: Counted) -> None:
    all_day(app)
    cost = []
    for _ in range(12):
        waiting(app)
        cost.append(cost_of_work(app, counted))
    assert len(set(cost)) == 1
    assert cost[0] <= 14


def test_all_who_can_be_offered_something_cost_their_offers(app: App, counted: Counted) -> None:
    cost = []
    for count in (4, 8):
        booking = all_day(app)
        for _ in range(count):
            waiting(app, duration=timedelta(hours=1))
        let_worker_work(app)
        cancelled(app, booking)
        cost.append(cost_of_work(app, counted))
        assert statuses(app)[-count:] == ["offered"] * count
        app.database.collection("bookings").delete_many({})
    assert cost[1] - cost[0] <= 4 * 14


def test_the_suspended_in_line_cost_nothing_each(app: App, counted: Counted) -> None:
    booking = all_day(app)
    for _ in range(10):
        waiting(app)
    suspend(app, "furat")
    # The suspension has its offers looked at once, however long the line is.
    let_worker_work(app)
    cancelled(app, booking)
    assert cost_of_work(app, counted) <= 12
    assert counted.commands.count("abortTransaction") == 0
    assert statuses(app) == ["waiting"] * 10


class TestBudget:
    """More is left for one organisation: nobody else is looked at."""

    @pytest.fixture(autouse=True)
    def limited(self, app: App) -> None:
        budgets.set_limits(
            app, call(MANAGER), SetBudget("amal", app.budgets.get("amal").version, 40, None)
        )
        let_worker_work(app)

    def test_nobody_of_it_waits(self, app: App, counted: Counted) -> None:
        cost = []
        for _ in range(2):
            booking = all_day(app)
            waiting(app, window=period(8, 18), duration=timedelta(hours=9, minutes=30))
            let_worker_work(app)
            cancelled(app, booking)
            assert (
                app.database.collection("deadlines").count_documents(
                    {"kind": DeadlineKind.WAITLIST_MATCH}
                )
                == 2
            )
            app.database.collection("deadlines").delete_one({"data.centre_id": "raqqa"})
            cost.append(cost_of_work(app, counted))
        assert cost[0] == cost[1]
        assert cost[0] <= 6

    def test_what_is_free_for_it_is_first_for_those_who_came_before(self, app: App) -> None:
        booking = all_day(app)
        first = waiting(app)
        second = waiting(app, organisation_id="amal", by=MEMBER)
        let_worker_work(app)
        cancelled(app, booking)
        # Of the two that this leaves, the one of the budget is handled first.
        later = {"$set": {"due_at": app.clock.now() + timedelta(minutes=1)}}
        app.database.collection("deadlines").update_one({"data.centre_id": "raqqa"}, later)
        let_worker_work(app)
        assert app.waitlist.get(first.id).status == "offered"
        assert app.waitlist.get(second.id).status == "waiting"
