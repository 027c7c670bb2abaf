"""Limits that are set when there are bookings already: those count, and no race gets past it."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext, suppress
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from pymongo.client_session import ClientSession

from services.bookings.app import App
from services.bookings.deadlines import handlers
from services.bookings.domain.booking import Booking
from services.bookings.domain.booking_states import Status
from services.bookings.domain.budgets import NO_LIMITS, UNLIMITED, Amount, Budget, Limits
from services.bookings.domain.waitlist import EntryStatus
from services.bookings.operations import approval, bookings, budgets, waitlist
from services.bookings.schemas.approval import ApproveBooking, SetSpaceApproval
from services.bookings.schemas.bookings import CancelBooking
from services.bookings.schemas.budgets import BudgetOfWeek, SetBudget
from services.bookings.steps import booking_changes
from services.bookings.store.booking_context import BookingContextStore
from services.bookings.store.bookings import BookingStore
from services.bookings.store.waitlist import WaitlistStore
from services.common import errors
from services.common.context import Caller
from services.common.storage import barrier
from services.common.storage.deadlines import DeadlineRunner
from services.common.storage.mongo import Session, time_limit
from tests.architecture.project import ROOT
from tests.support.awaiting import until
from tests.support.bookings import (
    MANAGER,
    MEMBER,
    RAQQA_DESK,
    REPRESENTATIVE,
    STRANGER,
    a_day_later,
    a_week_later,
    book,
    call,
    cancel,
    move,
    open_centre,
    period,
    wish,
)
from tests.support.ports import free_port
from tests.support.racing import contend
from tests.support.stack import Server

# The centre's tests begin on Monday, 23 November 2026.
WEEK = "2026-W48"
NEXT_WEEK = "2026-W49"
ROOMS = ("raqqa-meeting", "raqqa-training", "raqqa-hall-a", "tabqa-meeting")
# Eight free hours in each of the four rooms, buffers apart.
WISHES = [(room, hour) for room in ROOMS for hour in (9, 11, 13, 15)]


@pytest.fixture
def app(database: Server) -> Iterator[App]:
    """Nobody has chosen a limit."""
    yield from open_centre(database.uri)


@pytest.fixture(autouse=True)
def _counters_agree_with_the_bookings(app: App) -> Iterator[None]:
    yield
    assert budgets.audit_budgets(app) == []


def limit(app: App, hours: int | None, count: int | None) -> None:
    version = app.budgets.get("amal").version
    budgets.set_limits(app, call(MANAGER), SetBudget("amal", version, hours, count))


def shown(app: App, week: str = WEEK) -> Amount:
    """What the answer says that the organisation has used."""
    return budgets.get_week(app, call(MEMBER), BudgetOfWeek("amal", week)).use.used


def counter_documents(app: App) -> int:
    return app.database.collection("budget_weeks").count_documents({})


def after(
    monkeypatch: pytest.MonkeyPatch, store: type, method: str, happens: Callable[[], object]
) -> None:
    """Let something happen once, in the middle of a transaction that has just read this."""
    reads = getattr(store, method)
    waits = [happens]

    def read(self: object, *args: object, **named: object) -> object:
        found = reads(self, *args, **named)
        if waits and any(isinstance(each, ClientSession) for each in (*args, *named.values())):
            waits.pop()()
        return found

    monkeypatch.setattr(store, method, read)


def left(refusal: errors.MasahaError) -> tuple[object, object]:
    assert refusal.code == "bookings.budget_exceeded"
    return refusal.params["hours_left"], refusal.params["bookings_left"]


class TestWithoutLimits:
    def test_no_counter_is_written(self, app: App) -> None:
        booking = book(app)
        moved = move(app, booking, period(11, 13))
        assert counter_documents(app) == 0
        assert shown(app) == Amount(120, 1)
        cancel(app, moved)
        assert counter_documents(app) == 0
        assert shown(app) == Amount()


class TestLimitsOfAManager:
    def test_what_is_booked_already_counts(self, app: App) -> None:
        book(app, period=period(9, 11))
        book(app, STRANGER, organisation_id="furat", period=period(11, 16))
        limit(app, 4, 10)
        with pytest.raises(errors.Conflict) as refusal:
            book(app, period=period(11, 14), space_id="raqqa-training")
        assert left(refusal.value) == (2, 9)
        book(app, period=period(11, 13), space_id="raqqa-training")
        assert shown(app) == Amount(240, 2)
        assert app.budgets.week("amal", WEEK).used == Amount(240, 2)

    def test_it_counts_in_the_weeks_to_come(self, app: App) -> None:
        book(app, period=a_week_later(period(9, 11)))
        limit(app, UNLIMITED, 1)
        with pytest.raises(errors.Conflict) as refusal:
            book(app, period=a_week_later(period(13, 14)))
        assert left(refusal.value) == (None, 0)
        book(app, period=period(13, 14))
        assert (shown(app), shown(app, NEXT_WEEK)) == (Amount(60, 1), Amount(120, 1))

    def test_the_week_is_that_of_the_centre(self, app: App) -> None:
        # Monday of the next week, half past midnight in Raqqa, is Sunday in UTC.
        monday = a_week_later(period(9, 10)).starts_at - timedelta(days=1, hours=8, minutes=30)
        booking = book(app, period=a_week_later(period(9, 10)))
        stored = app.database.collection("bookings")
        times = {"starts_at": monday, "ends_at": monday + timedelta(hours=1)}
        stored.update_one({"_id": booking.id}, {"$set": times})
        assert (shown(app), shown(app, NEXT_WEEK)) == (Amount(), Amount(60, 1))

    def test_what_was_called_off_does_not_count(self, app: App) -> None:
        cancel(app, book(app, period=period(9, 12)))
        limit(app, 2, 2)
        book(app, period=period(9, 11))
        assert shown(app) == Amount(120, 1)

    def test_more_than_the_limit_stays_and_nothing_is_added(self, app: App) -> None:
        first, _ = book(app, period=period(9, 12)), book(app, period=period(12, 15))
        limit(app, 2, 5)
        with pytest.raises(errors.Conflict) as refusal:
            book(app, period=period(15, 16))
        assert left(refusal.value) == (0, 3)
        assert shown(app) == Amount(360, 2)
        cancel(app, first)
        assert shown(app) == Amount(180, 1)

    def test_it_may_move_and_become_shorter_but_not_longer(self, app: App) -> None:
        booking = book(app, period=period(9, 12))
        limit(app, 1, 1)
        booking = move(app, booking, period(12, 15))
        with pytest.raises(errors.Conflict, match="budget_exceeded"):
            move(app, booking, period(12, 16))
        move(app, booking, period(12, 14))
        assert shown(app) == Amount(120, 1)
        assert app.budgets.week("amal", WEEK).used == Amount(120, 1)

    def test_it_may_not_move_into_a_week_that_is_full(self, app: App) -> None:
        booking = book(app, period=period(9, 10))
        book(app, period=a_week_later(period(9, 11)))
        limit(app, 2, 5)
        with pytest.raises(errors.Conflict) as refusal:
            move(app, booking, a_week_later(period(12, 13)))
        assert left(refusal.value) == (0, 4)
        assert (shown(app), shown(app, NEXT_WEEK)) == (Amount(60, 1), Amount(120, 1))

    def test_what_was_counted_meanwhile_is_given_back_once(self, app: App) -> None:
        first = book(app, period=period(9, 10))
        limit(app, 3, 3)
        book(app, period=period(10, 12))
        cancel(app, first)
        assert app.budgets.week("amal", WEEK).used == Amount(120, 1)

    def test_in_one_transaction_too(self, app: App) -> None:
        """A booking that was read before another one made it count."""
        first = book(app, period=period(9, 10))
        limit(app, 3, 3)
        mine = call(MEMBER)

        def both(session: Session) -> None:
            before = app.bookings.get(first.id, session)
            second = bookings.get(app, mine, other.id)
            booking_changes.reschedule(app, mine, session, second, None, period(11, 12), {})
            details = {"title": "Another title"}
            named = booking_changes.change_details(app, mine, session, before, details)
            assert app.bookings.get(first.id, session).charge is not None
            booking_changes.call_off(app, mine, session, named, None)

        limit(app, None, None)
        other = book(app, period=period(12, 13))
        limit(app, 3, 3)
        app.database.transact(both)
        assert app.budgets.week("amal", WEEK).used == Amount(60, 1)
        assert shown(app) == Amount(60, 1)

    def test_limits_that_come_and_go(self, app: App) -> None:
        limit(app, 3, 3)
        book(app, period=period(9, 10))
        limit(app, None, None)
        uncounted = book(app, period=period(10, 11))
        assert app.budgets.week("amal", WEEK).used == Amount(60, 1)
        assert shown(app) == Amount(120, 2)
        limit(app, 3, 3)
        book(app, period=period(11, 12))
        with pytest.raises(errors.Conflict, match="budget_exceeded"):
            book(app, period=period(12, 13))
        cancel(app, app.bookings.get(uncounted.id))
        assert shown(app) == app.budgets.week("amal", WEEK).used == Amount(120, 2)

    def test_a_request_made_before_is_held_against_the_limit(self, app: App) -> None:
        approval.set_for_space(app, call(MANAGER), SetSpaceApproval("raqqa-meeting", 1, True))
        request = book(app, period=period(9, 12))
        assert request.status is Status.PENDING
        limit(app, 2, 2)
        command = ApproveBooking(request.id, request.version)
        with pytest.raises(errors.Conflict, match="budget_exceeded"):
            approval.approve(app, call(RAQQA_DESK), command)
        assert approval.approve(app, call(MANAGER), command).status is Status.CONFIRMED
        assert shown(app) == Amount(180, 1)

    def test_what_is_as_it_was_waits_for_nobody(self, app: App) -> None:
        limit(app, None, None)
        assert app.budgets.get("amal").version == 1


class TestLimitsOfTheOperator:
    def test_what_is_booked_already_counts(self, app: App) -> None:
        book(app, period=period(9, 11))
        limited = replace(app, weekly_limits=Limits(3, 2))
        with pytest.raises(errors.Conflict) as refusal:
            book(limited, period=period(11, 13))
        assert left(refusal.value) == (1, 1)
        book(limited, period=period(11, 12))
        assert shown(limited) == Amount(180, 2)

    def test_processes_that_are_told_one_after_the_other(self, app: App) -> None:
        """While the new setting spreads, some processes still count nothing."""
        limited = replace(app, weekly_limits=Limits(4, 4))
        book(limited, period=period(9, 10))
        old = book(app, period=period(10, 11))
        book(limited, period=period(11, 12))
        assert limited.budgets.week("amal", WEEK).used == Amount(180, 3)
        move(app, app.bookings.get(old.id), period(12, 13))
        book(limited, period=period(13, 14))
        with pytest.raises(errors.Conflict, match="budget_exceeded"):
            book(limited, period=period(14, 15))

    def test_nobody_has_chosen_a_limit_at_first(self, app: App) -> None:
        assert app.weekly_limits == NO_LIMITS


class TestRaces:
    def test_a_limit_is_set_when_what_was_begun_without_it_is_over(self, app: App) -> None:
        begun, go_on, done = threading.Event(), threading.Event(), threading.Event()
        new_code = app.new_door_code

        def slowly() -> str:
            begun.set()
            assert go_on.wait(10)
            return new_code()

        slow = threading.Thread(
            target=book,
            args=(replace(app, new_door_code=slowly),),
            kwargs={"period": period(9, 11)},
        )
        slow.start()
        assert begun.wait(5)

        def set_limit() -> None:
            limit(app, 2, 2)
            done.set()

        manager = threading.Thread(target=set_limit)
        manager.start()
        try:
            assert not done.wait(0.7)
            # Nobody else waits for the slow one.
            assert book(app, STRANGER, organisation_id="furat", period=period(12, 13))
        finally:
            go_on.set()
        slow.join()
        assert done.wait(5)
        manager.join()
        with pytest.raises(errors.Conflict) as refusal:
            book(app, period=period(11, 12))
        assert left(refusal.value) == (0, 1)

    @pytest.mark.parametrize("fit", [1, 4, 7, 12])
    @pytest.mark.parametrize("lead", [0, 2])
    def test_bookings_made_after_it_never_pass_it(self, app: App, fit: int, lead: int) -> None:
        began: dict[str, float] = {}
        lock = threading.Lock()
        start = threading.Barrier(5)

        def keep_booking(room: str, caller: Caller) -> None:
            start.wait()
            for _, hour in [each for each in WISHES if each[0] == room]:
                at = time.monotonic()
                try:
                    booking = book(app, caller, space_id=room, period=period(hour, hour + 1))
                except errors.Conflict as refusal:
                    assert refusal.code == "bookings.budget_exceeded"
                    continue
                with lock:
                    began[booking.id] = at

        people = (MEMBER, REPRESENTATIVE, RAQQA_DESK, MEMBER)
        threads = [
            threading.Thread(target=keep_booking, args=(room, MANAGER if "tabqa" in room else who))
            for room, who in zip(ROOMS, people, strict=True)
        ]
        for thread in threads:
            thread.start()
        start.wait()
        until(lambda: began, f"{lead} bookings", enough=lambda made: len(made) >= lead, every=0.005)
        limit(app, UNLIMITED, fit)
        returned = time.monotonic()
        for thread in threads:
            thread.join()
        later = [each for each, at in began.items() if at > returned]
        assert len(began) <= fit or not later
        assert shown(app) == Amount(60 * len(began), len(began))
        with pytest.raises(errors.Conflict) if len(began) >= fit else nullcontext():
            book(app, period=a_day_later(period(9, 10)))

    def test_a_change_that_has_begun_without_the_limit_obeys_it(
        self, app: App, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        booking = book(app)
        after(monkeypatch, BookingStore, "get", lambda: limit(app, 1, None))
        with pytest.raises(errors.Conflict, match="budget_exceeded"):
            move(app, booking, period(10, 12))
        assert shown(app) == Amount(60, 1)

    def test_an_offer_that_has_begun_without_the_limit_obeys_it(
        self, app: App, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        command = wish(organisation_id="amal", window=period(10, 12), duration=timedelta(hours=2))
        entry = waitlist.join(app, call(MEMBER), command)
        after(monkeypatch, WaitlistStore, "line", lambda: limit(app, 1, None))
        runner = DeadlineRunner("test", app.deadlines, handlers(app), app.clock)
        while runner.step():
            pass
        assert app.waitlist.get(entry.id).status is EntryStatus.WAITING

    def test_a_limit_is_not_set_while_a_booking_may_be_made_without_it(
        self, app: App, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def set_in_vain() -> None:
            monkeypatch.setattr(barrier, "TRANSACTION_RETRY_SECONDS", 0.2)
            with pytest.raises(errors.Unavailable):
                limit(app, 1, None)

        after(monkeypatch, BookingContextStore, "read", set_in_vain)
        book(app, period=period(10, 12))
        limit(app, 1, None)
        with pytest.raises(errors.Conflict, match="budget_exceeded"):
            book(app, period=period(13, 14))

    def test_who_waits_to_set_a_limit_holds_up_nobody_for_long(self, app: App) -> None:
        def read(session: Session) -> None:
            app.budgets.get("amal", session)

        def set_within_a_call() -> None:
            with time_limit(3), suppress(errors.Unavailable):
                limit(app, 10, None)

        waits = threading.Thread(target=set_within_a_call)

        def stay(session: Session) -> None:
            read(session)
            if not waits.is_alive():
                waits.start()
            until(lambda: app.budgets.get("amal").version, "the limit", 5, enough=(2).__eq__)
            for _ in range(20):
                with time_limit(1):
                    app.database.transact(read)

        app.database.transact(lambda session: app.budgets.save(session, Budget("jisr"), 1))
        app.database.transact(stay)
        waits.join()

    def test_what_is_made_to_count_may_change_meanwhile(self, app: App) -> None:
        made = [
            book(app, MANAGER, space_id=room, period=period(hour, hour + 1))
            for room, hour in WISHES[:12]
        ]
        limit(app, UNLIMITED, 8)

        def add(hour: int) -> None:
            book(app, MANAGER, space_id="tabqa-meeting", period=period(hour, hour + 1))

        def shift(booking: Booking) -> None:
            move(app, booking, a_week_later(booking.period), MANAGER)

        def drop(booking: Booking) -> None:
            command = CancelBooking(booking.id, booking.version, None)
            bookings.cancel(app, call(MANAGER), command)

        outcomes = contend(
            *[partial(drop, each) for each in made[:4]],
            *[partial(shift, each) for each in made[4:8]],
            *[partial(add, hour) for hour in (9, 11, 13, 15)],
        )
        refused = [each.code for each in outcomes if each is not None]
        assert set(refused) <= {"bookings.budget_exceeded"}
        assert len(refused) <= 4
        stays = len(refused)
        assert shown(app, NEXT_WEEK) == Amount(240, 4)
        assert shown(app) == Amount(60 * (8 - stays), 8 - stays)


class TestAudit:
    def test_it_says_what_is_wrong(self, app: App, database: Server) -> None:
        limit(app, 3, 3)
        book(app)
        assert audited(app, database) == (0, "0 differences.\n")
        weeks = app.database.collection("budget_weeks")
        weeks.update_one({}, {"$inc": {"minutes": 15}})
        wrong = "amal 2026-W48: expected 60 min in 1 bookings, found 75 min in 1 bookings"
        assert audited(app, database) == (1, f"{wrong}\n1 differences.\n")
        weeks.update_one({}, {"$inc": {"minutes": -15}})

    def test_a_database_that_is_away_is_one_sentence(self, app: App, database: Server) -> None:
        nowhere = f"mongodb://127.0.0.1:{free_port()}/?serverSelectionTimeoutMS=500"
        code, said = audited(app, database, MONGO_URI=nowhere)
        assert code == 1
        assert said.count("\n") == 1


def audited(app: App, database: Server, **settings: str) -> tuple[int, str]:
    """The command as an operator runs it, beside the service: its exit code, and what it says."""
    name = app.database.collection("budgets").database.name
    given = {
        "AMQP_URI": "amqp://unused",
        "MONGO_URI": database.uri,
        "DATABASE_PREFIX": name.removesuffix("_bookings"),
        "LINK_SECRET": "a secret of the tests",
        **settings,
    }
    done = subprocess.run(
        [sys.executable, "-m", "services.bookings", "audit"],
        cwd=ROOT,
        env={**os.environ, **given},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout or done.stderr
