"""What was approved holds for less too: only who asks for more has to wait for the front desk."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from services.bookings.app import App
from services.bookings.domain.booking import Booking
from services.bookings.domain.booking_states import Status
from services.bookings.domain.equipment import Equipment, Need
from services.bookings.operations import approval, bookings
from services.bookings.schemas.approval import ApproveBooking, SetSpaceApproval
from services.bookings.schemas.bookings import ChangeBooking
from services.common import errors
from services.common.context import Caller
from tests.support import series
from tests.support.bookings import (
    MANAGER,
    MEMBER,
    RAQQA_DESK,
    book,
    call,
    move,
    now_is,
    open_centre,
    period,
    stored,
    told,
    tomorrow,
)
from tests.support.stack import Server

PROJECTOR = "raqqa-projector"


@pytest.fixture
def app(database: Server) -> Iterator[App]:
    """The front desk decides on each booking of the meeting room."""
    for app in open_centre(database.uri):
        app.equipment.seed([Equipment(PROJECTOR, "raqqa", {"ar": "جهاز عرض"}, 4)])
        decide_on(app, "raqqa-meeting")
        yield app


def decide_on(app: App, space_id: str, needs_approval: bool = True) -> None:
    version = app.centres.space(space_id).version
    command = SetSpaceApproval(space_id, version, needs_approval)
    approval.set_for_space(app, call(MANAGER), command)


def approved(app: App, **values: Any) -> Booking:
    """Ten to twelve, eight people with two projectors."""
    asked = book(
        app,
        **{
            "period": period(10, 12),
            "people": 8,
            "equipment": (Need(PROJECTOR, 2),),
            **values,
        },
    )
    return approve(app, asked)


def approve(app: App, booking: Booking) -> Booking:
    return approval.approve(app, call(RAQQA_DESK), ApproveBooking(booking.id, booking.version))


def changed(app: App, booking: Booking, caller: Caller = MEMBER, **details: Any) -> Booking:
    now = stored(app, booking)
    command = ChangeBooking(now.id, now.version, None, None, None, details)
    return bookings.change(app, call(caller), command)


def lent(quantity: int) -> tuple[Need, ...]:
    return (Need(PROJECTOR, quantity),) if quantity else ()


class TestSmaller:
    @pytest.mark.parametrize("hours", [(10, 11), (11, 12)])
    def test_shorter_within_its_time_stays_confirmed(
        self, app: App, hours: tuple[int, int]
    ) -> None:
        after = move(app, approved(app), period(*hours))
        assert (after.status, after.expires_at) == (Status.CONFIRMED, None)
        assert told(app, after)[-1] == "rescheduled"

    @pytest.mark.parametrize(
        "details", [{"people": 3}, {"equipment": lent(1)}, {"equipment": ()}, {"title": "Other"}]
    )
    def test_fewer_people_and_less_equipment_stay_confirmed(
        self, app: App, details: dict[str, Any]
    ) -> None:
        assert changed(app, approved(app), **details).status is Status.CONFIRMED

    def test_shrunk_and_grown_back_within_what_was_approved(self, app: App) -> None:
        small = move(app, approved(app), period(10, 11))
        small = changed(app, small, people=2, equipment=())
        again = move(app, small, period(10, 12))
        again = changed(app, again, people=8, equipment=lent(2))
        assert again.status is Status.CONFIRMED

    def test_shifted_within_what_was_approved(self, app: App) -> None:
        small = move(app, approved(app), period(10, 11))
        assert move(app, small, period(11, 12)).status is Status.CONFIRMED


class TestBeyond:
    @pytest.mark.parametrize("hours", [(9, 11), (11, 13), (14, 15)])
    def test_another_time_asks_again(self, app: App, hours: tuple[int, int]) -> None:
        small = move(app, approved(app), period(10, 11))
        after = move(app, small, period(*hours))
        assert after.status is Status.PENDING
        assert after.expires_at is not None

    @pytest.mark.parametrize("details", [{"people": 9}, {"people": None}, {"equipment": lent(3)}])
    def test_more_people_and_equipment_ask_again(self, app: App, details: dict[str, Any]) -> None:
        after = changed(app, approved(app), **details)
        assert after.status is Status.PENDING
        assert after.expires_at is not None
        assert told(app, after)[-1] == "changed"

    def test_equipment_of_another_kind_asks_again(self, app: App) -> None:
        app.equipment.seed([Equipment("raqqa-sound", "raqqa", {"ar": "مكبّر صوت"}, 1)])
        after = changed(app, approved(app), equipment=(Need("raqqa-sound", 1),))
        assert after.status is Status.PENDING

    def test_what_is_approved_then_is_what_counts(self, app: App) -> None:
        more = move(app, approved(app), period(10, 13))
        approve(app, more)
        small = move(app, stored(app, more), period(10, 11))
        assert move(app, small, period(10, 13)).status is Status.CONFIRMED

    def test_what_waits_again_gives_its_time_back_if_nobody_decides(self, app: App) -> None:
        after = changed(app, approved(app), people=9)
        assert after.due_at == after.expires_at

    def test_more_people_after_its_start_are_for_the_front_desk(self, app: App) -> None:
        booking = approved(app)
        now_is(app, tomorrow(10, 5))
        with pytest.raises(errors.Conflict, match=r"bookings\.in_the_past"):
            changed(app, booking, people=9)
        assert changed(app, booking, RAQQA_DESK, people=9).status is Status.CONFIRMED


class TestStaff:
    def test_what_staff_change_is_approved(self, app: App) -> None:
        longer = move(app, approved(app), period(10, 14), RAQQA_DESK)
        assert longer.status is Status.CONFIRMED
        small = move(app, longer, period(10, 11))
        assert move(app, small, period(10, 14)).status is Status.CONFIRMED

    def test_what_staff_have_made_smaller_asks_again(self, app: App) -> None:
        shorter = move(app, approved(app), period(10, 11), RAQQA_DESK)
        assert move(app, shorter, period(10, 12)).status is Status.PENDING

    def test_a_title_by_staff_takes_nothing_away(self, app: App) -> None:
        small = move(app, approved(app), period(10, 11))
        small = changed(app, small, RAQQA_DESK, title="Other")
        assert move(app, small, period(10, 12)).status is Status.CONFIRMED


class TestSpaces:
    def test_what_nobody_had_to_approve_holds_for_less_too(self, app: App) -> None:
        booking = book(app, space_id="raqqa-training", period=period(10, 12))
        decide_on(app, "raqqa-training")
        small = move(app, booking, period(10, 11))
        assert small.status is Status.CONFIRMED
        assert move(app, small, period(10, 12)).status is Status.CONFIRMED
        assert move(app, stored(app, small), period(10, 13)).status is Status.PENDING

    def test_into_another_space_that_is_approved_asks_again(self, app: App) -> None:
        decide_on(app, "raqqa-training")
        after = move(app, approved(app), period(10, 12), space_id="raqqa-training")
        assert after.status is Status.PENDING


class TestSeries:
    def test_occurrences_made_smaller_stay_confirmed(self, app: App) -> None:
        found = series.made(app, period=period(10, 12), people=8)
        for each in found.occurrences:
            approve(app, app.bookings.get(each.booking_id))
        found = series.change(app, found, length=timedelta(hours=1), details={"people": 4})
        assert {each.status for each in found.occurrences} == {Status.CONFIRMED}
        found = series.change(app, found, length=timedelta(hours=2), details={"people": 8})
        assert {each.status for each in found.occurrences} == {Status.CONFIRMED}
        found = series.change(app, found, details={"people": 9})
        assert {each.status for each in found.occurrences} == {Status.PENDING}
