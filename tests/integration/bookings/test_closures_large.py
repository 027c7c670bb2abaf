"""Large closures on the real database: answered at once, taken bit by bit, never in between."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from pymongo.read_concern import ReadConcern

from services.bookings.app import App
from services.bookings.domain.booking_states import Status
from services.bookings.domain.budgets import NO_LIMITS
from services.bookings.domain.deadlines import DeadlineKind
from services.bookings.domain.series import OnConflict
from services.bookings.operations import bookings, check_in, closure_claims, closures, hours, series
from services.bookings.schemas.bookings import CancelBooking, ChangeBooking
from services.bookings.schemas.check_in import CorrectNoShow
from services.bookings.schemas.closures import LiftClosure, ResolveClosure
from services.bookings.schemas.hours import SetHours
from services.bookings.schemas.series import CreateSeries
from services.bookings.steps import reservation
from services.bookings.store.blocks import FENCE, FENCE_STANDS
from services.bookings.store.closures import ClosureStore
from services.common import errors
from services.common.clock import to_wire
from services.common.storage.deadlines import BACKOFF, LEASE
from services.common.storage.mongo import RetryTransaction
from services.common.time.period import Period
from services.common.time.weekly_hours import WeeklyHours
from tests.support.bookings import (
    MANAGER,
    MEMBER,
    RAQQA_DESK,
    WORKING_WEEK,
    book,
    booking_command,
    call,
    free,
    now_is,
    open_centre,
    period,
    stored,
    tomorrow,
    work,
)
from tests.support.closures import (
    LONG,
    check_slots,
    close,
    let_worker_work,
    outcomes,
    seen,
)
from tests.support.racing import contend, together
from tests.support.stack import Server


@pytest.fixture
def app(database: Server) -> Iterator[App]:
    yield from open_centre(database.uri)


def close_all(app: App, **values: Any) -> dict[str, Any]:
    return close(app, **{"space_ids": None, "period": LONG, **values})


def closing(app: App) -> list[str]:
    return [each.closure_id for each in app.centres.centre("raqqa").closing]


class TestClosing:
    def test_the_longest_closure_of_a_whole_centre_shows_its_progress(self, app: App) -> None:
        ninety_days = Period(tomorrow(0), tomorrow(0) + timedelta(days=90))
        closure = close_all(app, period=ninety_days)
        assert (closure["status"], closure["state"]) == ("standing", "closing")
        # Days are those of UTC, so that the last begins before ninety days are over.
        assert closure["progress"] == {"done": 0, "total": 4 * 91}
        let_worker_work(app, 10)
        half = seen(app, closure["id"])
        assert (half["state"], half["progress"]["done"]) == ("closing", 10 * closure_claims.A_STEP)
        assert half["version"] == closure["version"]
        let_worker_work(app)
        done = seen(app, closure["id"])
        assert (done["state"], done["progress"]) == ("in_force", None)
        assert done["version"] == closure["version"] + 1
        assert closing(app) == []
        check_slots(app, closure["id"])

    def test_a_small_one_is_in_force_at_once(self, app: App) -> None:
        closure = close(app)
        assert (closure["state"], closure["progress"]) == ("in_force", None)
        assert let_worker_work(app) == 0
        assert closing(app) == []

    def test_its_time_is_nobodys_from_the_answer_on(self, app: App) -> None:
        close_all(app)
        assert free(app) == []
        with pytest.raises(errors.Conflict, match="space_closed") as refusal:
            book(app)
        offered = refusal.value.extra["alternatives"]
        assert {each["kind"] for each in offered} == {"other_time", "other_centre"}
        today = [each["ends_at"] for each in offered if each["kind"] == "other_time"]
        assert max(today) < to_wire(LONG.starts_at)
        elsewhere = book(app, space_id="tabqa-meeting")
        change = ChangeBooking(elsewhere.id, 1, "raqqa-hall", None, None, {})
        with pytest.raises(errors.Conflict, match="space_closed"):
            bookings.change(app, call(MANAGER), change)

    def test_no_occurrence_of_a_series_gets_in(self, app: App) -> None:
        close_all(app)
        command = CreateSeries(
            space_id="raqqa-meeting",
            organisation_id="amal",
            period=period(10, 11),
            rule="FREQ=WEEKLY;COUNT=4",
            on_conflict=OnConflict.SKIP,
            title="Weekly",
            purpose="meeting",
            people=None,
        )
        view = series.create(app, call(MEMBER), command)
        # Twenty days are closed: three Tuesdays of the four.
        assert [each.code for each in view.series.rejected] == ["bookings.space_closed"] * 3

    def test_who_holds_time_may_shorten_but_not_take_more(self, app: App) -> None:
        booking = book(app, period=period(10, 12))
        closure = close_all(app)
        assert outcomes(closure) == {booking.id: "waiting"}
        longer = ChangeBooking(booking.id, 1, None, tomorrow(10), tomorrow(13), {})
        with pytest.raises(errors.Conflict, match="space_closed"):
            bookings.change(app, call(MEMBER), longer)
        shorter = ChangeBooking(booking.id, 1, None, tomorrow(10), tomorrow(11), {})
        bookings.change(app, call(MEMBER), shorter)
        let_worker_work(app)
        check_slots(app, closure["id"])

    def test_a_corrected_no_show_takes_no_more_of_it(self, app: App) -> None:
        booking = book(app, period=period(10, 12))
        now_is(app, tomorrow(10, 16))
        work(app)
        later = Period(tomorrow(11), tomorrow(11) + timedelta(days=20))
        closure = close_all(app, period=later)
        assert closure["state"] == "closing"
        command = CorrectNoShow(booking.id, 2, "They were there")
        with pytest.raises(errors.Conflict, match="space_closed"):
            check_in.correct_no_show(app, call(RAQQA_DESK), command)
        assert stored(app, booking).status is Status.NO_SHOW
        let_worker_work(app)
        check_slots(app, closure["id"])

    def test_what_is_cancelled_meanwhile_falls_to_it(self, app: App) -> None:
        made = [book(app, period=period(hour, hour + 1)) for hour in (9, 12)]
        closure = close_all(app)
        let_worker_work(app, 3)
        bookings.cancel(app, call(MEMBER), CancelBooking(made[0].id, 1, None))
        now = seen(app, closure["id"])
        command = ResolveClosure(closure["id"], now["version"], "cancel")
        closures.resolve(app, call(RAQQA_DESK), command)
        let_worker_work(app)
        assert set(outcomes(seen(app, closure["id"])).values()) == {"cancelled"}
        check_slots(app, closure["id"])

    def test_another_over_it_is_refused_and_named(self, app: App) -> None:
        first = close_all(app)
        for values in ({"period": period(9, 10)}, {"space_ids": None, "period": LONG}):
            with pytest.raises(errors.Conflict, match="closed_already") as refusal:
                close(app, **values)
            assert refusal.value.extra["closure"]["id"] == first["id"]

    def test_new_hours_of_the_centre_leave_it_closing(self, app: App) -> None:
        closure = close_all(app)
        longer = WeeklyHours.parse({**WORKING_WEEK, "friday": [["09:00", "17:00"]]})
        command = SetHours("raqqa", 1, longer, None, None, None)
        hours.set_hours(app, call(MANAGER), command)
        assert closing(app) == [closure["id"]]

    def test_lifted_before_it_is_in_force_it_leaves_nothing(self, app: App) -> None:
        booking = book(app)
        closure = close_all(app)
        let_worker_work(app, 2)
        lifted = closures.lift(app, call(RAQQA_DESK), LiftClosure(closure["id"], 1))
        assert (lifted["state"], lifted["progress"]) == ("lifted", None)
        assert outcomes(lifted) == {booking.id: "kept"}
        assert closing(app) == []
        let_worker_work(app)
        left = app.database.collection("bookings").distinct("_id", {"kind": {"$ne": FENCE}})
        assert left == [booking.id]
        assert free(app) == [period(9, 10), period(11, 17)]
        assert (
            app.database.collection("deadlines").count_documents({"kind": DeadlineKind.CLOSURE})
            == 0
        )

    def test_it_can_be_closed_again_right_after(self, app: App) -> None:
        for _ in range(3):
            closure = close_all(app)
            let_worker_work(app)
            check_slots(app, closure["id"])
            version = seen(app, closure["id"])["version"]
            closures.lift(app, call(RAQQA_DESK), LiftClosure(closure["id"], version))


class TestFences:
    """What a lifted closure leaves so that MongoDB does not stumble over what was deleted."""

    def test_they_stand_in_each_day_and_in_nobodys_way(self, app: App) -> None:
        closure = close_all(app)
        let_worker_work(app)
        version = seen(app, closure["id"])["version"]
        closures.lift(app, call(RAQQA_DESK), LiftClosure(closure["id"], version))
        found = app.database.collection("bookings")
        fences = list(found.find({"kind": FENCE}))
        assert len(fences) == 4 * 21
        # Of a whole day one each six hours and one behind its end.
        assert max(len(each["claims"]) for each in fences) == 5
        assert {each["fence_until"] for each in fences} == {app.clock.now() + FENCE_STANDS}
        closure_of_all = close_all(app)
        let_worker_work(app)
        check_slots(app, closure_of_all["id"])
        assert found.count_documents({"kind": FENCE}) == len(fences)
        with pytest.raises(errors.Conflict, match="space_closed"):
            book(app)

    def test_what_is_free_is_free_to_the_last_quarter(self, app: App) -> None:
        closure = close(app)
        closures.lift(app, call(RAQQA_DESK), LiftClosure(closure["id"], 1))
        assert free(app) == [period(9, 17)]
        assert book(app, period=period(9, 13)) and book(app, period=period(13, 17))

    def test_they_go_by_themselves(self, app: App) -> None:
        indexes = app.database.collection("bookings").index_information()
        assert indexes["fences"]["expireAfterSeconds"] == 0
        assert indexes["fences"]["key"] == [("fence_until", 1)]


class TestABookingThatWasBeingMade:
    """Its transaction began before the closure was declared, so that it cannot know."""

    def placed_meanwhile(self, app: App) -> tuple[str, dict[str, Any]]:
        with app.database.client.start_session() as session:
            session.start_transaction(read_concern=ReadConcern("snapshot"))
            space, centre = reservation.space_and_centre(app, "raqqa-meeting", session)
            closure = close_all(app)
            command = booking_command()
            wish = reservation.ReservationRequest(
                space=space,
                centre=centre,
                party=reservation.EligibleOrganisation("amal", NO_LIMITS),
                period=command.period,
                title=command.title,
                purpose=command.purpose,
            )
            booking = reservation.reserve(app, call(MEMBER), session, wish)
            session.commit_transaction()
        return booking.id, closure

    def test_is_found_and_listed(self, app: App) -> None:
        booking_id, closure = self.placed_meanwhile(app)
        assert closure["affected"] == []
        let_worker_work(app)
        done = seen(app, closure["id"])
        assert outcomes(done) == {booking_id: "waiting"}
        assert (done["state"], done["version"]) == ("in_force", closure["version"] + 2)
        check_slots(app, closure["id"])

    def test_may_be_cancelled_before_it_is_found(self, app: App) -> None:
        booking_id, closure = self.placed_meanwhile(app)
        bookings.cancel(app, call(MEMBER), CancelBooking(booking_id, 1, None))
        let_worker_work(app)
        assert seen(app, closure["id"])["affected"] == []
        check_slots(app, closure["id"])


class TestAWorkerThatDies:
    def test_another_goes_on_where_it_stopped(self, app: App) -> None:
        closure = close_all(app)
        let_worker_work(app, 2)
        assert app.deadlines.claim() is not None, "the worker dies with it"
        assert let_worker_work(app) == 0
        assert seen(app, closure["id"])["progress"]["done"] == 2 * closure_claims.A_STEP
        with pytest.raises(errors.Conflict, match="space_closed"):
            book(app)
        app.clock.advance(LEASE)  # type: ignore[attr-defined]
        let_worker_work(app)
        assert seen(app, closure["id"])["state"] == "in_force"
        check_slots(app, closure["id"])

    def test_two_workers_do_nothing_twice(self, app: App) -> None:
        closure = close_all(app)
        together(*[lambda: let_worker_work(app)] * 3)
        let_worker_work(app)
        assert seen(app, closure["id"])["state"] == "in_force"
        check_slots(app, closure["id"])

    def test_after_a_step_that_fails_smaller_ones_are_made(
        self, app: App, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        sizes: list[int] = []
        claim = ClosureStore.claim

        def fail_once(store: ClosureStore, session: Any, closure: Any, most: int) -> Any:
            sizes.append(most)
            if len(sizes) == 1:
                raise errors.Unavailable(detail="slow")
            return claim(store, session, closure, most)

        closure = close_all(app)
        monkeypatch.setattr(ClosureStore, "claim", fail_once)
        assert let_worker_work(app) == 1
        app.clock.advance(BACKOFF[0])  # type: ignore[attr-defined]
        let_worker_work(app)
        assert sizes[:3] == [
            closure_claims.A_STEP,
            closure_claims.AFTER_A_FAILURE,
            closure_claims.A_STEP,
        ]
        assert seen(app, closure["id"])["state"] == "in_force"

    def test_a_step_that_is_overtaken_begins_again(
        self, app: App, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        seen_by: list[int] = []
        claim = ClosureStore.claim

        def overtaken_once(store: ClosureStore, session: Any, closure: Any, most: int) -> Any:
            seen_by.append(most)
            if len(seen_by) == 1:
                raise RetryTransaction("a booking was made meanwhile")
            return claim(store, session, closure, most)

        close_all(app)
        monkeypatch.setattr(ClosureStore, "claim", overtaken_once)
        assert let_worker_work(app, 1) == 1
        assert len(seen_by) == 2


class TestRaces:
    @pytest.mark.parametrize("round_", range(4))
    def test_closing_against_booking_moving_and_cancelling(self, app: App, round_: int) -> None:
        gone, moved = book(app, period=period(9, 10)), book(app, period=period(15, 16))

        def booking(hour: int) -> Callable[[], str]:
            begin = tomorrow(10, 15 * ((hour + round_) % 4)) + timedelta(minutes=30 * hour)
            command = booking_command(period=Period(begin, begin + timedelta(minutes=30)))
            return lambda: bookings.create(app, call(MEMBER), command).id

        def cancel() -> None:
            bookings.cancel(app, call(MEMBER), CancelBooking(gone.id, 1, None))

        def move() -> None:
            change = ChangeBooking(moved.id, 1, None, tomorrow(16), tomorrow(17), {})
            bookings.change(app, call(MEMBER), change)

        def shut() -> dict[str, Any]:
            closure = close_all(app)
            let_worker_work(app)
            return closure

        jobs: list[Callable[[], object]] = [*map(booking, range(7)), cancel, move]
        jobs.insert(round_ * 2, shut)
        given = contend(*jobs)
        closed = [each for each in given if isinstance(each, dict)]
        made = {each for each in given if isinstance(each, str)}
        refused = {each.code for each in given if isinstance(each, errors.MasahaError)}
        let_worker_work(app)
        (closure,) = closed
        assert refused <= {"bookings.space_closed", "bookings.space_taken"}
        now = seen(app, closure["id"])
        assert now["state"] == "in_force"
        assert made <= outcomes(now).keys()
        check_slots(app, closure["id"])

    def test_two_large_closures_at_once_are_one(self, app: App) -> None:
        given = contend(*[lambda: close_all(app)] * 4)
        refused = [each.code for each in given if isinstance(each, errors.MasahaError)]
        assert refused == ["bookings.closed_already"] * 3

    def test_lifting_against_the_worker(self, app: App) -> None:
        closure = close_all(app)

        def lift() -> None:
            while True:
                try:
                    version = seen(app, closure["id"])["version"]
                    closures.lift(app, call(RAQQA_DESK), LiftClosure(closure["id"], version))
                except errors.Stale:
                    continue
                return

        together(lift, lambda: let_worker_work(app))
        let_worker_work(app)
        assert closing(app) == []
        assert app.database.collection("bookings").count_documents({"kind": {"$ne": FENCE}}) == 0
