"""Closures that are made longer or shorter, or get another reason."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from services.bookings.app import App
from services.bookings.operations import bookings, closures, waitlist
from services.bookings.schemas.bookings import CancelBooking
from services.bookings.schemas.closures import ChangeClosure, LiftClosure, ResolveClosure
from services.common import errors
from services.common.time.period import Period
from tests.support.bookings import (
    MEMBER,
    NOW,
    RAQQA_DESK,
    STRANGER,
    book,
    call,
    events,
    free,
    open_centre,
    period,
    tomorrow,
    wish,
)
from tests.support.closures import (
    ALL_DAY,
    LONG,
    REASON,
    check_slots,
    close,
    let_worker_work,
    outcomes,
    seen,
)
from tests.support.racing import contend
from tests.support.stack import Server


@pytest.fixture
def app(database: Server) -> Iterator[App]:
    yield from open_centre(database.uri)


def change(app: App, closure: dict[str, Any], **values: Any) -> dict[str, Any]:
    version = seen(app, closure["id"])["version"]
    return closures.change(app, call(RAQQA_DESK), ChangeClosure(closure["id"], version, **values))


class TestLonger:
    def test_it_takes_what_is_free_and_lists_who_is_in_the_way(self, app: App) -> None:
        first, second = book(app, period=period(9, 10)), book(app, period=period(14, 15))
        closure = close(app, period=period(9, 12))
        after = change(app, closure, ends_at=tomorrow(17))
        assert (after["ends_at"], after["version"], after["state"]) == (
            "2026-11-24T14:00:00Z",
            2,
            "in_force",
        )
        assert outcomes(after) == {first.id: "waiting", second.id: "waiting"}
        assert free(app) == []
        check_slots(app, closure["id"])
        done = closures.resolve(app, call(RAQQA_DESK), ResolveClosure(closure["id"], 2, "cancel"))
        assert set(outcomes(done).values()) == {"cancelled"}
        assert events(app)[-1]["data"]["reasons"] == REASON
        check_slots(app, closure["id"])

    def test_to_both_sides_before_it_has_begun(self, app: App) -> None:
        closure = close(app, period=period(11, 12))
        change(app, closure, starts_at=tomorrow(10), ends_at=tomorrow(14))
        assert free(app) == [period(9, 10), period(14, 17)]
        check_slots(app, closure["id"])

    def test_by_days_it_is_taken_bit_by_bit(self, app: App) -> None:
        closure = close(app, space_ids=None, period=Period(LONG.starts_at, tomorrow(12)))
        late = LONG.ends_at - timedelta(days=4)
        booking = book(app, period=Period(late + timedelta(hours=9), late + timedelta(hours=10)))
        after = change(app, closure, ends_at=LONG.ends_at)
        assert after["state"] == "closing"
        assert after["progress"]["done"] < after["progress"]["total"]
        assert outcomes(after) == {booking.id: "waiting"}
        with pytest.raises(errors.Conflict, match="space_closed"):
            book(app, period=period(14, 15))
        let_worker_work(app)
        assert seen(app, closure["id"])["state"] == "in_force"
        check_slots(app, closure["id"])

    def test_who_was_moved_out_of_its_way_is_in_its_way_again(self, app: App) -> None:
        booking = book(app, period=period(9, 10))
        closure = close(app, period=period(9, 12))
        moved = ResolveClosure(closure["id"], 1, "move", (booking.id,), None, tomorrow(14))
        assert outcomes(closures.resolve(app, call(RAQQA_DESK), moved)) == {booking.id: "moved"}
        after = change(app, closure, ends_at=tomorrow(17))
        assert outcomes(after) == {booking.id: "waiting"}
        check_slots(app, closure["id"])

    def test_over_another_it_is_refused_and_changes_nothing(self, app: App) -> None:
        other = close(app, period=period(14, 15))
        closure = close(app, period=period(9, 12))
        with pytest.raises(errors.Conflict, match="closed_already") as refusal:
            change(app, closure, ends_at=tomorrow(17))
        assert refusal.value.extra["closure"]["id"] == other["id"]
        assert seen(app, closure["id"]) == closure
        assert free(app) == [period(12, 14), period(15, 17)]

    def test_over_a_limit_it_is_refused(self, app: App, monkeypatch: pytest.MonkeyPatch) -> None:
        closure = close(app, period=period(9, 12))
        book(app, period=period(14, 15))
        monkeypatch.setattr("services.bookings.domain.closures.MOST_AFFECTED", 0)
        with pytest.raises(errors.Conflict, match="closure_too_large"):
            change(app, closure, ends_at=tomorrow(17))
        monkeypatch.setattr("services.bookings.domain.closures.MOST_SPACE_DAYS", 10)
        with pytest.raises(errors.Conflict, match="closure_too_large"):
            change(app, closure, ends_at=tomorrow(17) + timedelta(days=11))
        assert seen(app, closure["id"])["version"] == 1


class TestShorter:
    def test_what_it_lets_go_of_is_free_and_offered_to_who_waits(self, app: App) -> None:
        closure = close(app, period=ALL_DAY)
        command = wish(window=period(13, 17), duration=timedelta(hours=2))
        entry = waitlist.join(app, call(STRANGER), command)
        let_worker_work(app)
        assert app.waitlist.get(entry.id).status == "waiting"
        after = change(app, closure, ends_at=tomorrow(13))
        assert (after["state"], after["version"]) == ("in_force", 2)
        check_slots(app, closure["id"])
        let_worker_work(app)
        assert app.waitlist.get(entry.id).status == "offered"
        assert free(app) == [period(15, 17)]

    def test_who_is_not_in_its_way_any_more_keeps_the_time(self, app: App) -> None:
        kept, waits = book(app, period=period(15, 16)), book(app, period=period(10, 11))
        closure = close(app)
        after = change(app, closure, ends_at=tomorrow(12))
        assert outcomes(after) == {kept.id: "kept", waits.id: "waiting"}
        bookings.cancel(app, call(MEMBER), CancelBooking(kept.id, kept.version, None))
        assert free(app) == [period(12, 17)]
        check_slots(app, closure["id"])

    def test_by_days_all_is_free_at_once(self, app: App) -> None:
        closure = close(app, space_ids=None, period=LONG)
        let_worker_work(app)
        change(app, closure, ends_at=tomorrow(12))
        assert free(app) == free(app, "raqqa-hall") == [period(12, 17)]
        check_slots(app, closure["id"])

    def test_while_it_is_closing(self, app: App) -> None:
        closure = close(app, space_ids=None, period=LONG)
        let_worker_work(app, 2)
        half = change(app, closure, ends_at=LONG.ends_at - timedelta(days=5))
        assert half["state"] == "closing"
        freed = LONG.ends_at - timedelta(days=4)
        book(app, period=Period(freed + timedelta(hours=9), freed + timedelta(hours=10)))
        little = change(app, closure, ends_at=tomorrow(12))
        assert (little["state"], little["progress"]) == ("in_force", None)
        assert app.centres.centre("raqqa").closing == ()
        let_worker_work(app)
        assert seen(app, closure["id"])["version"] == little["version"]
        check_slots(app, closure["id"])

    def test_to_quite_another_time(self, app: App) -> None:
        closure = close(app, period=period(9, 11))
        change(app, closure, starts_at=tomorrow(14), ends_at=tomorrow(15))
        assert free(app) == [period(9, 14), period(15, 17)]
        check_slots(app, closure["id"])


class TestReason:
    def test_another_reason_is_what_people_are_told(self, app: App) -> None:
        book(app)
        closure = close(app)
        after = change(app, closure, reason="Painters")
        assert (after["reason"], after["version"]) == ("Painters", 2)
        closures.resolve(app, call(RAQQA_DESK), ResolveClosure(closure["id"], 2, "cancel"))
        assert events(app)[-1]["data"]["reason"] == "Painters"

    def test_it_may_be_taken_away(self, app: App) -> None:
        closure = close(app)
        assert change(app, closure, ends_at=tomorrow(18))["reason"] == REASON
        assert change(app, closure, reason=None)["reason"] is None

    def test_its_event_says_what_has_changed_and_nothing_of_the_reason(self, app: App) -> None:
        closure = close(app)
        change(app, closure, ends_at=tomorrow(12), reason="Painters")
        (event,) = [each for each in events(app) if each["type"] == "bookings.closure.changed"]
        assert event["subject"] == closure["id"]
        assert event["data"]["ends_at"] == "2026-11-24T09:00:00Z"
        assert event["data"]["previous_ends_at"] == "2026-11-24T14:00:00Z"
        assert "reason" not in event["data"]


class TestRefused:
    def test_a_change_of_nothing_is_no_change(self, app: App) -> None:
        closure = close(app)
        told = len(events(app))
        same = change(app, closure, ends_at=ALL_DAY.ends_at, reason=REASON)
        assert same == change(app, closure) == closure
        assert len(events(app)) == told

    @pytest.mark.parametrize(
        ("values", "code"),
        [
            ({"ends_at": tomorrow(12, 5)}, "bookings.off_raster"),
            ({"ends_at": tomorrow(9)}, "bookings.end_before_start"),
            ({"ends_at": tomorrow(9) + timedelta(days=91)}, "bookings.closure_too_long"),
            ({"starts_at": NOW - timedelta(hours=1)}, "bookings.in_the_past"),
            (
                {
                    "starts_at": tomorrow(9) + timedelta(days=300),
                    "ends_at": tomorrow(9) + timedelta(days=367),
                },
                "bookings.closure_too_far_ahead",
            ),
        ],
    )
    def test_what_breaks_a_rule(self, app: App, values: dict[str, Any], code: str) -> None:
        closure = close(app)
        with pytest.raises(errors.MasahaError) as refusal:
            change(app, closure, **values)
        assert refusal.value.code == code
        assert seen(app, closure["id"]) == closure

    def test_one_that_has_begun_keeps_its_start(self, app: App) -> None:
        closure = close(app)
        app.clock.advance(tomorrow(10) - NOW)  # type: ignore[attr-defined]
        for starts_at in (tomorrow(8), tomorrow(11)):
            with pytest.raises(errors.Conflict, match="closure_begun"):
                change(app, closure, starts_at=starts_at)
        with pytest.raises(errors.Conflict, match="in_the_past"):
            change(app, closure, ends_at=tomorrow(10))
        assert change(app, closure, ends_at=tomorrow(12))["version"] == 2
        check_slots(app, closure["id"])

    def test_one_that_is_lifted_over_or_stale(self, app: App) -> None:
        closure = close(app)
        stale = ChangeClosure(closure["id"], 7, ends_at=tomorrow(12))
        with pytest.raises(errors.Stale):
            closures.change(app, call(RAQQA_DESK), stale)
        other = close(app, space_ids=("raqqa-hall",))
        closures.lift(app, call(RAQQA_DESK), LiftClosure(closure["id"], 1))
        with pytest.raises(errors.Conflict, match="closure_lifted"):
            change(app, closure, ends_at=tomorrow(12))
        app.clock.advance(timedelta(days=2))  # type: ignore[attr-defined]
        with pytest.raises(errors.Conflict, match="closure_lifted"):
            change(app, other, reason="Painters")


def at_once(*jobs: Callable[[], Any]) -> list[Any]:
    """What each job gave, or the code of its refusal."""
    given = contend(*jobs)
    return [each.code if isinstance(each, errors.MasahaError) else each for each in given]


class TestRaces:
    @pytest.mark.parametrize("round_", range(4))
    def test_growing_against_booking(self, app: App, round_: int) -> None:
        closure = close(app, period=period(9, 10))
        jobs: list[Callable[[], Any]] = [
            lambda hour=hour: book(app, period=period(hour, hour + 1)).id for hour in range(10, 17)
        ]
        jobs.insert(round_, lambda: change(app, closure, ends_at=tomorrow(17)))
        given = at_once(*jobs)
        made = {each for each in given if isinstance(each, str) and "." not in each}
        assert set(outcomes(seen(app, closure["id"]))) == made
        check_slots(app, closure["id"])

    def test_two_that_grow_into_each_other_do_not_overlap(self, app: App) -> None:
        early, late = close(app, period=period(9, 10)), close(app, period=period(16, 17))
        given = at_once(
            lambda: change(app, early, ends_at=tomorrow(14)),
            lambda: change(app, late, starts_at=tomorrow(12)),
        )
        assert given.count("bookings.closed_already") == 1
        check_slots(app, early["id"])
        check_slots(app, late["id"])

    @pytest.mark.parametrize("round_", range(3))
    def test_changing_against_deciding_and_lifting(self, app: App, round_: int) -> None:
        book(app, period=period(15, 16))
        closure = close(app)
        jobs: list[Callable[[], Any]] = [
            lambda: closures.change(
                app, call(RAQQA_DESK), ChangeClosure(closure["id"], 1, ends_at=tomorrow(12))
            ),
            lambda: closures.resolve(
                app, call(RAQQA_DESK), ResolveClosure(closure["id"], 1, "cancel")
            ),
            lambda: closures.lift(app, call(RAQQA_DESK), LiftClosure(closure["id"], 1)),
        ]
        given = at_once(*jobs[round_:], *jobs[:round_])
        assert given.count("stale") == 2
