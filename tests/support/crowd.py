"""A crowd at one centre: people, staff, managers, news, and a worker that is killed now and then.

What they do at the same moment is drawn by a seed; who is first, the database decides.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from random import Random
from typing import Any, ClassVar, TypeVar

from services.bookings.app import App
from services.bookings.deadlines import handlers
from services.bookings.domain.booking_states import HOLDS_ITS_TIME
from services.bookings.domain.closures import Kind
from services.bookings.domain.equipment import Equipment, Need
from services.bookings.domain.series import OnConflict, Scope
from services.bookings.operations import (
    approval,
    bookings,
    budgets,
    closures,
    series,
    series_changes,
    spaces,
    waitlist,
)
from services.bookings.operations import equipment as lending
from services.bookings.schemas.approval import ApproveBooking, SetSpaceApproval
from services.bookings.schemas.bookings import CancelBooking, ChangeBooking
from services.bookings.schemas.budgets import SetBudget
from services.bookings.schemas.closures import (
    ChangeClosure,
    LiftClosure,
    PlanClosure,
    ResolveClosure,
)
from services.bookings.schemas.equipment import ChangeEquipment
from services.bookings.schemas.series import CancelSeries, ChangeSeries, CreateSeries, RetrySeries
from services.bookings.schemas.spaces import AddSpace, ChangeSpace
from services.bookings.schemas.waitlist import ChangeWaitlistEntry
from services.common.context import Caller
from services.common.storage.deadlines import LEASE, DeadlineRunner
from services.common.storage.mongo import Document, Session
from services.common.time.period import Period
from tests.support.bookings import (
    MANAGER,
    MEMBER,
    RAQQA_DESK,
    STRANGER,
    arrive,
    booking_command,
    call,
    let_worker_work,
    organisation,
    space,
    tomorrow,
    wish,
)
from tests.support.racing import contend

T = TypeVar("T")
Deed = Callable[[], Any]

PEOPLE: dict[str, Caller] = {
    "amal": MEMBER,
    "furat": STRANGER,
    "jisr": Caller(id="huda", organisations={"jisr": "representative"}),
}
MOST_AT_ONCE = 5


class Killed(BaseException):
    """The process is gone: before its transaction has committed, or right after."""


class Crowd:
    """Args:
    app: on a database of its own.
    """

    # How often each is done beside the others.
    DEEDS: ClassVar[dict[str, float]] = {
        "books": 8,
        "cancels": 5,
        "moves": 4,
        "needs_other_equipment": 2,
        "waits": 10,
        "answers": 4,
        "closes": 3,
        "closes_otherwise": 2,
        "lifts": 2,
        "resolves": 3,
        "retires": 2,
        "brings_back": 2,
        "makes_larger_or_smaller": 1,
        "has_more_or_less_equipment": 2,
        "adds": 0.3,
        "asks_for_approval": 0.5,
        "approves": 2,
        "limits": 0.5,
        "is_suspended": 0.7,
        "is_approved_again": 4,
        "books_a_series": 2,
        "moves_a_series": 2,
        "cancels_a_series": 0.5,
        "tries_a_series_again": 1,
        "works": 5,
    }

    def __init__(self, app: App, seed: int) -> None:
        self.app = app
        self._chance = Random(seed)
        self._news = dict.fromkeys(PEOPLE, 2)
        self._fate = threading.local()
        transact = app.database.transact
        app.database.transact = partial(self._transact, transact)  # type: ignore[method-assign]
        app.centres.seed([], [space("raqqa-hall-b", capacity=30)])
        app.equipment.seed([Equipment("projector", "raqqa", {"ar": "جهاز عرض"}, 3)])

    def do(self) -> None:
        """Some of them do something, all at once; whatever is refused is refused."""
        names = self._chance.choices(
            list(self.DEEDS),
            list(self.DEEDS.values()),
            k=self._chance.randint(1, MOST_AT_ONCE),
        )
        deeds = [getattr(self, f"_{name}")() for name in names]
        if wanted := [deed for deed in deeds if deed is not None]:
            contend(*wanted)

    def come_to_rest(self) -> None:
        """The worker does what is due, and what it had begun when it was killed."""
        for _ in range(3):
            let_worker_work(self.app)
            self.app.clock.advance(LEASE)  # type: ignore[attr-defined]
        let_worker_work(self.app)

    # -- people -------------------------------------------------------------------------------

    def _books(self) -> Deed:
        who = self._who()
        command = booking_command(
            space_id=self._space(),
            organisation_id=who,
            period=self._period(),
            equipment=self._needs(),
        )
        return lambda: bookings.create(self.app, call(PEOPLE[who]), command)

    def _cancels(self) -> Deed | None:
        def cancel(found: Document) -> Deed:
            command = CancelBooking(found["_id"], found["version"], None)
            return lambda: bookings.cancel(self.app, call(MANAGER), command)

        return self._of(self._booking(), cancel)

    def _moves(self) -> Deed | None:
        to, where = self._period(), self._chance.choice([None, self._space()])

        def move(found: Document) -> Deed:
            command = ChangeBooking(
                found["_id"], found["version"], where, to.starts_at, to.ends_at, {}
            )
            return lambda: bookings.change(self.app, call(MANAGER), command)

        return self._of(self._booking(), move)

    def _needs_other_equipment(self) -> Deed | None:
        details = {"equipment": self._needs()}

        def change(found: Document) -> Deed:
            command = ChangeBooking(found["_id"], found["version"], None, None, None, details)
            return lambda: bookings.change(self.app, call(MANAGER), command)

        return self._of(self._booking(), change)

    def _waits(self) -> Deed:
        who, window, where = self._who(), self._period(), self._chance.choice([None, self._space()])
        command = wish(
            space_id=where,
            centre_id=None if where else "raqqa",
            organisation_id=who,
            window=window,
            duration=self._chance.choice(
                [timedelta(minutes=15), window.ends_at - window.starts_at]
            ),
            people=self._chance.choice([None, 2, 4]),
            equipment=self._needs(),
        )
        return lambda: waitlist.join(self.app, call(PEOPLE[who]), command)

    def _answers(self) -> Deed | None:
        how = self._chance.choice([waitlist.accept, waitlist.accept, waitlist.decline])

        def answer(found: Document) -> Deed:
            command = ChangeWaitlistEntry(found["_id"], found["version"])
            return lambda: how(self.app, call(MANAGER), command)

        return self._of(self._any("waitlist_entries", status="offered"), answer)

    def _books_a_series(self) -> Deed:
        who = self._who()
        command = CreateSeries(
            space_id=self._space(),
            organisation_id=who,
            period=self._period(),
            rule="FREQ=DAILY;COUNT=2",
            title="Course",
            purpose="training",
            people=None,
            on_conflict=OnConflict.SKIP,
            equipment=self._needs(),
        )
        return lambda: series.create(self.app, call(PEOPLE[who]), command)

    def _moves_a_series(self) -> Deed | None:
        shift = timedelta(minutes=self._chance.choice([-60, 30, 60]))
        where = self._chance.choice([None, None, self._space()])
        found = self._any("booking_series")
        scope, pivot = Scope.ALL, None
        if found is not None and self._chance.random() < 0.5:
            occurrence = self._booking(series_id=found["_id"])
            scope, pivot = (Scope.FOLLOWING, occurrence["_id"]) if occurrence else (scope, None)

        def move(found: Document) -> Deed:
            command = ChangeSeries(
                found["_id"],
                found["version"],
                scope,
                pivot,
                shift,
                None,
                where,
                {},
                OnConflict.SKIP,
            )
            return lambda: series_changes.change(self.app, call(MANAGER), command)

        return self._of(found, move)

    def _cancels_a_series(self) -> Deed | None:
        def cancel(found: Document) -> Deed:
            command = CancelSeries(found["_id"], found["version"], Scope.ALL, None, None)
            return lambda: series_changes.cancel(self.app, call(MANAGER), command)

        return self._of(self._any("booking_series"), cancel)

    def _tries_a_series_again(self) -> Deed | None:
        def retry(found: Document) -> Deed:
            command = RetrySeries(found["_id"], found["version"])
            return lambda: series_changes.retry(self.app, call(MANAGER), command)

        return self._of(self._any("booking_series"), retry)

    # -- the front desk -----------------------------------------------------------------------

    def _closes(self) -> Deed:
        where = self._chance.choice([None, (self._space(),)])
        plan = PlanClosure("raqqa", where, self._long_or_short(), Kind.EVENT, None)
        return lambda: closures.close(self.app, call(RAQQA_DESK), plan)

    def _closes_otherwise(self) -> Deed | None:
        to = self._long_or_short()

        def change(found: Document) -> Deed:
            command = ChangeClosure(found["_id"], found["version"], to.starts_at, to.ends_at)
            return lambda: closures.change(self.app, call(RAQQA_DESK), command)

        return self._of(self._any("closures", lifted_at=None), change)

    def _lifts(self) -> Deed | None:
        def lift(found: Document) -> Deed:
            command = LiftClosure(found["_id"], found["version"])
            return lambda: closures.lift(self.app, call(RAQQA_DESK), command)

        return self._of(self._any("closures", lifted_at=None), lift)

    def _resolves(self) -> Deed | None:
        action = self._chance.choice(["cancel", "move", "move"])

        def resolve(found: Document) -> Deed:
            command = ResolveClosure(found["_id"], found["version"], action)
            return lambda: closures.resolve(self.app, call(RAQQA_DESK), command)

        return self._of(self._any("closures", lifted_at=None), resolve)

    def _approves(self) -> Deed | None:
        def approve(found: Document) -> Deed:
            command = ApproveBooking(found["_id"], found["version"])
            return lambda: approval.approve(self.app, call(RAQQA_DESK), command)

        return self._of(self._any("bookings", status="pending"), approve)

    # -- managers -----------------------------------------------------------------------------

    def _retires(self) -> Deed | None:
        return self._makes(retired=True)

    def _brings_back(self) -> Deed | None:
        return self._makes(retired=False)

    def _makes_larger_or_smaller(self) -> Deed | None:
        buffer = timedelta(minutes=self._chance.choice([0, 15, 20]))
        return self._makes(capacity=self._chance.choice([3, 10, 30, 30]), buffer_after=buffer)

    def _makes(self, **changes: Any) -> Deed | None:
        def change(found: Document) -> Deed:
            command = ChangeSpace(found["_id"], found["version"], changes)
            return lambda: spaces.change(self.app, call(MANAGER), command)

        return self._of(self._any("spaces", centre_id="raqqa"), change)

    def _adds(self) -> Deed:
        command = AddSpace("raqqa", {"ar": "غرفة"}, 12)
        if self._chance.random() < 0.5:
            command = AddSpace("raqqa", {"ar": "قاعة"}, 40, parts=("raqqa-hall-a", "raqqa-meeting"))
        return lambda: spaces.add(self.app, call(MANAGER), command)

    def _asks_for_approval(self) -> Deed | None:
        needed = self._chance.random() < 0.5

        def change(found: Document) -> Deed:
            command = SetSpaceApproval(found["_id"], found["version"], needed)
            return lambda: approval.set_for_space(self.app, call(MANAGER), command)

        return self._of(self._any("spaces", centre_id="raqqa"), change)

    def _has_more_or_less_equipment(self) -> Deed:
        change = self._chance.choice(
            [{"quantity": 1}, {"quantity": 2}, {"quantity": 3}, {"retired": True}]
        )
        version = self.app.equipment.get("projector").version
        command = ChangeEquipment("projector", version, {"retired": False, **change}, None)
        return lambda: lending.change(self.app, call(MANAGER), command)

    def _limits(self) -> Deed:
        who = self._who()
        version = self.app.budgets.get(who).version
        command = SetBudget(who, version, self._chance.choice([2, 5, 10_000]), 10_000)
        return lambda: budgets.set_limits(self.app, call(MANAGER), command)

    # -- what happens by itself ---------------------------------------------------------------

    def _is_suspended(self) -> Deed:
        return self._is("suspended")

    def _is_approved_again(self) -> Deed:
        return self._is("approved")

    def _is(self, status: str) -> Deed:
        who = self._who()
        self._news[who] += 1
        event = organisation(who, status, self._news[who])
        return lambda: arrive(self.app, event)

    def _works(self) -> Deed:
        steps, lives = self._chance.randint(1, 5), self._chance.choice([None, None, 1, 2, 3])
        commits = self._chance.random() < 0.5
        runner = DeadlineRunner("bookings", self.app.deadlines, handlers(self.app), self.app.clock)

        def work() -> None:
            self._fate.lives, self._fate.commits = lives, commits
            try:
                for _ in range(steps):
                    runner.step()
            except Killed:
                pass
            finally:
                self._fate.lives = None

        return work

    def _transact(self, transact: Callable[..., T], work: Any, *, turn: str | None = None) -> T:
        """As the database does it; but in the last transaction of a worker it is killed."""
        lives = getattr(self._fate, "lives", None)
        if lives is None:
            return transact(work, turn=turn)
        self._fate.lives = lives - 1
        if lives > 1:
            return transact(work, turn=turn)

        def last(session: Session) -> None:
            work(session)
            if not self._fate.commits:
                raise Killed

        transact(last)  # type: ignore[arg-type]
        raise Killed

    # -- what they choose from ----------------------------------------------------------------

    def _who(self) -> str:
        return self._chance.choice(sorted(PEOPLE))

    def _space(self) -> str:
        found = self.app.centres.spaces(centre_id="raqqa", retired=True)
        return self._chance.choice(found).id

    def _period(self) -> Period:
        day = timedelta(days=self._chance.randrange(2))
        start = tomorrow(self._chance.randrange(9, 13), self._chance.choice([0, 15, 30])) + day
        length = timedelta(minutes=self._chance.choice([15, 30, 60, 60, 120, 180]))
        return Period(start, start + length)

    def _long_or_short(self) -> Period:
        if self._chance.random() < 0.6:
            return self._period()
        return Period(tomorrow(0), tomorrow(0) + timedelta(days=self._chance.choice([1, 2, 12])))

    def _needs(self) -> tuple[Need, ...]:
        quantity = self._chance.choice([0, 0, 0, 1, 1, 2])
        return (Need("projector", quantity),) if quantity else ()

    def _booking(self, **query: Any) -> Document | None:
        return self._any("bookings", status={"$in": sorted(HOLDS_ITS_TIME)}, **query)

    def _any(self, collection: str, **query: Any) -> Document | None:
        found = list(self.app.database.collection(collection).find(query, {"version": 1}))
        return self._chance.choice(found) if found else None

    def _of(self, found: Document | None, deed: Callable[[Document], Deed]) -> Deed | None:
        return None if found is None else deed(found)
