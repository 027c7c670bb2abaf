"""Spaces that a centre gets, or gets back, while the whole of it is closed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from pymongo.read_concern import ReadConcern

from services.bookings.app import App
from services.bookings.domain.budgets import NO_LIMITS
from services.bookings.operations import bookings, closures, spaces
from services.bookings.schemas.bookings import CancelBooking
from services.bookings.schemas.closures import ChangeClosure, LiftClosure
from services.bookings.schemas.spaces import AddSpace, ChangeSpace
from services.bookings.steps import reservation
from services.common import errors
from services.common.time.period import Period
from tests.support.bookings import (
    MANAGER,
    MEMBER,
    RAQQA_DESK,
    book,
    call,
    events,
    free,
    open_centre,
    period,
    space,
    tomorrow,
)
from tests.support.closures import (
    ALL_DAY,
    LONG,
    check_slots,
    close,
    let_worker_work,
    outcomes,
    seen,
)
from tests.support.racing import together
from tests.support.stack import Server

NAME = {"ar": "حديقة", "en": "Garden"}


@pytest.fixture
def app(database: Server) -> Iterator[App]:
    yield from open_centre(database.uri)


def add(app: App, **values: Any) -> str:
    command = AddSpace(**{"centre_id": "raqqa", "name": NAME, "capacity": 8, **values})
    return spaces.add(app, call(MANAGER), command).id


def retire(app: App, space_id: str, retired: bool = True) -> None:
    version = app.centres.space(space_id).version
    spaces.change(app, call(MANAGER), ChangeSpace(space_id, version, {"retired": retired}))


def test_a_new_space_of_a_closed_centre_is_closed(app: App) -> None:
    closure = close(app, space_ids=None)
    garden = add(app)
    with pytest.raises(errors.Conflict, match="space_closed"):
        book(app, space_id=garden)
    assert free(app, garden) == []
    now = seen(app, closure["id"])
    assert garden in now["space_ids"]
    assert (now["all_spaces"], now["state"], now["version"]) == (True, "in_force", 2)
    check_slots(app, closure["id"])
    (told,) = [each for each in events(app) if each["type"] == "bookings.closure.changed"]
    assert garden in told["data"]["space_ids"]


def test_a_new_space_is_closed_for_weeks_bit_by_bit(app: App) -> None:
    whole = Period(tomorrow(0), tomorrow(0) + timedelta(days=60))
    closure = close(app, space_ids=None, period=whole)
    let_worker_work(app)
    garden = add(app)
    assert seen(app, closure["id"])["state"] == "closing"
    with pytest.raises(errors.Conflict, match="space_closed"):
        book(app, space_id=garden)
    let_worker_work(app)
    check_slots(app, closure["id"])


def test_a_hall_made_of_spaces_that_are_closed_takes_nothing_more(app: App) -> None:
    closure = close(app, space_ids=None)
    hall = add(app, parts=("raqqa-meeting", "raqqa-training"))
    assert hall in seen(app, closure["id"])["space_ids"]
    with pytest.raises(errors.Conflict, match="space_closed"):
        book(app, space_id=hall)
    check_slots(app, closure["id"])


def test_a_new_space_is_open_where_others_are_closed_by_name(app: App) -> None:
    by_name = close(app)
    lifted = close(app, space_ids=None, period=period(17, 18))
    closures.lift(app, call(RAQQA_DESK), LiftClosure(lifted["id"], 1))
    garden = add(app)
    assert book(app, space_id=garden)
    assert garden not in seen(app, by_name["id"])["space_ids"]
    assert seen(app, lifted["id"])["version"] == 2


def test_a_new_space_is_open_when_the_closure_is_over(app: App) -> None:
    closure = close(app, space_ids=None)
    app.clock.advance(timedelta(days=2))  # type: ignore[attr-defined]
    add(app)
    assert seen(app, closure["id"])["version"] == 1


def test_a_space_that_comes_back_is_closed(app: App) -> None:
    retire(app, "raqqa-meeting")
    closure = close(app, space_ids=None)
    assert "raqqa-meeting" not in closure["space_ids"]
    retire(app, "raqqa-meeting", retired=False)
    assert "raqqa-meeting" in seen(app, closure["id"])["space_ids"]
    with pytest.raises(errors.Conflict, match="space_closed"):
        book(app)
    check_slots(app, closure["id"])


def test_a_space_that_was_closed_before_it_went_is_so_when_it_comes_back(app: App) -> None:
    closure = close(app, space_ids=None)
    retire(app, "raqqa-meeting")
    retire(app, "raqqa-meeting", retired=False)
    assert seen(app, closure["id"]) == closure
    with pytest.raises(errors.Conflict, match="space_closed"):
        book(app)


def closed_twice(app: App, own: Period, whole: Period) -> tuple[str, str]:
    """A closure of a space and one of its whole centre, which was made while the space was out of
    use and covers it now."""
    mine = close(app, period=own)["id"]
    let_worker_work(app)
    retire(app, "raqqa-meeting")
    all_of_it = close(app, space_ids=None, period=whole)["id"]
    let_worker_work(app)
    retire(app, "raqqa-meeting", retired=False)
    let_worker_work(app)
    return mine, all_of_it


def lift(app: App, closure_id: str) -> None:
    version = seen(app, closure_id)["version"]
    closures.lift(app, call(RAQQA_DESK), LiftClosure(closure_id, version))


SEVERAL_WEEKS = Period(tomorrow(0), tomorrow(0) + timedelta(days=40))


@pytest.mark.parametrize(
    ("own", "whole"),
    [(ALL_DAY, period(12, 14)), (period(12, 14), ALL_DAY), (SEVERAL_WEEKS, LONG)],
    ids=["within", "around", "weeks"],
)
@pytest.mark.parametrize("lifted", [0, 1])
def test_a_space_that_comes_back_closed_may_be_closed_with_its_centre_too(
    app: App, own: Period, whole: Period, lifted: int
) -> None:
    both = closed_twice(app, own, whole)
    assert "raqqa-meeting" in seen(app, both[1])["space_ids"]
    assert [seen(app, each)["state"] for each in both] == ["in_force", "in_force"]
    check_slots(app, *both)
    lift(app, both[lifted])
    left = both[1 - lifted]
    check_slots(app, left)
    with pytest.raises(errors.Conflict, match="space_closed"):
        book(app, period=period(12, 13))
    lift(app, left)
    assert free(app) == [ALL_DAY]
    assert book(app, period=ALL_DAY)


def test_what_one_of_two_closures_lets_go_of_falls_to_the_other(app: App) -> None:
    mine, whole = closed_twice(app, ALL_DAY, period(12, 14))
    shorter = ChangeClosure(mine, 1, ends_at=tomorrow(13))
    closures.change(app, call(RAQQA_DESK), shorter)
    check_slots(app, mine, whole)
    assert free(app) == [period(14, 17)]


def test_what_stands_in_the_way_of_two_closures_falls_to_one_of_them(app: App) -> None:
    booking = book(app, period=period(12, 13))
    mine = close(app)["id"]
    app.database.collection("spaces").update_one(
        {"_id": "raqqa-meeting"}, {"$set": {"retired_at": app.clock.now()}}
    )
    whole = close(app, space_ids=None, period=period(12, 14))["id"]
    retire(app, "raqqa-meeting", retired=False)
    assert outcomes(seen(app, mine)) == outcomes(seen(app, whole)) == {booking.id: "waiting"}
    bookings.cancel(app, call(MEMBER), CancelBooking(booking.id, booking.version, None))
    check_slots(app, mine, whole)
    lift(app, mine)
    check_slots(app, whole)


def test_a_space_comes_back_at_the_moment_its_own_closure_is_lifted(app: App) -> None:
    mine = close(app)["id"]
    retire(app, "raqqa-meeting")
    whole = close(app, space_ids=None, period=period(12, 14))["id"]
    together(
        lambda: lift(app, mine),
        lambda: retire(app, "raqqa-meeting", retired=False),
    )
    check_slots(app, whole)


def test_a_booking_that_brings_its_space_back_is_listed(app: App) -> None:
    with app.database.client.start_session() as session:
        session.start_transaction(read_concern=ReadConcern("snapshot"))
        here, centre = reservation.space_and_centre(app, "raqqa-meeting", session)
        retire(app, "raqqa-meeting")
        closure = close(app, space_ids=None)
        wish = reservation.ReservationRequest(
            space=here,
            centre=centre,
            party=reservation.EligibleOrganisation("amal", NO_LIMITS),
            period=period(10, 11),
            title="Planning",
            purpose="meeting",
        )
        booking = reservation.reserve(app, call(MEMBER), session, wish)
        session.commit_transaction()
    app.clock.advance(spaces.SETTLED_AFTER)  # type: ignore[attr-defined]
    let_worker_work(app)
    assert not app.centres.space("raqqa-meeting").retired
    assert outcomes(seen(app, closure["id"])) == {booking.id: "waiting"}
    check_slots(app, closure["id"])


@pytest.mark.parametrize("round_", range(4))
def test_a_new_space_at_the_moment_of_the_closing_is_closed(app: App, round_: int) -> None:
    jobs: list[Callable[[], Any]] = [lambda: add(app), lambda: close(app, space_ids=None)]
    given = together(*jobs[round_ % 2 :], *jobs[: round_ % 2])
    (closure,) = [each for each in given if isinstance(each, dict)]
    (garden,) = [each for each in given if isinstance(each, str)]
    assert garden in seen(app, closure["id"])["space_ids"]
    assert free(app, garden) == []
    check_slots(app, closure["id"])


def test_a_space_of_the_seed_files_is_closed_too(app: App) -> None:
    closure = close(app, space_ids=None)
    spaces.seed(app, [space("raqqa-garden"), space("raqqa-meeting", capacity=1)])
    assert "raqqa-garden" in seen(app, closure["id"])["space_ids"]
    assert app.centres.space("raqqa-meeting").capacity == 12
    spaces.seed(app, [space("raqqa-garden")])
    assert seen(app, closure["id"])["version"] == 2
