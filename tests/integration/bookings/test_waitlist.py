"""The waitlist on the real database: in line, one at a time, and nobody is forgotten."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from services.bookings.app import App
from services.bookings.domain.booking import Booking
from services.bookings.domain.booking_states import Status
from services.bookings.domain.closures import Kind
from services.bookings.domain.deadlines import DeadlineKind
from services.bookings.domain.equipment import Equipment, Need
from services.bookings.domain.waitlist import (
    OFFER_ENDS_BEFORE_START,
    OFFER_LASTS,
    OFFER_NOTICE,
    Entry,
    EntryStatus,
)
from services.bookings.operations import bookings, budgets, closures, spaces, waitlist
from services.bookings.operations.hours import set_hours
from services.bookings.schemas.bookings import CancelBooking, ChangeBooking
from services.bookings.schemas.budgets import GrantBudget, SetBudget
from services.bookings.schemas.closures import LiftClosure, PlanClosure, ResolveClosure
from services.bookings.schemas.hours import SetHours
from services.bookings.schemas.spaces import ChangeSpace
from services.bookings.schemas.waitlist import (
    ChangeWaitlistEntry,
    JoinWaitlist,
    ListWaitlistEntries,
)
from services.bookings.store.waitlist import WaitlistStore
from services.common import errors
from services.common.context import VISITOR, Caller
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
    WORKING_WEEK,
    advance,
    booking_command,
    call,
    let_worker_work,
    open_centre,
    period,
    space,
    tomorrow,
    wish,
)
from tests.support.racing import together
from tests.support.stack import Server

THIRD = Caller(id="huda", organisations={"jisr": "representative"})


@pytest.fixture
def app(database: Server) -> Iterator[App]:
    yield from open_centre(database.uri)


def long_wish(**values: Any) -> JoinWaitlist:
    two_hours = {"window": period(10, 12), "duration": timedelta(hours=2)}
    return wish(**{**two_hours, **values})


def joined(app: App, caller: Caller = STRANGER, **values: Any) -> Entry:
    entry = waitlist.join(app, call(caller), long_wish(**values))
    let_worker_work(app)
    return entry


def now_of(app: App, entry: Entry) -> Entry:
    return app.waitlist.get(entry.id)


def act_alone(app: App, operation: Callable[..., Entry], caller: Caller, entry: Entry) -> Entry:
    known = now_of(app, entry)
    return operation(app, call(caller), ChangeWaitlistEntry(known.id, known.version))


def act(app: App, operation: Callable[..., Entry], caller: Caller, entry: Entry) -> Entry:
    after = act_alone(app, operation, caller, entry)
    let_worker_work(app)
    return after


def taken(app: App, **values: Any) -> Booking:
    return bookings.create(app, call(MEMBER), booking_command(period=period(10, 12), **values))


def cancelled(app: App, booking: Booking) -> None:
    bookings.cancel(app, call(MEMBER), CancelBooking(booking.id, booking.version, None))
    let_worker_work(app)


def events(app: App) -> list[str]:
    rows = app.database.collection("outbox").find().sort("_id", 1)
    return [row["event"]["type"].removeprefix("bookings.") for row in rows]


def held(app: App) -> list[Booking]:
    found = app.bookings.find(visible=None, filters={"status": "held"}, after=None, limit=100)
    return [app.bookings.get(each.id) for each in found]


def outcomes(app: App, closure_id: str) -> list[str]:
    affected = closures.get(app, call(MANAGER), closure_id)["affected"]
    return [each["outcome"] for each in affected]


class TestLine:
    def test_the_first_in_line_is_offered_what_is_cancelled(self, app: App) -> None:
        booking = taken(app)
        first, second = joined(app), joined(app, THIRD, organisation_id="jisr")
        assert (now_of(app, first).status, now_of(app, second).status) == ("waiting", "waiting")
        cancelled(app, booking)
        offered = now_of(app, first)
        assert offered.status is EntryStatus.OFFERED
        assert offered.offer is not None
        assert offered.offer.period == period(10, 12)
        assert offered.offer.expires_at == NOW + OFFER_LASTS
        assert now_of(app, second).status is EntryStatus.WAITING
        (hold,) = held(app)
        assert (hold.id, hold.booked_by, hold.organisation_id) == (
            offered.offer.booking_id,
            "ziad",
            "furat",
        )
        with pytest.raises(errors.Conflict, match="space_taken"):
            taken(app)

    def test_who_accepts_has_booked(self, app: App) -> None:
        booking = taken(app)
        entry = joined(app)
        cancelled(app, booking)
        accepted = act(app, waitlist.accept, STRANGER, entry)
        assert accepted.status is EntryStatus.ACCEPTED
        assert accepted.offer is not None
        assert app.bookings.get(accepted.offer.booking_id).status is Status.CONFIRMED
        assert events(app)[-4:] == [
            "booking.held",
            "waitlist.offered",
            "booking.confirmed",
            "waitlist.accepted",
        ]
        # Only what the booking itself waits for is left to be done.
        advance(app, OFFER_LASTS * 2)
        let_worker_work(app)
        assert app.bookings.get(accepted.offer.booking_id).status is Status.CONFIRMED

    def test_a_space_that_needs_approval_is_then_asked_for(self, app: App) -> None:
        app.centres.seed([], [space("raqqa-formal", needs_approval=True)])
        entry = joined(app, space_id="raqqa-formal")
        accepted = act(app, waitlist.accept, STRANGER, entry)
        assert accepted.offer is not None
        assert app.bookings.get(accepted.offer.booking_id).status is Status.PENDING

    @pytest.mark.parametrize("operation", [waitlist.decline, waitlist.cancel])
    def test_who_lets_it_go_gives_it_to_the_next(
        self, app: App, operation: Callable[..., Entry]
    ) -> None:
        booking = taken(app)
        first, second = joined(app), joined(app, THIRD, organisation_id="jisr")
        cancelled(app, booking)
        act(app, operation, STRANGER, first)
        assert now_of(app, first).status in (EntryStatus.DECLINED, EntryStatus.CANCELLED)
        assert now_of(app, second).status is EntryStatus.OFFERED
        assert len(held(app)) == 1

    def test_an_offer_that_nobody_answers_goes_to_the_next(self, app: App) -> None:
        booking = taken(app)
        first, second = joined(app), joined(app, THIRD, organisation_id="jisr")
        cancelled(app, booking)
        advance(app, OFFER_LASTS)
        with pytest.raises(errors.Conflict, match="hold_over"):
            waitlist.accept(app, call(STRANGER), ChangeWaitlistEntry(first.id, 2))
        let_worker_work(app)
        assert now_of(app, first).status is EntryStatus.EXPIRED
        assert now_of(app, second).status is EntryStatus.OFFERED
        last = app.database.collection("outbox").find_one(
            {"event.type": "bookings.booking.expired"}
        )
        assert last is not None
        assert last["event"]["data"]["part_of"] == first.id

    def test_everything_that_was_released_is_offered(self, app: App) -> None:
        booking = taken(app)
        an_hour = {"duration": timedelta(hours=1)}
        entries = [joined(app, **an_hour) for _ in range(3)]
        cancelled(app, booking)
        found = [now_of(app, entry) for entry in entries]
        assert [entry.status for entry in found] == ["offered", "offered", "waiting"]
        assert [e.offer.period for e in found if e.offer] == [period(10, 11), period(11, 12)]

    def test_who_does_not_fit_is_passed_over_and_keeps_the_place(self, app: App) -> None:
        booking = taken(app)
        long = joined(app, window=period(10, 17), duration=timedelta(hours=5, minutes=30))
        assert now_of(app, long).status is EntryStatus.WAITING
        blocker = bookings.create(app, call(MEMBER), booking_command(period=period(13, 14)))
        short = joined(app, THIRD, organisation_id="jisr")
        cancelled(app, booking)
        assert now_of(app, long).status is EntryStatus.WAITING
        assert now_of(app, short).status is EntryStatus.OFFERED
        act(app, waitlist.decline, THIRD, short)
        cancelled(app, blocker)
        assert now_of(app, long).status is EntryStatus.OFFERED

    def test_a_walk_in_before_the_worker_looks_has_it_and_the_line_keeps_its_order(
        self, app: App
    ) -> None:
        booking = taken(app)
        first, second = joined(app), joined(app, THIRD, organisation_id="jisr")
        bookings.cancel(app, call(MEMBER), CancelBooking(booking.id, 1, None))
        walk_in = taken(app)
        let_worker_work(app)
        assert {now_of(app, each).status for each in (first, second)} == {EntryStatus.WAITING}
        cancelled(app, walk_in)
        assert now_of(app, first).status is EntryStatus.OFFERED
        assert now_of(app, second).status is EntryStatus.WAITING

    def test_what_was_released_while_the_worker_was_away_is_offered_when_it_is_back(
        self, app: App
    ) -> None:
        booking = taken(app)
        entry = joined(app)
        bookings.cancel(app, call(MEMBER), CancelBooking(booking.id, 1, None))
        advance(app, timedelta(hours=6))
        let_worker_work(app)
        assert now_of(app, entry).status is EntryStatus.OFFERED

    def test_an_offer_that_ends_while_the_worker_is_away_is_nobodys_until_it_is_back(
        self, app: App
    ) -> None:
        first, second = joined(app), joined(app, THIRD, organisation_id="jisr")
        advance(app, OFFER_LASTS * 2)
        with pytest.raises(errors.Conflict, match="hold_over"):
            act_alone(app, waitlist.accept, STRANGER, first)
        with pytest.raises(errors.Conflict, match="space_taken"):
            taken(app)
        let_worker_work(app)
        assert now_of(app, first).status is EntryStatus.EXPIRED
        assert now_of(app, second).status is EntryStatus.OFFERED

    def test_what_is_free_already_is_offered_at_once(self, app: App) -> None:
        assert now_of(app, joined(app)).status is EntryStatus.OFFERED

    def test_what_is_free_for_who_joins_is_first_for_those_who_came_before(self, app: App) -> None:
        booking = taken(app)
        first = joined(app)
        bookings.cancel(app, call(MEMBER), CancelBooking(booking.id, booking.version, None))
        # Its release is handled after an entry that joins now.
        later = {"$set": {"due_at": NOW + timedelta(minutes=1)}}
        app.database.collection("deadlines").update_one(
            {"kind": DeadlineKind.WAITLIST_MATCH}, later
        )
        second = joined(app, THIRD, organisation_id="jisr")
        assert now_of(app, first).status is EntryStatus.OFFERED
        assert now_of(app, second).status is EntryStatus.WAITING

    def test_any_fitting_space_of_the_centre(self, app: App) -> None:
        taken(app)
        entry = joined(app, space_id=None, centre_id="raqqa", people=20)
        offered = now_of(app, entry)
        assert offered.offer is not None
        assert offered.offer.space_id == "raqqa-training"

    def test_a_moved_booking_releases_too(self, app: App) -> None:
        booking = taken(app)
        entry = joined(app)
        move = ChangeBooking(booking.id, 1, None, tomorrow(14), tomorrow(16), {})
        bookings.change(app, call(MEMBER), move)
        let_worker_work(app)
        assert now_of(app, entry).status is EntryStatus.OFFERED

    def test_a_no_show_releases_what_is_left(self, app: App) -> None:
        booking = bookings.create(app, call(MEMBER), booking_command(period=period(10, 14)))
        entry = joined(app, window=period(10, 14), duration=timedelta(hours=1))
        advance(app, booking.period.starts_at + timedelta(minutes=16) - NOW)
        let_worker_work(app)
        offered = now_of(app, entry)
        assert offered.offer is not None
        assert offered.offer.period.starts_at > app.clock.now() + OFFER_NOTICE

    def test_longer_hours_are_offered_too(self, app: App) -> None:
        entry = joined(app, window=period(17, 19))
        assert now_of(app, entry).status is EntryStatus.WAITING
        week = {**WORKING_WEEK, "tuesday": [["09:00", "20:00"]]}
        set_hours(app, call(MANAGER), SetHours("raqqa", 1, WeeklyHours.parse(week)))
        let_worker_work(app)
        assert now_of(app, entry).status is EntryStatus.OFFERED

    def test_an_offer_ends_before_its_start(self, app: App) -> None:
        advance(app, tomorrow(8, 45) - NOW)
        entry = joined(app)
        offered = now_of(app, entry)
        assert offered.offer is not None
        assert offered.offer.expires_at == tomorrow(10) - OFFER_ENDS_BEFORE_START

    def test_a_window_that_is_over_ends_the_waiting(self, app: App) -> None:
        taken(app)
        entry = joined(app)
        advance(app, entry.over_at - NOW)
        let_worker_work(app)
        assert now_of(app, entry).status is EntryStatus.EXPIRED
        assert events(app)[-1] == "waitlist.expired"

    def test_who_leaves_is_offered_nothing(self, app: App) -> None:
        booking = taken(app)
        entry = joined(app)
        act(app, waitlist.cancel, STRANGER, entry)
        cancelled(app, booking)
        assert held(app) == []
        assert app.database.collection("deadlines").count_documents({}) == 0

    def test_what_is_released_beside_the_window_is_offered_too(self, app: App) -> None:
        # Cleaned until a quarter past twelve, the room cannot be had while another booking has it
        # at noon.
        values = {"space_id": "raqqa-training", "period": period(12, 13)}
        booking = bookings.create(app, call(MEMBER), booking_command(**values))
        entry = joined(app, space_id="raqqa-training")
        assert now_of(app, entry).status is EntryStatus.WAITING
        cancelled(app, booking)
        assert now_of(app, entry).status is EntryStatus.OFFERED


class TestEquipment:
    @pytest.fixture(autouse=True)
    def lent(self, app: App) -> None:
        app.equipment.seed(
            [
                Equipment("projector", "raqqa", {"ar": "جهاز عرض"}, 2),
                Equipment("tabqa-projector", "tabqa", {"ar": "جهاز عرض"}, 1),
            ]
        )

    def test_an_offer_holds_the_equipment_too(self, app: App) -> None:
        entry = joined(app, equipment=(Need("projector", 2),))
        (hold,) = held(app)
        assert hold.equipment == entry.equipment
        assert hold.claim is not None
        assert hold.claim.units == ("projector#1", "projector#2")
        with pytest.raises(errors.Conflict, match="equipment_taken"):
            taken(app, space_id="raqqa-training", equipment=(Need("projector", 1),))
        accepted = act(app, waitlist.accept, STRANGER, entry)
        assert accepted.offer is not None
        booking = app.bookings.get(accepted.offer.booking_id)
        assert (booking.status, booking.equipment) == (Status.CONFIRMED, entry.equipment)

    def test_equipment_that_another_room_gives_back_is_offered(self, app: App) -> None:
        lending = taken(app, space_id="raqqa-training", equipment=(Need("projector", 2),))
        entry = joined(app, equipment=(Need("projector", 1),))
        without = joined(app, THIRD, organisation_id="jisr", space_id="raqqa-hall")
        assert now_of(app, entry).status is EntryStatus.WAITING
        assert now_of(app, without).status is EntryStatus.OFFERED
        cancelled(app, lending)
        assert now_of(app, entry).status is EntryStatus.OFFERED

    def test_equipment_that_a_booking_does_without_is_offered(self, app: App) -> None:
        lending = taken(app, space_id="raqqa-training", equipment=(Need("projector", 2),))
        entry = joined(app, equipment=(Need("projector", 1),))
        fewer = ChangeBooking(
            lending.id, 1, None, None, None, {"equipment": (Need("projector", 1),)}
        )
        bookings.change(app, call(MEMBER), fewer)
        let_worker_work(app)
        assert now_of(app, entry).status is EntryStatus.OFFERED

    @pytest.mark.parametrize("operation", [waitlist.decline, waitlist.cancel])
    def test_who_lets_it_go_gives_the_equipment_to_the_next(
        self, app: App, operation: Callable[..., Entry]
    ) -> None:
        both = {"space_id": None, "centre_id": "raqqa", "equipment": (Need("projector", 2),)}
        first = joined(app, **both)
        second = joined(app, THIRD, organisation_id="jisr", **both)
        assert now_of(app, second).status is EntryStatus.WAITING
        act(app, operation, STRANGER, first)
        assert now_of(app, second).status is EntryStatus.OFFERED
        assert len(held(app)) == 1

    def test_an_offer_that_nobody_answers_gives_its_equipment_to_the_next(self, app: App) -> None:
        both = {"space_id": None, "centre_id": "raqqa", "equipment": (Need("projector", 2),)}
        first, second = joined(app, **both), joined(app, THIRD, organisation_id="jisr", **both)
        advance(app, OFFER_LASTS)
        let_worker_work(app)
        assert now_of(app, first).status is EntryStatus.EXPIRED
        assert now_of(app, second).status is EntryStatus.OFFERED

    def test_any_fitting_space_is_offered_when_space_and_equipment_are_free(self, app: App) -> None:
        taken(app, space_id="raqqa-hall-a", equipment=(Need("projector", 2),))
        wanted = {
            "space_id": None,
            "centre_id": "raqqa",
            "people": 20,
            "window": period(10, 14),
            "duration": timedelta(hours=1),
        }
        entry = joined(app, equipment=(Need("projector", 1),), **wanted)
        offer = now_of(app, entry).offer
        assert offer is not None
        assert (offer.space_id, offer.period) == ("raqqa-training", period(12, 13))

    @pytest.mark.parametrize(
        ("equipment", "code"),
        [
            ((Need("nothing", 1),), "bookings.unknown_equipment"),
            ((Need("tabqa-projector", 1),), "bookings.unknown_equipment"),
            ((Need("projector", 3),), "bookings.equipment_too_few"),
        ],
    )
    @pytest.mark.parametrize("place", ["space_id", "centre_id"])
    def test_what_could_never_be_offered_is_refused(
        self, app: App, equipment: tuple[Need, ...], code: str, place: str
    ) -> None:
        where = {"space_id": None, "centre_id": "raqqa"} if place == "centre_id" else {}
        with pytest.raises(errors.MasahaError) as refusal:
            joined(app, equipment=equipment, **where)
        assert refusal.value.code == code
        assert events(app) == []


def limit_to(app: App, hours: int | None) -> None:
    version = app.budgets.get("furat").version
    budgets.set_limits(app, call(MANAGER), SetBudget("furat", version, hours, None))
    let_worker_work(app)


def used_up(app: App, entry: Entry) -> Booking:
    """A booking with which the organisation of the entry cannot have what it waits for; it takes
    none of the time of anybody."""
    limit_to(app, 2)
    command = booking_command(
        space_id="tabqa-meeting", organisation_id="furat", period=period(14, 16)
    )
    booking = bookings.create(app, call(STRANGER), command)
    assert now_of(app, entry).status is EntryStatus.WAITING
    return booking


class TestBudget:
    """Time that is free, and waits for an organisation that has nothing left of its week."""

    @pytest.fixture
    def poor(self, app: App) -> Entry:
        booking = taken(app)
        entry = joined(app)
        self.booking = used_up(app, entry)
        cancelled(app, booking)
        assert now_of(app, entry).status is EntryStatus.WAITING
        return entry

    def test_a_grant_lets_it_be_offered(self, app: App, poor: Entry) -> None:
        command = GrantBudget("furat", "2026-W49", 2, 0, "Another week")
        budgets.grant(app, call(MANAGER), command)
        let_worker_work(app)
        assert now_of(app, poor).status is EntryStatus.WAITING
        budgets.grant(app, call(MANAGER), replace(command, week="2026-W48"))
        let_worker_work(app)
        assert now_of(app, poor).status is EntryStatus.OFFERED

    def test_higher_limits_let_it_be_offered(self, app: App, poor: Entry) -> None:
        limit_to(app, 3)
        assert now_of(app, poor).status is EntryStatus.WAITING
        limit_to(app, 4)
        assert now_of(app, poor).status is EntryStatus.OFFERED

    def test_no_limit_any_more_lets_it_be_offered(self, app: App, poor: Entry) -> None:
        limit_to(app, None)
        assert now_of(app, poor).status is EntryStatus.OFFERED

    def test_what_was_called_off_at_another_centre_lets_it_be_offered(
        self, app: App, poor: Entry
    ) -> None:
        command = CancelBooking(self.booking.id, self.booking.version, None)
        bookings.cancel(app, call(STRANGER), command)
        let_worker_work(app)
        assert now_of(app, poor).status is EntryStatus.OFFERED

    def test_others_in_line_are_not_held_up(self, app: App, poor: Entry) -> None:
        second = joined(app, THIRD, organisation_id="jisr")
        assert now_of(app, second).status is EntryStatus.OFFERED


class TestClosedOver:
    """What becomes of an offer when the space is closed over it."""

    @pytest.fixture
    def offered(self, app: App) -> Entry:
        return now_of(app, joined(app))

    def close(self, app: App) -> str:
        closed = closures.close(
            app,
            call(RAQQA_DESK),
            PlanClosure(
                "raqqa", ("raqqa-meeting",), period(9, 17), Kind.MAINTENANCE, {"ar": "صيانة"}
            ),
        )
        closure_id: str = closed["id"]
        return closure_id

    def test_it_cannot_be_accepted_any_more(self, app: App, offered: Entry) -> None:
        self.close(app)
        with pytest.raises(errors.Conflict, match="space_closed"):
            act(app, waitlist.accept, STRANGER, offered)
        assert now_of(app, offered) == offered
        assert [each.status for each in held(app)] == [Status.HELD]

    def call_off_its_booking(self, app: App, closure_id: str) -> None:
        command = ResolveClosure(closure_id, 1, "cancel", booking_ids=None)
        assert closures.resolve(app, call(RAQQA_DESK), command)["refused"] == []
        let_worker_work(app)

    def test_called_off_it_waits_again_in_its_place(self, app: App, offered: Entry) -> None:
        second = joined(app, THIRD, organisation_id="jisr")
        closure_id = self.close(app)
        self.call_off_its_booking(app, closure_id)
        again = now_of(app, offered)
        assert (again.status, again.offer) == (EntryStatus.WAITING, None)
        assert again.created_at == offered.created_at
        closures.lift(
            app,
            call(RAQQA_DESK),
            LiftClosure(closure_id, closures.get(app, call(MANAGER), closure_id)["version"]),
        )
        let_worker_work(app)
        assert now_of(app, offered).status is EntryStatus.OFFERED
        assert now_of(app, second).status is EntryStatus.WAITING

    def test_it_is_told_as_what_it_is_and_why(self, app: App, offered: Entry) -> None:
        assert offered.offer is not None
        self.call_off_its_booking(app, self.close(app))
        rows = app.database.collection("outbox").find().sort("_id", 1)
        told = {row["event"]["type"]: row["event"]["data"] for row in rows}
        assert told["bookings.booking.cancelled"]["part_of"] == offered.id
        withdrawn = told["bookings.waitlist.withdrawn"]
        assert withdrawn["booking_id"] == offered.offer.booking_id
        assert withdrawn["status"] == "waiting"
        assert withdrawn["reasons"] == {"ar": "صيانة"}

    def test_it_may_be_offered_another_time_at_once(self, app: App) -> None:
        entry = joined(app, window=Period(tomorrow(10), tomorrow(36)))
        self.call_off_its_booking(app, self.close(app))
        offered = now_of(app, entry)
        assert offered.offer is not None
        assert offered.offer.period.starts_at == tomorrow(33)

    def test_nobody_decides_in_time_and_it_waits_again_all_the_same(
        self, app: App, offered: Entry
    ) -> None:
        closure_id = self.close(app)
        advance(app, OFFER_LASTS)
        let_worker_work(app)
        assert now_of(app, offered).status is EntryStatus.WAITING
        assert events(app)[-2:] == ["booking.expired", "waitlist.withdrawn"]
        assert outcomes(app, closure_id) == ["expired"]

    def test_its_booking_called_off_by_its_own_people_is_an_offer_declined(
        self, app: App, offered: Entry
    ) -> None:
        second = joined(app, THIRD, organisation_id="jisr")
        (hold,) = held(app)
        bookings.cancel(app, call(STRANGER), CancelBooking(hold.id, hold.version, None))
        let_worker_work(app)
        assert now_of(app, offered).status is EntryStatus.DECLINED
        assert now_of(app, second).status is EntryStatus.OFFERED


class TestInVain:
    """What was waited for is not to be had any more: nobody could join like that."""

    def test_a_retired_space_ends_the_waiting_for_it(self, app: App) -> None:
        booking = taken(app)
        entry = joined(app)
        other = joined(app, space_id=None, centre_id="raqqa", window=period(18, 20))
        cancel = CancelBooking(booking.id, booking.version, None)
        bookings.cancel(app, call(MEMBER), cancel)
        spaces.change(app, call(MANAGER), ChangeSpace("raqqa-meeting", 1, {"retired": True}))
        let_worker_work(app)
        assert now_of(app, entry).status is EntryStatus.WAITING
        advance(app, spaces.SETTLED_AFTER)
        let_worker_work(app)
        assert now_of(app, entry).status is EntryStatus.EXPIRED
        assert events(app)[-1] == "waitlist.expired"
        assert now_of(app, other).status is EntryStatus.WAITING


class TestALineThatDoesNotRest:
    def test_a_match_is_left_for_later_and_made_then(
        self, app: App, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        tries = 0

        def overtaken(*_: object) -> None:
            nonlocal tries
            tries += 1
            raise RuntimeError("without end") if tries == 500 else errors.Stale()

        with monkeypatch.context() as patch:
            patch.setattr(WaitlistStore, "save", overtaken)
            entry = joined(app)
        assert tries < 100
        assert now_of(app, entry).status is EntryStatus.WAITING
        advance(app, timedelta(minutes=5))
        let_worker_work(app)
        assert now_of(app, entry).status is EntryStatus.OFFERED


class TestJoining:
    def test_the_same_key_gives_the_same_entry_again(self, app: App) -> None:
        first = waitlist.join(app, call(STRANGER, "k"), long_wish())
        again = waitlist.join(app, call(STRANGER, "k"), long_wish())
        assert again == first
        with pytest.raises(errors.KeyReused):
            waitlist.join(app, call(STRANGER, "k"), long_wish(title="Other"))
        waitlist.join(app, call(STRANGER, "c"), long_wish(space_id=None, centre_id="raqqa"))
        gone = replace(STRANGER, organisations={})
        for key, values in (("k", {}), ("c", {"space_id": None, "centre_id": "raqqa"})):
            with pytest.raises(errors.Forbidden, match=r"bookings\.not_of_organisation"):
                waitlist.join(app, call(gone, key), long_wish(**values))
        assert app.database.collection("waitlist_entries").count_documents({}) == 2

    @pytest.mark.parametrize(
        ("values", "code"),
        [
            ({"space_id": None}, "bookings.place_needed"),
            ({"centre_id": "raqqa"}, "bookings.place_needed"),
            ({"space_id": "nowhere"}, "bookings.unknown_space"),
            ({"space_id": None, "centre_id": "nowhere"}, "bookings.unknown_centre"),
            ({"duration": timedelta(hours=3)}, "bookings.window_too_short"),
            ({"window": period(12, 10)}, "bookings.window_too_short"),
            ({"duration": timedelta(minutes=20)}, "bookings.off_raster"),
            (
                {"window": Period(tomorrow(10), tomorrow(10) + timedelta(days=32))},
                "bookings.window_too_long",
            ),
            (
                {"window": Period(NOW - timedelta(hours=1), NOW + timedelta(hours=1))},
                "bookings.window_over",
            ),
            (
                {
                    "window": Period(
                        tomorrow(10) + timedelta(days=200), tomorrow(12) + timedelta(days=200)
                    )
                },
                "bookings.too_far_ahead",
            ),
            ({"people": 13}, "bookings.too_many_people"),
            ({"space_id": None, "centre_id": "raqqa", "people": 90}, "bookings.no_fitting_space"),
            (
                {"space_id": None, "centre_id": "raqqa", "features": ("pool",)},
                "bookings.no_fitting_space",
            ),
            ({"organisation_id": "amal"}, "bookings.not_of_organisation"),
        ],
    )
    def test_what_breaks_a_rule_is_refused_and_changes_nothing(
        self, app: App, values: dict[str, Any], code: str
    ) -> None:
        with pytest.raises(errors.MasahaError) as refusal:
            waitlist.join(app, call(STRANGER), long_wish(**values))
        assert refusal.value.code == code
        assert app.database.collection("waitlist_entries").count_documents({}) == 0
        assert events(app) == []

    def test_what_is_over_stays_over(self, app: App) -> None:
        taken(app)
        entry = joined(app)
        with pytest.raises(errors.Conflict, match="waitlist_not_allowed_now"):
            act(app, waitlist.accept, STRANGER, entry)
        act(app, waitlist.cancel, STRANGER, entry)
        for operation in (waitlist.accept, waitlist.decline, waitlist.cancel):
            with pytest.raises(errors.Conflict, match="waitlist_not_allowed_now"):
                act(app, operation, STRANGER, entry)

    def test_a_stale_version_is_refused(self, app: App) -> None:
        entry = joined(app)
        with pytest.raises(errors.Stale):
            waitlist.accept(app, call(STRANGER), ChangeWaitlistEntry(entry.id, 1))


class TestWhoMay:
    @pytest.mark.parametrize(
        ("caller", "sees", "changes"),
        [
            (MANAGER, True, True),
            (RAQQA_DESK, True, True),
            (TABQA_DESK, False, False),
            (REPRESENTATIVE, True, True),
            (MEMBER, True, True),
            (OTHER_MEMBER, True, False),
            (STRANGER, False, False),
            (VISITOR, False, False),
        ],
    )
    @pytest.mark.parametrize("operation", [waitlist.accept, waitlist.decline, waitlist.cancel])
    def test_table(
        self,
        app: App,
        operation: Callable[..., Entry],
        caller: Caller,
        sees: bool,
        changes: bool,
    ) -> None:
        entry = joined(app, MEMBER, organisation_id="amal")
        if sees:
            assert waitlist.get(app, call(caller), entry.id).id == entry.id
        else:
            with pytest.raises(errors.NotFound):
                waitlist.get(app, call(caller), entry.id)
        if changes:
            assert act(app, operation, caller, entry).version == 3
        else:
            with pytest.raises(errors.Forbidden if sees else errors.NotFound):
                act(app, operation, caller, entry)

    def test_a_list_holds_only_what_the_caller_may_see(self, app: App) -> None:
        mine = joined(app)
        joined(app, THIRD, organisation_id="jisr")
        everything = ListWaitlistEntries({}, 20, None)
        assert [e.id for e in waitlist.find(app, call(STRANGER), everything)] == [mine.id]
        assert len(waitlist.find(app, call(RAQQA_DESK), everything)) == 2
        assert waitlist.find(app, call(TABQA_DESK), everything) == []
        with pytest.raises(errors.Unauthenticated):
            waitlist.find(app, call(VISITOR), everything)

    def test_visitors_must_sign_in(self, app: App) -> None:
        with pytest.raises(errors.Unauthenticated):
            waitlist.join(app, call(VISITOR), long_wish())


class TestRaces:
    ROUNDS = 4

    def test_two_entries_and_two_workers_make_one_offer_in_order(self, app: App) -> None:
        for day in range(self.ROUNDS):
            when = Period(tomorrow(10), tomorrow(12))
            shift = timedelta(days=7 * day)
            when = Period(when.starts_at + shift, when.ends_at + shift)
            booking = bookings.create(app, call(MEMBER), booking_command(period=when))
            first = joined(app, window=when)
            second = joined(app, THIRD, organisation_id="jisr", window=when)
            bookings.cancel(app, call(MEMBER), CancelBooking(booking.id, 1, None))
            together(*[lambda: let_worker_work(app)] * 3)
            assert now_of(app, first).status is EntryStatus.OFFERED
            assert now_of(app, second).status is EntryStatus.WAITING
            assert len(held(app)) == day + 1

    def test_an_offer_is_accepted_or_expires_never_both(self, app: App) -> None:
        for day in range(self.ROUNDS):
            shift = timedelta(days=7 * day)
            when = Period(tomorrow(10) + shift, tomorrow(12) + shift)
            entry = joined(app, window=when)
            offer = now_of(app, entry).offer
            assert offer is not None
            # At the last millisecond the one may still, and the other already thinks it is late.
            advance(app, offer.expires_at - timedelta(milliseconds=1) - app.clock.now())
            late = replace(app, clock=type(app.clock)(offer.expires_at))  # type: ignore[call-arg]
            late.deadlines._clock = late.clock
            outcomes: list[str] = []

            def accept(entry: Entry = entry, outcomes: list[str] = outcomes) -> None:
                try:
                    command = ChangeWaitlistEntry(entry.id, 2)
                    waitlist.accept(app, call(STRANGER), command)
                    outcomes.append("accepted")
                except (errors.Conflict, errors.Stale):
                    outcomes.append("refused")

            together(accept, lambda late=late: let_worker_work(late))
            after = now_of(app, entry)
            status = app.bookings.get(offer.booking_id).status
            if outcomes == ["accepted"]:
                assert (after.status, status) == (EntryStatus.ACCEPTED, Status.CONFIRMED)
            else:
                assert (after.status, status) == (EntryStatus.EXPIRED, Status.EXPIRED)

    def test_an_offer_and_a_booking_never_get_the_same_unit(self, app: App) -> None:
        app.equipment.seed([Equipment("projector", "raqqa", {"ar": "جهاز عرض"}, 1)])
        one = (Need("projector", 1),)
        for day in range(self.ROUNDS):
            shift = timedelta(days=7 * day)
            when = Period(tomorrow(10) + shift, tomorrow(12) + shift)
            lending = bookings.create(
                app, call(MEMBER), booking_command(period=when, equipment=one)
            )
            entry = joined(app, space_id="raqqa-training", window=when, equipment=one)
            assert now_of(app, entry).status is EntryStatus.WAITING
            booked: list[Booking] = []

            def book(when: Period = when, booked: list[Booking] = booked) -> None:
                command = booking_command(space_id="raqqa-hall-a", period=when, equipment=one)
                try:
                    booked.append(bookings.create(app, call(MEMBER), command))
                except errors.Conflict as refusal:
                    assert refusal.code == "bookings.equipment_taken"

            bookings.cancel(app, call(MEMBER), CancelBooking(lending.id, 1, None))
            together(book, *[lambda: let_worker_work(app)] * 2)
            let_worker_work(app)
            offered = now_of(app, entry).status is EntryStatus.OFFERED
            assert offered == (booked == [])

    def test_a_grant_and_an_entry_at_once_do_not_miss_each_other(self, app: App) -> None:
        limit_to(app, 1)
        for round_ in range(self.ROUNDS):
            shift = timedelta(days=7 * round_)
            when = Period(tomorrow(10) + shift, tomorrow(12) + shift)
            command = GrantBudget("furat", f"2026-W{48 + round_}", 1, 0, "Feast")
            entries: list[Entry] = []
            together(
                lambda when=when, entries=entries: entries.append(
                    waitlist.join(app, call(STRANGER), long_wish(window=when))
                ),
                lambda command=command: budgets.grant(app, call(MANAGER), command),
                lambda: let_worker_work(app),
            )
            let_worker_work(app)
            assert now_of(app, entries[0]).status is EntryStatus.OFFERED

    def test_a_release_and_an_entry_at_once_do_not_miss_each_other(self, app: App) -> None:
        for day in range(self.ROUNDS):
            shift = timedelta(days=7 * day)
            when = Period(tomorrow(10) + shift, tomorrow(12) + shift)
            booking = bookings.create(app, call(MEMBER), booking_command(period=when))
            entries: list[Entry] = []
            together(
                lambda when=when, entries=entries: entries.append(
                    waitlist.join(app, call(STRANGER), long_wish(window=when))
                ),
                lambda b=booking: bookings.cancel(app, call(MEMBER), CancelBooking(b.id, 1, None)),
                lambda: let_worker_work(app),
            )
            let_worker_work(app)
            assert now_of(app, entries[0]).status is EntryStatus.OFFERED
