"""An offer that nobody could accept any more is withdrawn at once, whatever the cause; who waited
for it waits again, in the old place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial

import pytest

from services.bookings.app import App
from services.bookings.domain.deadlines import DeadlineKind
from services.bookings.domain.waitlist import OFFER_LASTS, Entry, EntryStatus
from services.bookings.operations import budgets, closures, hours, spaces, waitlist
from services.bookings.schemas.budgets import SetBudget
from services.bookings.schemas.closures import LiftClosure
from services.bookings.schemas.hours import SetHours, SetSpaceHours
from services.bookings.schemas.spaces import ChangeSpace
from services.bookings.schemas.waitlist import ChangeWaitlistEntry
from services.common import errors
from services.common.context import Caller
from services.common.time.weekly_hours import WeeklyHours
from tests.support.bookings import (
    MANAGER,
    STRANGER,
    WORKING_WEEK,
    advance,
    arrive,
    book,
    call,
    cancel,
    events,
    let_worker_work,
    now_is,
    open_centre,
    organisation,
    period,
    suspend,
    wish,
)
from tests.support.bookkeeping import faults
from tests.support.closures import close
from tests.support.stack import Server

AFTERNOON = WeeklyHours.parse({day: [["12:00", "17:00"]] for day in WORKING_WEEK})
ALWAYS = WeeklyHours.parse(WORKING_WEEK)
JISR = Caller(id="lina", organisations={"jisr": "representative"})


@pytest.fixture
def app(database: Server) -> Iterator[App]:
    for app in open_centre(database.uri):
        yield app
        advance(app, timedelta(minutes=1))
        let_worker_work(app)
        assert faults(app) == []


@pytest.fixture
def offered(app: App) -> Entry:
    """An hour of the meeting room is held for eight people of an organisation; another waits for
    the same behind it."""
    booking = book(app)
    entry = waitlist.join(app, call(STRANGER), wish(people=8))
    cancel(app, booking)
    let_worker_work(app)
    found = app.waitlist.get(entry.id)
    assert found.status is EntryStatus.OFFERED
    return found


def centre_opens_later(app: App, weekly: WeeklyHours = AFTERNOON) -> None:
    version = app.centres.centre("raqqa").version
    hours.set_hours(app, call(MANAGER), SetHours("raqqa", version, weekly))


def space_opens_later(app: App, weekly: WeeklyHours | None = AFTERNOON) -> None:
    version = app.centres.space("raqqa-meeting").version
    command = SetSpaceHours("raqqa-meeting", version, weekly)
    hours.set_space_hours(app, call(MANAGER), command)


def holds(app: App, capacity: int = 6) -> None:
    version = app.centres.space("raqqa-meeting").version
    command = ChangeSpace("raqqa-meeting", version, {"capacity": capacity})
    spaces.change(app, call(MANAGER), command)


def limited_to(app: App, hours: int | None = 0) -> None:
    version = app.budgets.get("furat").version
    budgets.set_limits(app, call(MANAGER), SetBudget("furat", version, hours, None))


def closed(app: App) -> None:
    close(app)


def opened(app: App) -> None:
    (standing,) = app.closures.standing("raqqa", period(9, 17))
    closures.lift(app, call(MANAGER), LiftClosure(standing.id, standing.version))


Change = Callable[[App], None]
CAUSES: dict[str, tuple[Change, Change, str]] = {
    "closure": (closed, opened, "bookings.space_closed"),
    "hours of the centre": (
        centre_opens_later,
        partial(centre_opens_later, weekly=ALWAYS),
        "bookings.outside_hours",
    ),
    "hours of the space": (
        space_opens_later,
        partial(space_opens_later, weekly=None),
        "bookings.outside_hours",
    ),
    "capacity": (holds, partial(holds, capacity=12), "bookings.too_many_people"),
    "budget": (limited_to, partial(limited_to, hours=9), "bookings.budget_exceeded"),
    "organisation": (
        partial(suspend, organisation_id="furat"),
        lambda app: arrive(app, organisation("furat", version=4)),
        "bookings.organisation_not_approved",
    ),
}


def accept(app: App, entry: Entry) -> Entry:
    command = ChangeWaitlistEntry(entry.id, entry.version)
    return waitlist.accept(app, call(STRANGER), command)


@pytest.mark.parametrize("cause", CAUSES)
class TestWithdrawn:
    def test_it_waits_again_at_once_in_its_old_place(
        self, app: App, offered: Entry, cause: str
    ) -> None:
        forbid, allow, _ = CAUSES[cause]
        forbid(app)
        let_worker_work(app)
        again = app.waitlist.get(offered.id)
        assert (again.status, again.offer) == (EntryStatus.WAITING, None)
        assert again.created_at == offered.created_at
        allow(app)
        let_worker_work(app)
        assert app.waitlist.get(offered.id).status is EntryStatus.OFFERED

    def test_its_people_are_told_why(self, app: App, offered: Entry, cause: str) -> None:
        forbid, allow, _ = CAUSES[cause]
        forbid(app)
        let_worker_work(app)
        (told,) = [each for each in events(app) if each["type"].endswith("waitlist.withdrawn")]
        assert told["subject"] == offered.id
        assert set(told["data"]["reasons"]) == {"ar", "en"}
        allow(app)

    def test_until_then_a_refusal_names_the_cause(
        self, app: App, offered: Entry, cause: str
    ) -> None:
        forbid, allow, code = CAUSES[cause]
        forbid(app)
        with pytest.raises(errors.Conflict) as refusal:
            accept(app, offered)
        assert refusal.value.code == code
        allow(app)
        let_worker_work(app)
        assert accept(app, app.waitlist.get(offered.id)).status is EntryStatus.ACCEPTED


def test_an_offer_that_was_being_made_just_then_is_found_too(app: App) -> None:
    """It had read the hours of before, and is committed after the first look."""
    booking = book(app)
    entry = waitlist.join(app, call(STRANGER), wish(people=8))
    cancel(app, booking)
    centres = app.database.collection("centres")
    before = centres.find_one({"_id": "raqqa"})
    assert before is not None
    centre_opens_later(app)
    (look,) = app.database.collection("deadlines").find({"kind": DeadlineKind.WAITLIST_OFFERS})
    after = centres.find_one_and_replace({"_id": "raqqa"}, before)
    let_worker_work(app)
    assert app.waitlist.get(entry.id).status is EntryStatus.OFFERED
    assert after is not None
    centres.replace_one({"_id": "raqqa"}, after)
    (again,) = app.database.collection("deadlines").find({"kind": DeadlineKind.WAITLIST_OFFERS})
    assert again["subject"] == look["subject"]
    now_is(app, again["due_at"])
    let_worker_work(app)
    assert app.waitlist.get(entry.id).status is EntryStatus.WAITING


class TestOthers:
    def test_what_can_still_be_accepted_stays_offered(self, app: App, offered: Entry) -> None:
        close(app, space_ids=("raqqa-training",))
        holds(app, 10)
        let_worker_work(app)
        assert app.waitlist.get(offered.id) == offered

    def test_the_next_in_line_is_offered_what_it_can_have(self, app: App, offered: Entry) -> None:
        """The room has become too small for the first; the second needs less."""
        second = waitlist.join(app, call(JISR), wish(organisation_id="jisr", people=2))
        holds(app)
        let_worker_work(app)
        assert app.waitlist.get(second.id).status is EntryStatus.OFFERED

    def test_an_offer_of_another_centre_is_not_looked_at(self, app: App, offered: Entry) -> None:
        command = SetHours("tabqa", 1, AFTERNOON)
        hours.set_hours(app, call(MANAGER), command)
        let_worker_work(app)
        assert app.waitlist.get(offered.id) == offered

    def test_nobody_looked_in_time_and_it_waits_again_all_the_same(
        self, app: App, offered: Entry
    ) -> None:
        centre_opens_later(app)
        app.database.collection("deadlines").delete_many({"kind": DeadlineKind.WAITLIST_OFFERS})
        advance(app, OFFER_LASTS)
        let_worker_work(app)
        assert app.waitlist.get(offered.id).status is EntryStatus.WAITING
