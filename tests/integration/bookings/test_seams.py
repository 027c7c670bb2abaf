"""Where features of the bookings branch meet, on the real database: each keeps what the other has
promised."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, ClassVar

import pytest

from services.bookings.app import App
from services.bookings.domain import timing
from services.bookings.domain.booking import Booking
from services.bookings.domain.booking_states import Status
from services.bookings.domain.budgets import Conduct, Limits
from services.bookings.domain.deadlines import DeadlineKind
from services.bookings.domain.equipment import Equipment, Need
from services.bookings.domain.waitlist import HOLD_OUTLASTS_OFFER, Entry, EntryStatus
from services.bookings.operations import (
    booking_deadlines,
    budgets,
    check_in,
    closures,
    spaces,
    waitlist,
)
from services.bookings.operations import equipment as lending
from services.bookings.schemas.check_in import CorrectNoShow
from services.bookings.schemas.closures import LiftClosure, ResolveClosure
from services.bookings.schemas.equipment import ChangeEquipment
from services.bookings.schemas.spaces import ChangeSpace
from services.bookings.steps import waitlist_entries
from services.bookings.store.waitlist import WaitlistStore
from services.common.context import Caller
from services.common.directory.store import Directory
from tests.support.bookings import (
    MANAGER,
    RAQQA_DESK,
    STRANGER,
    arrive,
    book,
    call,
    cancel,
    let_worker_work,
    move,
    now_is,
    open_centre,
    organisation,
    period,
    stored,
    suspend,
    told,
    tomorrow,
    wish,
)
from tests.support.closures import close, seen
from tests.support.stack import Server


@pytest.fixture
def app(database: Server) -> Iterator[App]:
    for app in open_centre(database.uri, Limits(40, 20)):
        app.equipment.seed([Equipment("projector", "raqqa", {"ar": "جهاز عرض"}, 2)])
        yield app
        assert budgets.audit_budgets(app) == []


def wait(app: App, caller: Caller = STRANGER, **values: Any) -> Entry:
    entry = waitlist.join(app, call(caller), wish(**values))
    let_worker_work(app)
    return app.waitlist.get(entry.id)


def lift(app: App, closure: dict[str, Any]) -> None:
    command = LiftClosure(closure["id"], seen(app, closure["id"])["version"])
    closures.lift(app, call(RAQQA_DESK), command)


def facts(app: App, subject: str) -> list[dict[str, Any]]:
    """The events of a subject."""
    rows = app.database.collection("outbox").find({"event.subject": subject}).sort("version", 1)
    return [{"type": row["event"]["type"], **row["event"]["data"]} for row in rows]


class TestAClosureOverABooking:
    """Nobody has decided yet what becomes of it."""

    @pytest.fixture
    def booking(self, app: App) -> Booking:
        return book(app)

    @pytest.fixture
    def closed(self, app: App, booking: Booking) -> dict[str, Any]:
        return close(app)

    def test_who_does_not_come_to_a_locked_door_is_not_blamed(
        self, app: App, booking: Booking, closed: dict[str, Any]
    ) -> None:
        now_is(app, booking.period.starts_at + timing.NO_SHOW_GRACE)
        let_worker_work(app)
        after = stored(app, booking)
        assert after.status is Status.NO_SHOW
        assert facts(app, booking.id)[-1]["counted"] is False
        assert app.budgets.conduct("amal") == Conduct(0, 0)
        command = CorrectNoShow(after.id, after.version, "They waited outside")
        now_is(app, booking.period.ends_at)
        check_in.correct_no_show(app, call(RAQQA_DESK), command)
        assert app.budgets.conduct("amal") == Conduct(0, 0)

    def test_nor_is_who_calls_it_off_late(
        self, app: App, booking: Booking, closed: dict[str, Any]
    ) -> None:
        now_is(app, booking.period.starts_at - timedelta(hours=1))
        assert not cancel(app, booking).cancelled_late
        assert app.budgets.conduct("amal") == Conduct(0, 0)

    def test_nor_who_moves_on(self, app: App, booking: Booking, closed: dict[str, Any]) -> None:
        now_is(app, booking.period.starts_at - timedelta(hours=1))
        moved = move(app, stored(app, booking), period(10 + 48, 11 + 48))
        assert not moved.given_up_late
        assert not cancel(app, moved).cancelled_late

    def test_once_it_is_lifted_all_is_as_ever(
        self, app: App, booking: Booking, closed: dict[str, Any]
    ) -> None:
        lift(app, closed)
        now_is(app, booking.period.starts_at + timing.NO_SHOW_GRACE)
        let_worker_work(app)
        assert app.budgets.conduct("amal") == Conduct(1, 0)


class TestAHoldThatOutlastsItsOffer:
    """The end of the offer was not dealt with in time: the worker was away, or killed in it."""

    @pytest.fixture
    def offered(self, app: App) -> Entry:
        entry = wait(app)
        assert entry.status is EntryStatus.OFFERED
        return entry

    def expire_hold(self, app: App, entry: Entry) -> Booking:
        """The deadline of the hold comes first."""
        assert entry.offer is not None
        now_is(app, entry.offer.expires_at + HOLD_OUTLASTS_OFFER)
        deadlines = app.database.collection("deadlines")
        deadlines.update_one(
            {"kind": DeadlineKind.BOOKING, "subject": entry.offer.booking_id},
            {"$set": {"due_at": tomorrow(-24)}},
        )
        deadline = app.deadlines.claim()
        assert deadline is not None
        assert deadline.subject == entry.offer.booking_id
        booking_deadlines.run_deadline(app, deadline)
        return app.bookings.get(entry.offer.booking_id)

    def test_people_are_told_once(self, app: App, offered: Entry) -> None:
        held = self.expire_hold(app, offered)
        let_worker_work(app)
        assert stored(app, held).status is Status.EXPIRED
        assert app.waitlist.get(offered.id).status is EntryStatus.EXPIRED
        assert told(app, held) == ["held", "expired"]
        assert facts(app, held.id)[-1]["part_of"] == offered.id
        assert [each["type"] for each in facts(app, offered.id)][-1] == "bookings.waitlist.expired"

    def test_who_could_not_accept_keeps_their_place(self, app: App, offered: Entry) -> None:
        close(app)
        self.expire_hold(app, offered)
        let_worker_work(app)
        after = app.waitlist.get(offered.id)
        assert after.status is EntryStatus.WAITING
        assert facts(app, offered.id)[-1]["type"] == "bookings.waitlist.withdrawn"


class TestAnOrganisationThatIsApprovedAgain:
    def test_who_waits_again_in_that_moment_is_not_forgotten(
        self, app: App, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The centre closes over an offer, and the worker looks for another time, while the news is
        being taken in but is nobody's knowledge yet."""
        entry = wait(app, window=period(10, 12))
        assert entry.offer is not None
        suspend(app, "furat")
        put = Directory.put_organisations

        def beside_a_closure(store: Directory, *values: Any) -> None:
            monkeypatch.undo()
            closed = close(app, period=period(10, 11))
            resolve = ResolveClosure(closed["id"], closed["version"], "cancel")
            closures.resolve(app, call(RAQQA_DESK), resolve)
            let_worker_work(app)
            assert app.waitlist.get(entry.id).status is EntryStatus.WAITING
            put(store, *values)

        monkeypatch.setattr(Directory, "put_organisations", beside_a_closure)
        arrive(app, organisation("furat", "approved", version=4))
        let_worker_work(app)
        after = app.waitlist.get(entry.id)
        assert after.status is EntryStatus.OFFERED
        assert after.offer is not None
        assert after.offer.period == period(11, 12)


class TestWaitingInVain:
    """Nobody could join like that any more."""

    WITH_BOTH: ClassVar[dict[str, Any]] = {"equipment": (Need("projector", 2),)}

    @pytest.fixture(autouse=True)
    def taken(self, app: App) -> Booking:
        return book(app, space_id="raqqa-meeting")

    def lend(self, app: App, **changes: Any) -> None:
        version = app.equipment.get("projector").version
        lending.change(app, call(MANAGER), ChangeEquipment("projector", version, changes, None))

    def make(self, app: App, **changes: Any) -> None:
        version = app.centres.space("raqqa-meeting").version
        spaces.change(app, call(MANAGER), ChangeSpace("raqqa-meeting", version, changes))

    def later(self, app: App) -> None:
        now_is(app, app.clock.now() + waitlist_entries.RECHECKED_AFTER)
        let_worker_work(app)

    def status(self, app: App, entry: Entry) -> EntryStatus:
        return app.waitlist.get(entry.id).status

    @pytest.mark.parametrize("changes", [{"retired": True}, {"quantity": 1}])
    def test_who_waits_for_equipment_that_is_gone_is_told(
        self, app: App, changes: dict[str, Any]
    ) -> None:
        entry, other = wait(app, **self.WITH_BOTH), wait(app)
        self.lend(app, **changes)
        let_worker_work(app)
        assert self.status(app, entry) is EntryStatus.WAITING
        self.later(app)
        assert self.status(app, entry) is EntryStatus.EXPIRED
        assert facts(app, entry.id)[-1]["type"] == "bookings.waitlist.expired"
        assert self.status(app, other) is EntryStatus.WAITING

    def test_what_is_taken_back_at_once_ends_nobodys_waiting(
        self, app: App, taken: Booking
    ) -> None:
        entry = wait(app, **self.WITH_BOTH)
        self.lend(app, retired=True)
        self.lend(app, retired=False)
        self.later(app)
        assert self.status(app, entry) is EntryStatus.WAITING
        cancel(app, taken)
        let_worker_work(app)
        assert self.status(app, entry) is EntryStatus.OFFERED

    def test_who_joins_in_that_moment_is_told_too(
        self, app: App, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        add = WaitlistStore.add

        def beside_the_end(store: WaitlistStore, *values: Any) -> None:
            monkeypatch.undo()
            self.lend(app, retired=True)
            let_worker_work(app)
            add(store, *values)

        monkeypatch.setattr(WaitlistStore, "add", beside_the_end)
        entry = wait(app, **self.WITH_BOTH)
        assert self.status(app, entry) is EntryStatus.WAITING
        self.later(app)
        assert self.status(app, entry) is EntryStatus.EXPIRED

    @pytest.mark.parametrize("place", [{}, {"space_id": None, "centre_id": "raqqa"}])
    def test_so_is_who_does_not_fit_in_any_more(self, app: App, place: dict[str, Any]) -> None:
        for other in ("raqqa-training", "raqqa-hall-a"):
            version = app.centres.space(other).version
            spaces.change(app, call(MANAGER), ChangeSpace(other, version, {"capacity": 5}))
        hall = app.centres.space("raqqa-hall")
        spaces.change(app, call(MANAGER), ChangeSpace("raqqa-hall", hall.version, {"capacity": 5}))
        entry, few = wait(app, people=10, **place), wait(app, people=4)
        self.make(app, capacity=8)
        self.later(app)
        assert self.status(app, entry) is EntryStatus.EXPIRED
        assert self.status(app, few) is EntryStatus.WAITING
