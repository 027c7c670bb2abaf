"""For whom time, places and shares are given: organisations as the identity's events show them.

On the real database; the events arrive as the subscriber hands them over. That they come over the
real broker is shown in ``test_processes.py``.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from services.bookings.app import App
from services.bookings.deadlines import handlers
from services.bookings.domain.booking import Booking
from services.bookings.domain.booking_states import Status
from services.bookings.domain.closures import Kind
from services.bookings.domain.series import OnConflict, Scope
from services.bookings.domain.waitlist import Entry, EntryStatus
from services.bookings.operations import (
    approval,
    bookings,
    budgets,
    check_in,
    closures,
    invitations,
    series,
    series_changes,
    waitlist,
)
from services.bookings.schemas.approval import ApproveBooking, RejectBooking
from services.bookings.schemas.bookings import CancelBooking, ChangeBooking
from services.bookings.schemas.budgets import GrantBudget, SetBudget
from services.bookings.schemas.check_in import CheckIn
from services.bookings.schemas.closures import PlanClosure, ResolveClosure
from services.bookings.schemas.invitations import Invite
from services.bookings.schemas.series import ChangeSeries, CreateSeries, RetrySeries
from services.bookings.schemas.waitlist import ChangeWaitlistEntry
from services.common import errors
from services.common.context import Caller
from services.common.storage.deadlines import DeadlineRunner
from tests.support.bookings import (
    MANAGER,
    MEMBER,
    RAQQA_DESK,
    STRANGER,
    arrive,
    booking_command,
    call,
    now_is,
    open_centre,
    organisation,
    period,
    space,
    suspend,
    wish,
)
from tests.support.stack import Server

#: Belongs to an organisation without any event so far; the call says that it is approved.
NEWCOMER = Caller(id="nur", organisations={"nahr": "representative"})
UNKNOWN = (errors.Invalid, "bookings.unknown_organisation")
NOT_APPROVED = (errors.Conflict, "bookings.organisation_not_approved")


@pytest.fixture
def app(database: Server) -> Iterator[App]:
    yield from open_centre(database.uri)


# -- what can be asked for an organisation -------------------------------------------------------


def book(app: App, who: Caller, organisation_id: str) -> Booking:
    return bookings.create(app, call(who), booking_command(organisation_id=organisation_id))


def book_weekly(app: App, who: Caller, organisation_id: str) -> Any:
    return series.create(app, call(who), weekly(organisation_id))


def rehearse_weekly(app: App, who: Caller, organisation_id: str) -> Any:
    return series.preview(app, call(who), weekly(organisation_id))


def weekly(organisation_id: str) -> CreateSeries:
    return CreateSeries(
        space_id="raqqa-meeting",
        organisation_id=organisation_id,
        period=period(10, 11),
        rule="FREQ=WEEKLY;COUNT=3",
        title="Weekly",
        purpose="meeting",
        people=None,
        on_conflict=OnConflict.SKIP,
    )


def wait(app: App, who: Caller, organisation_id: str, **values: Any) -> Entry:
    command = wish(organisation_id=organisation_id, **values)
    return waitlist.join(app, call(who), command)


def wait_anywhere(app: App, who: Caller, organisation_id: str) -> Entry:
    return wait(app, who, organisation_id, space_id=None, centre_id="raqqa")


def be_invited(app: App, who: Caller, organisation_id: str) -> Any:
    """To a meeting of `amal`, whose people the newcomer joins for it."""
    host = Caller("host", organisations={**who.organisations, "amal": "representative"})
    meeting = bookings.create(app, call(MEMBER), booking_command(purpose="joint_meeting"))
    command = Invite(meeting.id, organisation_id, None)
    return invitations.invite(app, call(who if who.is_manager() else host), command)


def be_granted(app: App, who: Caller, organisation_id: str) -> Any:
    command = GrantBudget(organisation_id, "2026-W48", 1, 1, "Conference")
    return budgets.grant(app, call(who), command)


Ask = Callable[[App, Caller, str], Any]
BY_ITS_OWN: tuple[Ask, ...] = (
    book,
    book_weekly,
    rehearse_weekly,
    wait,
    wait_anywhere,
    be_invited,
)
asked_by_staff = pytest.mark.parametrize("ask", (*BY_ITS_OWN, be_granted))
asked_by_its_own = pytest.mark.parametrize("ask", BY_ITS_OWN)


def refusal_of(
    ask: Ask, app: App, who: Caller, organisation_id: str = "nahr"
) -> tuple[type[Exception], str]:
    with pytest.raises(errors.MasahaError) as refusal:
        ask(app, who, organisation_id)
    [fault] = refusal.value.errors
    assert (fault.pointer, fault.code) == ("/organisation_id", refusal.value.code)
    return type(refusal.value), refusal.value.code


def kept(app: App) -> dict[str, int]:
    """How much there is of everything that asking could leave behind, the meeting's host apart."""
    names = ("bookings", "booking_series", "waitlist_entries", "invitations", "budget_grants")
    counts = {
        name: app.database.collection(name).count_documents({"organisation_id": "nahr"})
        for name in names
    }
    counts["outbox"] = app.database.collection("outbox").count_documents(
        {"event.data.organisation_id": "nahr"}
    )
    return counts


NOTHING = dict.fromkeys(
    (
        "bookings",
        "booking_series",
        "waitlist_entries",
        "invitations",
        "budget_grants",
        "outbox",
    ),
    0,
)


class TestAskedByStaff:
    @asked_by_staff
    def test_what_nobody_has_told_of_is_unknown(self, app: App, ask: Ask) -> None:
        assert refusal_of(ask, app, MANAGER) == UNKNOWN
        assert kept(app) == NOTHING

    @asked_by_staff
    @pytest.mark.parametrize("status", ["pending", "suspended"])
    def test_what_is_not_approved_gets_nothing(self, app: App, ask: Ask, status: str) -> None:
        arrive(app, organisation("nahr", status))
        assert refusal_of(ask, app, MANAGER) == NOT_APPROVED
        assert kept(app) == NOTHING

    @asked_by_staff
    def test_what_is_approved_gets_it(self, app: App, ask: Ask) -> None:
        arrive(app, organisation("nahr"))
        ask(app, MANAGER, "nahr")

    @pytest.mark.parametrize("ask", [book, book_weekly, wait, wait_anywhere])
    def test_the_front_desk_is_told_the_same(self, app: App, ask: Ask) -> None:
        assert refusal_of(ask, app, RAQQA_DESK) == UNKNOWN
        suspend(app, "nahr")
        assert refusal_of(ask, app, RAQQA_DESK) == NOT_APPROVED

    def test_who_may_not_book_for_it_is_not_told_whether_it_is_there(self, app: App) -> None:
        suspend(app, "furat")
        for organisation_id in ("nahr", "furat", "jisr"):
            with pytest.raises(errors.Forbidden, match="not_of_organisation"):
                book(app, MEMBER, organisation_id)

    def test_limits_are_set_for_whatever_is_known(self, app: App) -> None:
        limits = SetBudget("nahr", 1, 5, None)
        with pytest.raises(errors.Invalid, match="unknown_organisation"):
            budgets.set_limits(app, call(MANAGER), limits)
        assert app.database.collection("budgets").count_documents({}) == 0
        arrive(app, organisation("nahr", "pending", version=1))
        assert budgets.set_limits(app, call(MANAGER), limits).limits.hours == 5


@pytest.mark.parametrize("status", ["pending", "suspended"])
def test_a_member_who_invites_cannot_tell_what_is_not_approved_from_none(
    app: App, status: str
) -> None:
    arrive(app, organisation("nahr", status))
    meeting = bookings.create(app, call(MEMBER), booking_command(purpose="joint_meeting"))

    def refusal(organisation_id: str) -> tuple[type, object]:
        with pytest.raises(errors.MasahaError) as refused:
            invitations.invite(app, call(MEMBER), Invite(meeting.id, organisation_id, None))
        error = refused.value
        return type(error), (error.code, error.params, error.errors, error.extra)

    assert refusal("nahr") == refusal("nowhere")
    assert refusal("nahr")[1][0] == "bookings.unknown_organisation"


class TestAskedByItsOwn:
    @asked_by_its_own
    def test_who_was_approved_a_moment_ago_is_not_unknown(self, app: App, ask: Ask) -> None:
        """The token says so; the event is on its way."""
        ask(app, NEWCOMER, "nahr")

    @asked_by_its_own
    def test_nor_does_it_wait_for_approval(self, app: App, ask: Ask) -> None:
        arrive(app, organisation("nahr", "pending", version=1))
        ask(app, NEWCOMER, "nahr")

    @asked_by_its_own
    def test_a_suspension_that_has_arrived_wins_over_the_token(self, app: App, ask: Ask) -> None:
        suspend(app, "nahr")
        assert refusal_of(ask, app, NEWCOMER) == NOT_APPROVED
        assert kept(app) == NOTHING

    @asked_by_its_own
    def test_approved_again_it_may_again(self, app: App, ask: Ask) -> None:
        suspend(app, "nahr", version=3)
        arrive(app, organisation("nahr", "approved", version=4))
        ask(app, NEWCOMER, "nahr")

    def test_an_answer_that_was_given_before_is_given_again(self, app: App) -> None:
        """A phone that lost the answer asks again: its booking stands, whatever came after."""
        first = bookings.create(app, call(MEMBER, "k"), booking_command())
        suspend(app)
        assert bookings.create(app, call(MEMBER, "k"), booking_command()).id == first.id


class TestWhatWasAcceptedBefore:
    """It stands: called off at any time, moved by the centre if it must, changed by nobody else."""

    @pytest.fixture
    def booking(self, app: App) -> Booking:
        return book(app, MEMBER, "amal")

    @pytest.mark.parametrize("who", [MEMBER, MANAGER])
    @pytest.mark.parametrize(
        "change", [{"starts_at": period(14, 15).starts_at}, {"details": {"title": "Other"}}]
    )
    def test_a_booking_is_not_changed(
        self, app: App, booking: Booking, who: Caller, change: dict[str, Any]
    ) -> None:
        suspend(app)
        to = {"space_id": None, "starts_at": None, "ends_at": None, "details": {}, **change}
        if to["starts_at"]:
            to["ends_at"] = period(14, 15).ends_at
        command = ChangeBooking(booking.id, booking.version, **to)
        with pytest.raises(errors.Conflict, match="organisation_not_approved"):
            bookings.change(app, call(who), command)
        assert app.bookings.get(booking.id) == booking

    def test_it_is_called_off(self, app: App, booking: Booking) -> None:
        suspend(app)
        command = CancelBooking(booking.id, booking.version, None)
        assert bookings.cancel(app, call(MANAGER), command).status is Status.CANCELLED

    def test_whoever_stands_at_the_door_is_let_in(self, app: App, booking: Booking) -> None:
        suspend(app)
        now_is(app, booking.period.starts_at)
        command = CheckIn(booking.id, booking.version, None)
        assert check_in.check_in(app, call(RAQQA_DESK), command).status is Status.CHECKED_IN

    def test_a_closure_moves_it_as_any_other(self, app: App, booking: Booking) -> None:
        suspend(app)
        plan = PlanClosure("raqqa", ("raqqa-meeting",), period(9, 17), Kind.MAINTENANCE, None)
        closed = closures.close(app, call(RAQQA_DESK), plan)
        resolve = ResolveClosure(closed["id"], closed["version"], "move", (booking.id,), None, None)
        closures.resolve(app, call(RAQQA_DESK), resolve)
        assert app.bookings.get(booking.id).version > booking.version

    def test_a_request_is_not_granted_but_turned_down(self, app: App) -> None:
        app.centres.seed([], [space("raqqa-formal", needs_approval=True)])
        request = bookings.create(app, call(MEMBER), booking_command(space_id="raqqa-formal"))
        suspend(app)
        with pytest.raises(errors.Conflict, match="organisation_not_approved"):
            approval.approve(app, call(RAQQA_DESK), ApproveBooking(request.id, request.version))
        no = RejectBooking(request.id, request.version, "Suspended")
        assert approval.reject(app, call(RAQQA_DESK), no).status is Status.REJECTED

    def test_a_series_is_neither_changed_nor_tried_again(self, app: App) -> None:
        bookings.create(app, call(STRANGER), booking_command(organisation_id="furat"))
        found = book_weekly(app, MEMBER, "amal")
        assert len(found.series.rejected) == 1
        suspend(app)
        retry = RetrySeries(found.series.id, found.series.version)
        change = ChangeSeries(
            id=found.series.id,
            expected_version=found.series.version,
            scope=Scope.ALL,
            booking_id=None,
            shift=timedelta(hours=1),
            length=None,
            space_id=None,
            details={},
            on_conflict=OnConflict.REFUSE,
        )
        with pytest.raises(errors.Conflict, match="organisation_not_approved"):
            series_changes.retry(app, call(MEMBER), retry)
        with pytest.raises(errors.Conflict, match="organisation_not_approved"):
            series_changes.change(app, call(MEMBER), change)
        assert series.get(app, call(MEMBER), found.series.id).series == found.series

    def test_a_suspended_host_invites_nobody(self, app: App) -> None:
        meeting = bookings.create(app, call(MEMBER), booking_command(purpose="joint_meeting"))
        suspend(app)
        with pytest.raises(errors.Conflict, match="organisation_not_approved"):
            invitations.invite(app, call(MEMBER), Invite(meeting.id, "furat", None))

    def test_where_nothing_is_known_yet_what_is_booked_can_be_moved(self, app: App) -> None:
        """A deployment that has just got the projection, before it is filled."""
        booking = book(app, NEWCOMER, "nahr")
        to = period(14, 15)
        command = ChangeBooking(booking.id, booking.version, None, to.starts_at, to.ends_at, {})
        assert bookings.change(app, call(MANAGER), command).period == to


class TestTheLine:
    def let_worker_work(self, app: App) -> None:
        runner = DeadlineRunner("test", app.deadlines, handlers(app), app.clock)
        while runner.step():
            pass

    def status(self, app: App, entry: Entry) -> EntryStatus:
        return app.waitlist.get(entry.id).status

    def test_time_is_offered_past_who_is_suspended(self, app: App) -> None:
        booked = book(app, MEMBER, "amal")
        first, second = wait(app, STRANGER, "furat"), wait(app, MEMBER, "amal")
        suspend(app, "furat")
        bookings.cancel(app, call(MEMBER), CancelBooking(booked.id, booked.version, None))
        self.let_worker_work(app)
        assert self.status(app, first) is EntryStatus.WAITING
        assert self.status(app, second) is EntryStatus.OFFERED

    def test_an_offer_is_not_accepted_after_a_suspension(self, app: App) -> None:
        entry = wait(app, STRANGER, "furat")
        self.let_worker_work(app)
        offered = app.waitlist.get(entry.id)
        assert offered.status is EntryStatus.OFFERED
        suspend(app, "furat")
        command = ChangeWaitlistEntry(offered.id, offered.version)
        with pytest.raises(errors.Conflict, match="organisation_not_approved"):
            waitlist.accept(app, call(STRANGER), command)
        assert waitlist.decline(app, call(STRANGER), command).status is EntryStatus.DECLINED

    def test_who_was_just_approved_is_offered_time_too(self, app: App) -> None:
        entry = wait(app, NEWCOMER, "nahr")
        self.let_worker_work(app)
        assert self.status(app, entry) is EntryStatus.OFFERED

    def test_approved_again_its_entries_are_looked_at_again(self, app: App) -> None:
        booked = book(app, MEMBER, "amal")
        entry = wait(app, STRANGER, "furat")
        self.let_worker_work(app)
        suspend(app, "furat", version=3)
        bookings.cancel(app, call(MEMBER), CancelBooking(booked.id, booked.version, None))
        self.let_worker_work(app)
        assert self.status(app, entry) is EntryStatus.WAITING
        arrive(app, organisation("furat", "approved", version=4))
        self.let_worker_work(app)
        assert self.status(app, entry) is EntryStatus.OFFERED

    def test_news_that_is_late_looks_for_nobody(self, app: App) -> None:
        book(app, MEMBER, "amal")
        wait(app, STRANGER, "furat")
        self.let_worker_work(app)
        suspend(app, "furat", version=5)
        self.let_worker_work(app)
        arrive(app, organisation("furat", "approved", version=4))
        assert app.deadlines.claim() is None


class TestProjection:
    STORY = (
        organisation("nahr", "pending", version=1),
        organisation("nahr", "approved", version=2),
        organisation("nahr", "suspended", version=3),
        organisation("bahr", "pending", version=1),
        organisation("bahr", "approved", version=2),
    )

    def standing(self, app: App) -> dict[str, tuple[int, str]]:
        found = app.directory.organisations(("nahr", "bahr"))
        return {key: (each.version, each.status) for key, each in found.items()}

    def test_any_order_and_any_repetition_ends_the_same(self, app: App) -> None:
        chaos = random.Random(20261123)
        for _ in range(10):
            events = [*self.STORY, *self.STORY]
            chaos.shuffle(events)
            while events:
                size = chaos.randint(1, 4)
                arrive(app, *events[:size])
                events = events[size:]
            assert self.standing(app) == {"nahr": (3, "suspended"), "bahr": (2, "approved")}
            for collection in ("organisations", "inbox_events"):
                app.database.collection(collection).delete_many({})

    def test_each_event_is_noted_once(self, app: App) -> None:
        before = app.database.collection("inbox_events").count_documents({})
        for _ in range(3):
            arrive(app, *self.STORY)
        after = app.database.collection("inbox_events").count_documents({})
        assert after - before == len(self.STORY)

    def test_the_names_are_kept(self, app: App) -> None:
        arrive(app, organisation("nahr"))
        found = app.directory.organisation("nahr")
        assert found is not None
        assert found.name == {"ar": "جمعية الأمل", "en": "Hope Association"}

    def test_a_replay_after_the_notes_are_gone_brings_no_suspended_one_back(self, app: App) -> None:
        arrive(app, *self.STORY)
        app.database.collection("inbox_events").delete_many({})
        arrive(app, self.STORY[1])
        assert self.standing(app)["nahr"] == (3, "suspended")
