"""Closures on the real database: what they take, whom they affect, and what becomes of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from services.bookings.app import App
from services.bookings.domain.closures import Kind
from services.bookings.operations import approval, bookings, closures
from services.bookings.schemas.approval import ApproveBooking
from services.bookings.schemas.bookings import CancelBooking, ChangeBooking, ListBookings
from services.bookings.schemas.closures import (
    LiftClosure,
    ListClosures,
    ResolveClosure,
)
from services.common import errors
from services.common.context import VISITOR, Caller
from services.common.time.period import Period
from tests.support.bookings import (
    MANAGER,
    MEMBER,
    NOW,
    RAQQA_DESK,
    STRANGER,
    TABQA_DESK,
    book,
    booking_command,
    call,
    events,
    free,
    open_centre,
    period,
    tomorrow,
)
from tests.support.closures import ALL_DAY, REASON, check_slots, close, outcomes, plan
from tests.support.racing import contend
from tests.support.stack import Server


@pytest.fixture
def app(database: Server) -> Iterator[App]:
    yield from open_centre(database.uri)


def resolve(app: App, closure: dict[str, Any], action: str, **values: Any) -> dict[str, Any]:
    now = closures.get(app, call(RAQQA_DESK), closure["id"])
    command = ResolveClosure(closure["id"], now["version"], action, **values)
    return closures.resolve(app, call(RAQQA_DESK), command)


class TestClosing:
    def test_closed_time_is_not_free_and_cannot_be_booked(self, app: App) -> None:
        close(app, period=period(10, 12))
        assert free(app) == [period(9, 10), period(12, 17)]
        with pytest.raises(errors.Conflict, match="space_closed") as refusal:
            book(app, period=period(11, 12))
        kinds = [each["kind"] for each in refusal.value.extra["alternatives"]]
        assert {"other_time", "other_space", "other_centre"} <= set(kinds)
        assert book(app, period=period(12, 13))

    def test_all_spaces_are_closed_where_none_is_named(self, app: App) -> None:
        closure = close(app, space_ids=None)
        assert closure["space_ids"] == [
            "raqqa-hall",
            "raqqa-hall-a",
            "raqqa-meeting",
            "raqqa-training",
        ]
        assert free(app, "raqqa-hall") == free(app, "raqqa-training") == []
        assert free(app, "tabqa-meeting") == [ALL_DAY]
        check_slots(app, closure["id"])

    def test_a_closed_part_takes_the_hall(self, app: App) -> None:
        close(app, space_ids=("raqqa-hall-a",))
        with pytest.raises(errors.Conflict, match="space_closed"):
            book(app, space_id="raqqa-hall")

    def test_set_up_and_clean_up_keep_out_of_closed_time(self, app: App) -> None:
        close(app, space_ids=("raqqa-training",), period=period(12, 17))
        assert free(app, "raqqa-training") == [Period(tomorrow(9), tomorrow(11, 45))]

    def test_blocks_are_nobodys_bookings(self, app: App) -> None:
        mine = book(app)
        close(app, period=Period(tomorrow(9), tomorrow(9) + timedelta(days=40)))
        everything = ListBookings({}, 200, None)
        for caller in (MANAGER, RAQQA_DESK, MEMBER):
            assert [b.id for b in bookings.find(app, call(caller), everything)] == [mine.id]
        at_centre = ListBookings({"centre_id": "raqqa"}, 200, None)
        assert len(bookings.find(app, call(MANAGER), at_centre)) == 1

    def test_it_may_begin_with_the_present_slot(self, app: App) -> None:
        app.clock.advance(timedelta(minutes=7))  # type: ignore[attr-defined]
        assert close(app, kind=Kind.SECURITY, period=Period(NOW, tomorrow(17)))

    def test_the_same_key_gives_the_same_closure_again(self, app: App) -> None:
        book(app)
        first = closures.close(app, call(RAQQA_DESK, "k"), plan())
        assert closures.close(app, call(RAQQA_DESK, "k"), plan()) == first
        assert app.database.collection("closures").count_documents({}) == 1
        with pytest.raises(errors.KeyReused):
            closures.close(app, call(RAQQA_DESK, "k"), plan(kind=Kind.EVENT))
        with pytest.raises(errors.Forbidden):
            closures.close(app, call(replace(RAQQA_DESK, centres=frozenset()), "k"), plan())

    def test_its_event_says_nothing_of_the_reason(self, app: App) -> None:
        closure = close(app)
        (event,) = events(app)
        assert event["type"] == "bookings.closure.declared"
        assert event["subject"] == closure["id"]
        assert "reason" not in event["data"]

    @pytest.mark.parametrize(("space_ids", "whole"), [(None, True), (("raqqa-hall",), False)])
    def test_its_event_says_whether_the_whole_centre_is_closed(
        self, app: App, space_ids: tuple[str, ...] | None, whole: bool
    ) -> None:
        close(app, space_ids=space_ids)
        assert [each["data"]["all_spaces"] for each in events(app)] == [whole]

    def test_a_closure_over_a_closure_is_refused_and_named(self, app: App) -> None:
        first = close(app, space_ids=("raqqa-hall-a",), period=period(10, 12))
        with pytest.raises(errors.Conflict, match="closed_already") as refusal:
            close(app, space_ids=("raqqa-hall",), period=period(11, 13))
        assert refusal.value.extra["closure"]["id"] == first["id"]
        assert close(app, space_ids=("raqqa-hall",), period=period(12, 13))
        assert close(app, space_ids=("raqqa-meeting",), period=period(10, 12))

    @pytest.mark.parametrize(
        ("values", "code"),
        [
            ({"period": Period(tomorrow(10, 5), tomorrow(11))}, "bookings.off_raster"),
            ({"period": Period(tomorrow(11), tomorrow(10))}, "bookings.end_before_start"),
            (
                {"period": Period(tomorrow(9), tomorrow(9) + timedelta(days=90, minutes=15))},
                "bookings.closure_too_long",
            ),
            ({"period": Period(NOW - timedelta(hours=1), tomorrow(9))}, "bookings.in_the_past"),
            (
                {
                    "period": Period(
                        tomorrow(9) + timedelta(days=366), tomorrow(9) + timedelta(days=367)
                    )
                },
                "bookings.closure_too_far_ahead",
            ),
            ({"space_ids": ("nowhere",)}, "bookings.unknown_space"),
            ({"space_ids": ("tabqa-meeting",)}, "bookings.unknown_space"),
        ],
    )
    def test_what_breaks_a_rule_is_refused_and_changes_nothing(
        self, app: App, values: dict[str, Any], code: str
    ) -> None:
        for act in (closures.close, closures.preview):
            with pytest.raises(errors.MasahaError) as refusal:
                act(app, call(MANAGER), plan(**values))
            assert refusal.value.code == code
        assert app.database.collection("bookings").count_documents({}) == 0
        assert events(app) == []

    def test_one_that_is_too_large_is_refused(
        self, app: App, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        book(app)
        monkeypatch.setattr("services.bookings.domain.closures.MOST_AFFECTED", 0)
        with pytest.raises(errors.Conflict, match="closure_too_large"):
            close(app)
        monkeypatch.setattr("services.bookings.domain.closures.MOST_SPACE_DAYS", 30)
        with pytest.raises(errors.Conflict, match="closure_too_large"):
            close(app, period=Period(tomorrow(9), tomorrow(9) + timedelta(days=31)))

    def test_an_unknown_centre_is_not_found(self, app: App) -> None:
        with pytest.raises(errors.NotFound):
            close(app, centre_id="nowhere")


class TestAffected:
    def test_a_preview_names_them_and_changes_nothing(self, app: App) -> None:
        booking = book(app)
        seen = closures.preview(app, call(RAQQA_DESK), plan())
        assert outcomes(seen) == {booking.id: "waiting"}
        assert app.bookings.get(booking.id) == booking
        assert free(app) == [period(9, 10), period(11, 17)]

    def test_they_keep_their_time_until_somebody_decides(self, app: App) -> None:
        booking = book(app)
        outside = book(app, space_id="raqqa-hall-a")
        closure = close(app)
        assert outcomes(closure) == {booking.id: "waiting"}
        assert app.bookings.get(booking.id).claim == booking.claim
        assert app.bookings.get(outside.id) == outside
        assert free(app) == []
        check_slots(app, closure["id"])

    def test_clean_up_that_reaches_into_it_counts(self, app: App) -> None:
        booking = book(app, space_id="raqqa-training")
        closure = close(app, space_ids=("raqqa-training",), period=period(11, 12))
        assert outcomes(closure) == {booking.id: "waiting"}

    def test_what_its_people_let_go_of_falls_to_the_closure(self, app: App) -> None:
        cancelled, shortened = book(app, period=period(10, 11)), book(app, period=period(12, 14))
        closure = close(app)
        bookings.cancel(app, call(MEMBER), CancelBooking(cancelled.id, 1, None))
        change = ChangeBooking(shortened.id, 1, None, tomorrow(12), tomorrow(13), {})
        bookings.change(app, call(MEMBER), change)
        for hour in (10, 13):
            with pytest.raises(errors.Conflict, match="space_closed"):
                book(app, period=period(hour, hour + 1))
        check_slots(app, closure["id"])
        now = closures.get(app, call(RAQQA_DESK), closure["id"])
        assert outcomes(now) == {cancelled.id: "cancelled", shortened.id: "waiting"}
        assert now["version"] > closure["version"]

    def test_where_they_stood_is_kept(self, app: App) -> None:
        booking = book(app)
        closure = close(app)
        change = ChangeBooking(booking.id, 1, "raqqa-hall-a", tomorrow(13), tomorrow(14), {})
        bookings.change(app, call(MEMBER), change)
        (seen,) = closures.get(app, call(RAQQA_DESK), closure["id"])["affected"]
        assert (seen["outcome"], seen["space_id"], seen["starts_at"]) == (
            "moved",
            "raqqa-meeting",
            "2026-11-24T07:00:00Z",
        )
        assert (seen["now_space_id"], seen["now_starts_at"]) == (
            "raqqa-hall-a",
            "2026-11-24T10:00:00Z",
        )

    def test_a_request_over_closed_time_cannot_be_approved_while_it_stands(self, app: App) -> None:
        space = app.centres.space("raqqa-meeting")
        with_approval = replace(space, needs_approval=True, version=2)
        app.database.transact(lambda s: app.centres.save_space(s, with_approval, 1))
        pending = book(app)
        closure = close(app)
        with pytest.raises(errors.Conflict, match="space_closed"):
            approval.approve(app, call(RAQQA_DESK), ApproveBooking(pending.id, 1))
        closures.lift(app, call(RAQQA_DESK), LiftClosure(closure["id"], 1))
        approval.approve(app, call(RAQQA_DESK), ApproveBooking(pending.id, 1))


class TestResolving:
    def test_cancelled_with_notice_and_the_time_is_the_closures(self, app: App) -> None:
        booking = book(app)
        closure = close(app)
        done = resolve(app, closure, "cancel")
        assert (outcomes(done), done["refused"]) == ({booking.id: "cancelled"}, [])
        told = events(app)[-1]
        assert told["type"] == "bookings.booking.cancelled"
        assert told["data"]["reason"] == REASON["ar"]
        assert told["data"]["reasons"] == REASON
        after = bookings.get(app, call(MEMBER), booking.id)
        assert (after.cancellation_reason, after.cancelled_late) == (REASON["ar"], False)
        check_slots(app, closure["id"])

    def test_moved_to_the_space_most_like_it_at_the_same_time(self, app: App) -> None:
        booking = book(app, people=10)
        closure = close(app, reason="Painters")
        done = resolve(app, closure, "move")
        (seen,) = done["affected"]
        assert (seen["outcome"], seen["now_space_id"]) == ("moved", "raqqa-training")
        assert seen["now_starts_at"] == seen["starts_at"]
        told = events(app)[-1]
        assert told["type"] == "bookings.booking.rescheduled"
        assert told["data"]["reason"] == "Painters"
        assert bookings.history(app, call(MEMBER), booking.id)[-1].reason == "Painters"
        check_slots(app, closure["id"])

    def test_moved_to_the_nearest_time_where_no_other_space_fits(self, app: App) -> None:
        booking = book(app, period=period(16, 17), space_id="raqqa-hall")
        closure = close(app, space_ids=("raqqa-hall",), period=period(9, 17))
        done = resolve(app, closure, "move")
        (seen,) = done["affected"]
        assert (seen["outcome"], seen["now_space_id"]) == ("moved", "raqqa-hall")
        # The centre is closed in the evening; the morning of the next day is nearest.
        assert seen["now_starts_at"] == "2026-11-25T06:00:00Z"
        assert seen["booking_id"] == booking.id

    def test_nobody_is_moved_to_today_without_notice(self, app: App) -> None:
        book(app, space_id="raqqa-hall")
        long = Period(tomorrow(9), tomorrow(9) + timedelta(days=3))
        (seen,) = resolve(app, close(app, space_ids=("raqqa-hall",), period=long), "move")[
            "affected"
        ]
        assert seen["now_starts_at"] == "2026-11-29T06:00:00Z"

    def test_moved_to_a_chosen_place(self, app: App) -> None:
        booking = book(app)
        closure = close(app)
        done = resolve(
            app,
            closure,
            "move",
            booking_ids=(booking.id,),
            space_id="raqqa-hall-b",
            starts_at=tomorrow(14),
        )
        assert done["refused"] == [{"booking_id": booking.id, "code": "bookings.unknown_space"}]
        done = resolve(
            app,
            closure,
            "move",
            booking_ids=(booking.id,),
            space_id="raqqa-hall-a",
            starts_at=tomorrow(14),
        )
        (seen,) = done["affected"]
        assert (seen["now_space_id"], seen["now_starts_at"]) == (
            "raqqa-hall-a",
            "2026-11-24T11:00:00Z",
        )

    def test_a_move_within_the_closure_is_refused(self, app: App) -> None:
        booking = book(app, period=period(10, 12))
        closure = close(app)
        done = resolve(app, closure, "move", booking_ids=(booking.id,), starts_at=tomorrow(10, 15))
        assert done["refused"][0]["code"] == "bookings.space_closed"
        assert bookings.get(app, call(MEMBER), booking.id).version == 1

    def test_who_cannot_be_moved_waits_and_is_named(self, app: App) -> None:
        booking = book(app, space_id="raqqa-hall")
        long = Period(tomorrow(9), tomorrow(9) + timedelta(days=30))
        closure = close(app, space_ids=None, period=long)
        done = resolve(app, closure, "move")
        assert done["refused"] == [{"booking_id": booking.id, "code": "bookings.no_place_found"}]
        assert outcomes(done) == {booking.id: "waiting"}

    def test_only_those_that_wait_are_touched(self, app: App) -> None:
        first, second = book(app, period=period(10, 11)), book(app, period=period(12, 13))
        elsewhere = book(app, space_id="raqqa-hall-a")
        closure = close(app)
        resolve(app, closure, "cancel", booking_ids=(first.id,))
        done = resolve(
            app, closure, "cancel", booking_ids=(first.id, second.id, elsewhere.id, "nobody")
        )
        assert [(each["booking_id"], each["code"]) for each in done["refused"]] == [
            (first.id, "bookings.not_affected"),
            (elsewhere.id, "bookings.not_affected"),
            ("nobody", "not_found"),
        ]
        assert bookings.get(app, call(MEMBER), elsewhere.id).version == 1

    def test_a_stale_version_is_refused(self, app: App) -> None:
        booking = book(app)
        closure = close(app)
        bookings.cancel(app, call(MEMBER), CancelBooking(booking.id, 1, None))
        command = ResolveClosure(closure["id"], closure["version"], "cancel")
        with pytest.raises(errors.Stale):
            closures.resolve(app, call(RAQQA_DESK), command)


class TestLifting:
    def test_its_time_is_free_again(self, app: App) -> None:
        booking = book(app)
        closure = close(app)
        lifted = closures.lift(app, call(RAQQA_DESK), LiftClosure(closure["id"], 1))
        assert (lifted["status"], lifted["version"]) == ("lifted", 2)
        assert outcomes(lifted) == {booking.id: "kept"}
        assert free(app) == [period(9, 10), period(11, 17)]
        assert events(app)[-1]["type"] == "bookings.closure.lifted"

    def test_what_is_let_go_of_afterwards_is_free(self, app: App) -> None:
        booking = book(app)
        closure = close(app)
        closures.lift(app, call(RAQQA_DESK), LiftClosure(closure["id"], 1))
        bookings.cancel(app, call(MEMBER), CancelBooking(booking.id, 1, None))
        assert free(app) == [ALL_DAY]

    def test_only_once_and_not_when_it_is_over(self, app: App) -> None:
        closure = close(app)
        other = close(app, space_ids=("raqqa-hall",))
        closures.lift(app, call(RAQQA_DESK), LiftClosure(closure["id"], 1))
        with pytest.raises(errors.Stale):
            closures.lift(app, call(RAQQA_DESK), LiftClosure(closure["id"], 1))
        with pytest.raises(errors.Conflict, match="closure_lifted"):
            closures.lift(app, call(RAQQA_DESK), LiftClosure(closure["id"], 2))
        with pytest.raises(errors.Conflict, match="closure_lifted"):
            closures.resolve(app, call(RAQQA_DESK), ResolveClosure(closure["id"], 2, "cancel"))
        app.clock.advance(timedelta(days=2))  # type: ignore[attr-defined]
        with pytest.raises(errors.Conflict, match="closure_lifted"):
            closures.lift(app, call(RAQQA_DESK), LiftClosure(other["id"], 1))

    def test_it_can_be_closed_again(self, app: App) -> None:
        closure = close(app)
        closures.lift(app, call(RAQQA_DESK), LiftClosure(closure["id"], 1))
        again = close(app)
        check_slots(app, again["id"])


class TestWhoMay:
    @pytest.mark.parametrize(
        ("caller", "closes", "reads"),
        [
            (MANAGER, None, None),
            (RAQQA_DESK, None, None),
            (TABQA_DESK, errors.Forbidden, errors.NotFound),
            (MEMBER, errors.Forbidden, errors.NotFound),
            (VISITOR, errors.Unauthenticated, errors.Unauthenticated),
        ],
    )
    def test_table(
        self,
        app: App,
        caller: Caller,
        closes: type[errors.MasahaError] | None,
        reads: type[errors.MasahaError] | None,
    ) -> None:
        book(app, period=period(9, 10))
        closure_id = close(app)["id"]
        elsewhere = plan(space_ids=("raqqa-hall",))
        listing = ListClosures("raqqa", None, None, 20, None)
        by_refusal: list[tuple[type[errors.MasahaError] | None, Callable[[], object]]] = [
            (closes, lambda: closures.preview(app, call(caller), elsewhere)),
            (closes, lambda: closures.close(app, call(caller), elsewhere)),
            (closes, lambda: closures.find(app, call(caller), listing)),
            (reads, lambda: closures.get(app, call(caller), closure_id)),
            (
                reads,
                lambda: closures.resolve(
                    app, call(caller), ResolveClosure(closure_id, 1, "cancel")
                ),
            ),
            # Deciding has raised the version.
            (reads, lambda: closures.lift(app, call(caller), LiftClosure(closure_id, 2))),
        ]
        for refusal, act in by_refusal:
            if refusal is None:
                act()
            else:
                with pytest.raises(refusal):
                    act()

    def test_a_missing_key_is_malformed(self, app: App) -> None:
        with pytest.raises(errors.Malformed):
            closures.close(app, replace(call(RAQQA_DESK), idempotency_key=None), plan())


def test_a_list_is_by_start_and_filtered(app: App) -> None:
    made = [close(app, period=period(hour, hour + 1))["id"] for hour in (12, 9, 15)]
    by_start = [made[1], made[0], made[2]]

    def find(**values: Any) -> list[str]:
        query = ListClosures(
            **{
                "centre_id": "raqqa",
                "status": None,
                "ends_after": None,
                "limit": 20,
                "after": None,
                **values,
            }
        )
        return [each.id for each in closures.find(app, call(RAQQA_DESK), query)]

    assert find() == by_start
    assert find(limit=1, after=(tomorrow(9), made[1])) == by_start[1:]
    assert find(ends_after=tomorrow(13)) == [made[2]]
    closures.lift(app, call(RAQQA_DESK), LiftClosure(made[0], 1))
    assert find(status="lifted") == [made[0]]
    assert find(status="standing") == [made[1], made[2]]


class TestRaces:
    def run(self, *jobs: Callable[[], object]) -> list[object]:
        """All jobs at once; what each gave, or the code of its refusal."""
        given = contend(*jobs)
        return [each.code if isinstance(each, errors.MasahaError) else each for each in given]

    @pytest.mark.parametrize("round_", range(6))
    def test_closing_against_booking(self, app: App, round_: int) -> None:
        def booking(hour: int, quarter: int) -> Callable[[], object]:
            start = tomorrow(hour, 15 * quarter)
            command = booking_command(period=Period(start, start + timedelta(hours=1)))
            return lambda: bookings.create(app, call(MEMBER), command).id

        jobs = [booking(9 + n, (n + round_) % 4) for n in range(7)]
        jobs.insert(round_, lambda: close(app))
        given = self.run(*jobs)
        (closure,) = [each for each in given if isinstance(each, dict)]
        made = {each for each in given if isinstance(each, str) and "." not in each}
        assert {each for each in given if isinstance(each, str)} - made <= {
            "bookings.space_closed",
            "bookings.space_taken",
        }
        assert set(outcomes(closure)) == made
        check_slots(app, closure["id"])

    @pytest.mark.parametrize("round_", range(4))
    def test_closing_against_cancelling_and_moving(self, app: App, round_: int) -> None:
        gone, moved, stays = (
            book(app, period=period(9, 10)),
            book(app, period=period(11, 12)),
            book(app, period=period(14, 15)),
        )
        change = ChangeBooking(moved.id, 1, None, tomorrow(12), tomorrow(13), {})
        given = self.run(
            lambda: close(app),
            lambda: bookings.cancel(app, call(MEMBER), CancelBooking(gone.id, 1, None)).id,
            lambda: bookings.change(app, call(MEMBER), change).id,
            lambda: book(app, period=period(9, 10), organisation_id="amal").id,
        )
        (closure,) = [each for each in given if isinstance(each, dict)]
        assert stays.id in outcomes(closure)
        check_slots(app, closure["id"])

    def test_two_closures_at_once_are_one(self, app: App) -> None:
        book(app, period=period(9, 17))
        given = self.run(*[lambda: close(app)] * 4)
        assert given.count("bookings.closed_already") == 3

    def test_of_several_who_decide_under_one_version_one_does(self, app: App) -> None:
        made = [book(app, period=period(hour, hour + 1)) for hour in (9, 10, 11)]
        closure_id = close(app)["id"]

        def decide(action: str) -> Callable[[], object]:
            command = ResolveClosure(closure_id, 1, action)
            return lambda: closures.resolve(app, call(RAQQA_DESK), command)

        given = self.run(*[decide("cancel"), decide("move")] * 3)
        (answer,) = [each for each in given if isinstance(each, dict)]
        assert given.count("stale") == 5
        found = outcomes(answer)
        assert found.keys() == {each.id for each in made}
        assert len(set(found.values())) <= 1
        assert answer["refused"] == []
        assert outcomes(closures.get(app, call(RAQQA_DESK), closure_id)) == found
        check_slots(app, closure_id)

    @pytest.mark.parametrize("round_", range(3))
    def test_lifting_against_deciding(self, app: App, round_: int) -> None:
        made = [book(app, period=period(hour, hour + 1)) for hour in (9, 10, 11)]
        closure_id = close(app)["id"]
        resolving = ResolveClosure(closure_id, 1, "cancel")
        jobs: list[Callable[[], object]] = [
            lambda: closures.resolve(app, call(RAQQA_DESK), resolving),
            lambda: closures.lift(app, call(RAQQA_DESK), LiftClosure(closure_id, 1)),
        ] * 2
        given = self.run(*jobs[round_ % 2 :], *jobs[: round_ % 2])
        (answer,) = [each for each in given if isinstance(each, dict)]
        assert given.count("stale") == 3
        became = "kept" if answer["status"] == "lifted" else "cancelled"
        assert outcomes(answer) == dict.fromkeys((each.id for each in made), became)

    def test_where_nothing_could_be_done_the_version_stays(self, app: App) -> None:
        waiting = book(app, period=period(9, 10))
        closure = close(app)
        done = resolve(app, closure, "cancel", booking_ids=("nobody",))
        assert [each["code"] for each in done["refused"]] == ["not_found"]
        assert done["version"] == closure["version"]
        both = resolve(app, closure, "cancel", booking_ids=("nobody", waiting.id))
        assert both["version"] == closure["version"] + 1
        assert resolve(app, both, "cancel")["version"] == both["version"]

    def test_deciding_against_the_people_themselves(self, app: App) -> None:
        made = [book(app, period=period(hour, hour + 1)) for hour in (9, 10, 11, 12)]
        closure = close(app)
        command = ResolveClosure(closure["id"], 1, "move")
        self.run(
            lambda: closures.resolve(app, call(RAQQA_DESK), command),
            lambda: bookings.cancel(app, call(MEMBER), CancelBooking(made[0].id, 1, None)),
            lambda: bookings.cancel(app, call(MEMBER), CancelBooking(made[3].id, 1, None)),
            lambda: bookings.create(
                app, call(STRANGER), booking_command(organisation_id="furat", period=period(9, 10))
            ),
        )
        check_slots(app, closure["id"])
