"""Hours that become shorter: the bookings outside them are listed, before and after, and decided
upon by staff."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from services.bookings.app import App
from services.bookings.domain.booking import Booking
from services.bookings.domain.booking_states import Status
from services.bookings.operations import approval, check_in, hours, outside_hours
from services.bookings.schemas.approval import ApproveBooking
from services.bookings.schemas.check_in import CheckIn
from services.bookings.schemas.hours import SetHours
from services.bookings.schemas.outside_hours import ListOutside, ResolveOutside
from services.bookings.service import BookingsService
from services.common import errors
from services.common.context import Caller
from services.common.time.opening_hours import ExceptionalDay, Season
from services.common.time.weekly_hours import WeeklyHours
from tests.support.bookings import (
    MANAGER,
    MEMBER,
    RAQQA_DESK,
    STRANGER,
    TABQA_DESK,
    WORKING_WEEK,
    book,
    call,
    events,
    move,
    now_is,
    open_centre,
    period,
    space,
    stored,
    told,
    tomorrow,
)
from tests.support.stack import Server

MORNING = {day: [["09:00", "12:00"]] for day in WORKING_WEEK}
NOON = WeeklyHours.parse(MORNING)
ALWAYS = WeeklyHours.parse(WORKING_WEEK)
TOMORROW = date(2026, 11, 24)
NAME = {"ar": "موسم", "en": "Season"}


@pytest.fixture
def app(database: Server) -> Iterator[App]:
    yield from open_centre(database.uri)


@pytest.fixture
def service(app: App) -> BookingsService:
    service = BookingsService()
    service.app = app
    return service


def ask(service: BookingsService, who: Caller, method: str, **request: Any) -> dict[str, Any]:
    service.call = call(who)
    answer: dict[str, Any] = getattr(service, method)(request)
    return answer


def set_hours(app: App, weekly: WeeklyHours = NOON, **values: Any) -> None:
    version = app.centres.centre("raqqa").version
    hours.set_hours(app, call(MANAGER), SetHours("raqqa", version, weekly, **values))


def listed(app: App, caller: Caller = RAQQA_DESK, **values: Any) -> list[tuple[str, str]]:
    query = ListOutside(
        **{
            "centre_id": "raqqa",
            "space_id": None,
            "decision": None,
            "limit": 50,
            "after": None,
            **values,
        }
    )
    found = outside_hours.find(app, call(caller), query)
    return [(each.id, each.decision.value) for each, _ in found]


def resolve(app: App, action: str, caller: Caller = RAQQA_DESK, **values: Any) -> dict[str, Any]:
    version = app.centres.centre("raqqa").version
    command = ResolveOutside("raqqa", version, action, **values)
    _, found, refused = outside_hours.resolve(app, call(caller), command)
    return {
        "outside": [each.id for each, _ in found.first],
        "refused": {each["booking_id"]: each["code"] for each in refused},
    }


@pytest.fixture
def late(app: App) -> Booking:
    """From eleven to two, when the centre is to close at noon."""
    book(app, period=period(9, 11))
    return book(app, period=period(11, 14))


class TestListed:
    def test_the_answer_lists_those_that_are_outside_now(
        self, service: BookingsService, late: Booking
    ) -> None:
        answer = ask(
            service, MANAGER, "set_hours", id="raqqa", expected_version=1, weekly_hours=MORNING
        )
        assert (answer["version"], answer["dry_run"], answer["outside_count"]) == (2, False, 1)
        (found,) = answer["outside"]
        assert (found["booking_id"], found["decision"]) == (late.id, "waiting")
        assert found["open"] == [
            {"starts_at": "2026-11-24T08:00:00Z", "ends_at": "2026-11-24T09:00:00Z"}
        ]

    def test_a_dry_run_shows_them_before_and_changes_nothing(
        self, service: BookingsService, late: Booking
    ) -> None:
        told_before = len(events(service.app))
        answer = ask(
            service,
            MANAGER,
            "set_hours",
            id="raqqa",
            expected_version=1,
            weekly_hours=MORNING,
            dry_run=True,
        )
        assert (answer["version"], answer["dry_run"]) == (1, True)
        assert [each["booking_id"] for each in answer["outside"]] == [late.id]
        assert answer["weekly_hours"] == MORNING
        assert service.app.centres.centre("raqqa").version == 1
        assert len(events(service.app)) == told_before
        assert listed(service.app) == []

    def test_a_space_of_its_own(self, service: BookingsService, late: Booking) -> None:
        other = book(service.app, space_id="raqqa-training", period=period(13, 14))
        request = {"id": "raqqa-meeting", "expected_version": 1, "weekly_hours": MORNING}
        dry = ask(service, MANAGER, "set_space_hours", **request, dry_run=True)
        answer = ask(service, MANAGER, "set_space_hours", **request)
        for each in (dry, answer):
            assert [found["booking_id"] for found in each["outside"]] == [late.id]
        assert (dry["version"], answer["version"]) == (1, 2)
        assert other.id not in dict(listed(service.app))

    @pytest.mark.parametrize(
        "values",
        [
            {"exceptions": (ExceptionalDay(TOMORROW, NAME, ()),)},
            {"seasons": (Season(NAME, TOMORROW, TOMORROW, NOON),)},
        ],
        ids=["exception", "season"],
    )
    def test_seasons_and_exceptions(self, app: App, late: Booking, values: dict[str, Any]) -> None:
        set_hours(app, ALWAYS, **values)
        assert late.id in dict(listed(app))
        set_hours(app, ALWAYS, seasons=(), exceptions=())
        assert listed(app) == []

    def test_one_that_waits_for_approval_is_listed_and_one_that_is_over_or_goes_on_is_not(
        self, app: App
    ) -> None:
        app.centres.seed([], [space("raqqa-quiet", needs_approval=True)])
        pending = book(app, space_id="raqqa-quiet", period=period(14, 15))
        going_on = book(app, period=period(11, 15))
        now_is(app, tomorrow(11))
        check_in.check_in(app, call(RAQQA_DESK), CheckIn(going_on.id, 1))
        set_hours(app)
        assert listed(app) == [(pending.id, "waiting")]
        now_is(app, tomorrow(15))
        assert listed(app) == []

    def test_in_pages_and_by_space_and_decision(self, app: App, late: Booking) -> None:
        other = book(app, space_id="raqqa-training", period=period(13, 14))
        set_hours(app)
        assert [id for id, _ in listed(app)] == [late.id, other.id]
        assert listed(app, after=(late.period.starts_at, late.id)) == [(other.id, "waiting")]
        assert listed(app, space_id="raqqa-training") == [(other.id, "waiting")]
        assert listed(app, decision="left") == []

    def test_no_more_bookings_are_read_than_are_shown(
        self, service: BookingsService, late: Booking, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        other = book(service.app, space_id="raqqa-training", period=period(13, 14))
        set_hours(service.app)
        read: list[list[str]] = []
        load = service.app.bookings.get_all_for_view
        monkeypatch.setattr(
            service.app.bookings,
            "get_all_for_view",
            lambda ids: read.append(list(ids)) or load(ids),
        )
        monkeypatch.setattr(outside_hours, "MOST_NAMED", 1)
        values = {"weekly_hours": MORNING, "dry_run": True, "id": "raqqa"}
        version = service.app.centres.centre("raqqa").version
        answer = ask(service, MANAGER, "set_hours", expected_version=version, **values)
        assert [each["booking_id"] for each in answer["outside"]] == [late.id]
        assert answer["outside_count"] == 2
        assert listed(service.app, limit=1)[0] == (late.id, "waiting")
        assert read == [[late.id], [late.id, other.id]]

    def test_for_staff_of_the_centre_only(self, app: App, late: Booking) -> None:
        set_hours(app)
        for caller in (MEMBER, STRANGER, TABQA_DESK):
            with pytest.raises(errors.Forbidden):
                listed(app, caller)
            with pytest.raises(errors.Forbidden):
                resolve(app, "cancel", caller)


class TestDecided:
    def test_cancelled_with_notice(self, app: App, late: Booking) -> None:
        set_hours(app)
        assert resolve(app, "cancel") == {"outside": [], "refused": {}}
        gone = stored(app, late)
        assert (gone.status, gone.cancelled_late) == (Status.CANCELLED, False)
        news = events(app)[-1]
        assert news["type"] == "bookings.booking.cancelled"
        assert set(news["data"]["reasons"]) == {"ar", "en"}

    def test_moved_to_the_nearest_place_with_notice(self, app: App, late: Booking) -> None:
        set_hours(app)
        assert resolve(app, "move") == {"outside": [], "refused": {}}
        after = stored(app, late)
        assert after.status is Status.CONFIRMED
        hall = app.centres.centre("raqqa").opening_hours(app.centres.space(after.space_id))
        assert hall.contains(after.period)
        assert told(app, after)[-1] == "rescheduled"
        assert set(events(app)[-1]["data"]["reasons"]) == {"ar", "en"}

    def test_moved_to_a_place_that_staff_choose_for_a_reason(self, app: App, late: Booking) -> None:
        set_hours(app)
        starts_at = tomorrow(9) + timedelta(days=1)
        values = {"booking_ids": (late.id,), "space_id": "raqqa-training", "starts_at": starts_at}
        assert resolve(app, "move", reason="Ramadan", **values)["refused"] == {}
        after = stored(app, late)
        assert (after.space_id, after.period.starts_at) == ("raqqa-training", starts_at)
        assert events(app)[-1]["data"]["reason"] == "Ramadan"

    def test_left_as_it_is_with_notice(self, app: App, late: Booking) -> None:
        set_hours(app)
        assert resolve(app, "leave") == {"outside": [late.id], "refused": {}}
        after = stored(app, late)
        assert (after.status, after.period) == (Status.CONFIRMED, late.period)
        assert told(app, after)[-1] == "left_outside_hours"
        assert listed(app) == [(late.id, "left")]
        count = len(events(app))
        resolve(app, "cancel")
        assert len(events(app)) == count, "what was left does not wait for a decision"

    def test_left_it_waits_again_where_the_hours_leave_it_less(
        self, app: App, late: Booking
    ) -> None:
        set_hours(app)
        resolve(app, "leave")
        set_hours(app, ALWAYS)
        set_hours(app)
        assert dict(listed(app))[late.id] == "left"
        set_hours(app, NOON, exceptions=(ExceptionalDay(TOMORROW, NAME, ()),))
        assert dict(listed(app))[late.id] == "waiting"

    def test_left_it_can_be_approved(self, app: App) -> None:
        app.centres.seed([], [space("raqqa-quiet", needs_approval=True)])
        pending = book(app, space_id="raqqa-quiet", period=period(14, 15))
        set_hours(app)
        with pytest.raises(errors.Conflict, match=r"bookings\.outside_hours"):
            approval.approve(app, call(RAQQA_DESK), ApproveBooking(pending.id, 1))
        resolve(app, "leave")
        after = approval.approve(app, call(RAQQA_DESK), ApproveBooking(pending.id, 2))
        assert after.status is Status.CONFIRMED

    def test_what_is_moved_by_its_people_is_no_more_left_there(
        self, app: App, late: Booking
    ) -> None:
        set_hours(app)
        resolve(app, "leave")
        mine = stored(app, late)
        after = move(app, mine, period(11, 12))
        assert stored(app, after).left_open is None
        assert listed(app) == []

    def test_what_lies_within_is_refused_and_named(self, app: App, late: Booking) -> None:
        inside = book(app, space_id="raqqa-training", period=period(9, 10))
        set_hours(app)
        answer = resolve(app, "cancel", booking_ids=(inside.id, "nobody", late.id))
        assert answer["outside"] == []
        assert answer["refused"] == {
            inside.id: "bookings.not_outside_hours",
            "nobody": "not_found",
        }

    def test_by_the_hours_of_then_only(self, app: App, late: Booking) -> None:
        set_hours(app)
        with pytest.raises(errors.Stale):
            outside_hours.resolve(app, call(RAQQA_DESK), ResolveOutside("raqqa", 1, "cancel"))

    @pytest.mark.parametrize("action", ["cancel", "leave", "move"])
    def test_of_two_who_decide_under_one_version_one_has_to_look_again(
        self, app: App, late: Booking, action: str
    ) -> None:
        other = book(app, space_id="raqqa-training", period=period(13, 14))
        set_hours(app)
        command = ResolveOutside("raqqa", 2, action, booking_ids=(late.id,))
        centre, _, refused = outside_hours.resolve(app, call(RAQQA_DESK), command)
        assert (centre.version, refused) == (3, [])
        with pytest.raises(errors.Stale):
            second = ResolveOutside("raqqa", 2, "cancel", booking_ids=(late.id, other.id))
            outside_hours.resolve(app, call(RAQQA_DESK), second)
        assert stored(app, other).status is Status.CONFIRMED

    def test_the_version_is_looked_at_together_with_the_decision(
        self, app: App, late: Booking, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        set_hours(app)
        before = app.centres.centre("raqqa")
        resolve(app, "leave")
        monkeypatch.setattr(app.centres, "centre", lambda *_: before)
        with pytest.raises(errors.Stale):
            command = ResolveOutside("raqqa", before.version, "cancel", booking_ids=(late.id,))
            outside_hours.resolve(app, call(RAQQA_DESK), command)
        assert stored(app, late).status is Status.CONFIRMED
