"""An alternative that is offered can be booked by the caller that it is offered to."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from services.bookings.app import App
from services.bookings.domain.equipment import Equipment, Need
from services.bookings.domain.series import OnConflict
from services.bookings.operations import bookings, budgets, invitations
from services.bookings.schemas.bookings import CancelBooking, ChangeBooking
from services.bookings.schemas.budgets import SetBudget
from services.bookings.schemas.invitations import Invite, Reply
from services.common import errors
from services.common.context import Caller
from services.common.time.period import Period
from tests.support import series
from tests.support.bookings import (
    MANAGER,
    MEMBER,
    RAQQA_DESK,
    REPRESENTATIVE,
    STRANGER,
    TABQA_DESK,
    book,
    booking_command,
    call,
    open_centre,
    period,
    space,
    tomorrow,
)
from tests.support.stack import Server

Offered = list[dict[str, Any]]


@pytest.fixture
def app(database: Server) -> Iterator[App]:
    yield from open_centre(database.uri)


def offered_to(app: App, caller: Caller, **values: Any) -> Offered:
    with pytest.raises(errors.Conflict) as refusal:
        bookings.create(app, call(caller), booking_command(**values))
    found: Offered = refusal.value.extra["alternatives"]
    return found


def time_of(each: dict[str, Any]) -> Period:
    starts_at, ends_at = each["starts_at"], each["ends_at"]
    return Period(datetime.fromisoformat(starts_at), datetime.fromisoformat(ends_at))


def check_each_can_be_booked(app: App, caller: Caller, offered: Offered, **values: Any) -> None:
    for each in offered:
        wanted = {**values, "space_id": each["space_id"], "period": time_of(each)}
        booked = bookings.create(app, call(caller), booking_command(**wanted))
        bookings.cancel(app, call(caller), CancelBooking(booked.id, booked.version, None))


@pytest.fixture
def taken(app: App) -> App:
    """The meeting room is taken by others; other spaces of both centres are free."""
    book(app, STRANGER, organisation_id="furat")
    return app


class TestRights:
    @pytest.mark.parametrize("caller", [MEMBER, REPRESENTATIVE, RAQQA_DESK, MANAGER])
    def test_each_can_be_booked_by_who_is_offered_it(self, taken: App, caller: Caller) -> None:
        offered = offered_to(taken, caller)
        assert offered
        check_each_can_be_booked(taken, caller, offered)

    def test_a_front_desk_is_offered_its_own_centre_alone(self, taken: App) -> None:
        assert {each["centre_id"] for each in offered_to(taken, RAQQA_DESK)} == {"raqqa"}
        assert "tabqa" in {each["centre_id"] for each in offered_to(taken, MANAGER)}

    def test_a_front_desk_that_is_a_member_too_is_offered_both(self, taken: App) -> None:
        both = Caller("huda", "person", RAQQA_DESK.roles, {"amal": "member"}, RAQQA_DESK.centres)
        offered = offered_to(taken, both)
        assert {each["centre_id"] for each in offered} == {"raqqa", "tabqa"}
        check_each_can_be_booked(taken, both, offered)

    def test_moving_a_booking_offers_a_desk_its_own_centre_alone(self, taken: App) -> None:
        mine = book(taken, MEMBER, period=period(14, 15))
        onto = ChangeBooking(mine.id, 1, None, tomorrow(10), tomorrow(11), {})
        with pytest.raises(errors.Conflict) as refusal:
            bookings.change(taken, call(RAQQA_DESK), onto)
        offered = refusal.value.extra["alternatives"]
        assert {each["centre_id"] for each in offered} == {"raqqa"}
        version = 1
        for each in offered:
            when = time_of(each)
            change = ChangeBooking(
                mine.id, version, each["space_id"], when.starts_at, when.ends_at, {}
            )
            version = bookings.change(taken, call(RAQQA_DESK), change).version

    def test_it_says_whether_the_front_desk_decides(self, taken: App) -> None:
        taken.centres.seed([], [space("raqqa-quiet", capacity=12, needs_approval=True)])
        offered = {each["space_id"]: each["needs_approval"] for each in offered_to(taken, MEMBER)}
        assert offered["raqqa-quiet"] is True
        assert offered["raqqa-training"] is False


class TestTheTrueObstacle:
    def test_the_desk_of_another_centre_hears_of_the_centre(self, app: App) -> None:
        with pytest.raises(errors.Forbidden, match=r"bookings\.not_of_centre"):
            book(app, TABQA_DESK)

    def test_a_stranger_hears_of_the_organisation(self, app: App) -> None:
        with pytest.raises(errors.Forbidden, match=r"bookings\.not_of_organisation"):
            book(app, STRANGER)

    def test_a_desk_that_moves_a_booking_away_hears_of_the_centre(self, app: App) -> None:
        mine = book(app)
        away = ChangeBooking(mine.id, 1, "tabqa-meeting", None, None, {})
        with pytest.raises(errors.Forbidden, match=r"bookings\.not_of_centre"):
            bookings.change(app, call(RAQQA_DESK), away)


class TestBudget:
    def test_a_time_beyond_the_budget_is_not_offered(self, app: App) -> None:
        """At the end of a week whose budget is used up, the next week has enough."""
        budgets.set_limits(app, call(MANAGER), SetBudget("amal", 1, None, 1))
        book(app, MEMBER, space_id="tabqa-meeting", period=period(9, 10))
        saturday = Period(tomorrow(10) + timedelta(days=4), tomorrow(11) + timedelta(days=4))
        offered = offered_to(app, MEMBER, period=saturday)
        next_sunday = (tomorrow(9) + timedelta(days=5)).date()
        assert min(time_of(each).starts_at.date() for each in offered) == next_sunday
        check_each_can_be_booked(app, MEMBER, offered)

    def test_a_manager_beyond_the_budget_is_offered_all(self, app: App) -> None:
        budgets.set_limits(app, call(MANAGER), SetBudget("amal", 1, None, 1))
        book(app, MEMBER, space_id="tabqa-meeting", period=period(9, 10))
        assert offered_to(app, MANAGER, period=period(2, 3), beyond_budget=True)
        assert not offered_to(app, MANAGER, period=period(2, 3))


class TestWhatItNeeds:
    def test_guests_who_have_accepted_fit_in(self, app: App) -> None:
        meeting = book(
            app, space_id="raqqa-hall", purpose="joint_meeting", people=10, period=period(14, 15)
        )
        invitation = invitations.invite(app, call(MEMBER), Invite(meeting.id, "furat", None))
        token = app.links.reply_token(invitation.id, invitation.nonce)
        invitations.reply(app, call(STRANGER), Reply(token, "yes", 30))
        book(app, STRANGER, organisation_id="furat", space_id="raqqa-hall-a")
        before = app.bookings.get(meeting.id)
        onto = ChangeBooking(meeting.id, before.version, None, tomorrow(10), tomorrow(11), {})
        with pytest.raises(errors.Conflict, match=r"bookings\.space_taken") as refusal:
            bookings.change(app, call(MEMBER), onto)
        offered = refusal.value.extra["alternatives"]
        assert {each["space_id"] for each in offered} == {"raqqa-hall"}

    def test_equipment_is_only_to_be_had_at_its_own_centre(self, taken: App) -> None:
        taken.equipment.seed([Equipment("raqqa-projector", "raqqa", {"ar": "جهاز عرض"}, 1)])
        needs = (Need("raqqa-projector", 1),)
        offered = offered_to(taken, MEMBER, equipment=needs)
        assert {each["centre_id"] for each in offered} == {"raqqa"}
        check_each_can_be_booked(taken, MEMBER, offered, equipment=needs)


class TestSeries:
    def test_what_the_series_takes_itself_is_not_offered(self, app: App) -> None:
        """Of three days in a row the second is taken; the others are the series' own."""
        days = [
            Period(tomorrow(9) + timedelta(days=n), tomorrow(17) + timedelta(days=n))
            for n in range(3)
        ]
        book(app, STRANGER, organisation_id="furat", period=days[1])
        found = series.made(
            app, period=days[0], rule="FREQ=DAILY;COUNT=3", on_conflict=OnConflict.SKIP
        )
        (rejected,) = found.series.rejected
        offered = [dict(each) for each in rejected.alternatives]
        assert offered
        check_each_can_be_booked(app, MEMBER, offered)

    def test_what_the_series_leaves_of_the_budget_is_what_counts(self, app: App) -> None:
        budgets.set_limits(app, call(MANAGER), SetBudget("amal", 1, None, 2))
        book(app, STRANGER, organisation_id="furat")
        found = series.made(app, rule="FREQ=DAILY;COUNT=3", on_conflict=OnConflict.SKIP)
        (rejected,) = found.series.rejected
        offered = [dict(each) for each in rejected.alternatives]
        check_each_can_be_booked(app, MEMBER, offered)
