"""A divisible hall and its parts on the real database: a hall in use has all its parts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pymongo.read_concern import ReadConcern

from services.bookings.app import App
from services.bookings.domain.booking import Booking
from services.bookings.domain.centre import Space
from services.bookings.operations import spaces
from services.bookings.schemas.spaces import AddSpace, ChangeSpace
from services.bookings.steps import reservation
from services.common import errors
from tests.support.bookings import (
    MANAGER,
    MEMBER,
    book,
    call,
    let_worker_work,
    open_centre,
    period,
    space,
)
from tests.support.racing import contend
from tests.support.stack import Server

PARTS = ("raqqa-hall-a", "raqqa-hall-b")


@pytest.fixture
def app(database: Server) -> Iterator[App]:
    for app in open_centre(database.uri):
        spaces.seed(app, [space("raqqa-hall-b", capacity=30)])
        yield app


def retire(app: App, *space_ids: str, retired: bool = True) -> None:
    for space_id in space_ids:
        version = app.centres.space(space_id).version
        spaces.change(app, call(MANAGER), ChangeSpace(space_id, version, {"retired": retired}))


def retired(app: App, *space_ids: str) -> list[bool]:
    return [app.centres.space(each).retired for each in space_ids]


def test_a_part_of_a_hall_in_use_cannot_be_retired(app: App) -> None:
    hall = app.centres.space("raqqa-hall")
    with pytest.raises(errors.Conflict, match="part_in_use") as refusal:
        retire(app, "raqqa-hall-a")
    assert refusal.value.extra == {"halls": [{"space_id": hall.id, "name": dict(hall.name)}]}
    assert retired(app, "raqqa-hall-a") == [False]
    assert app.database.collection("outbox").count_documents({}) == 0
    retire(app, "raqqa-hall", "raqqa-hall-a")
    assert retired(app, "raqqa-hall", *PARTS) == [True, True, False]


def test_it_changes_otherwise_as_any_space(app: App) -> None:
    command = ChangeSpace("raqqa-hall-a", 1, {"capacity": 5, "retired": False})
    assert spaces.change(app, call(MANAGER), command)[0].capacity == 5


def test_a_hall_comes_back_after_its_parts(app: App) -> None:
    retire(app, "raqqa-hall", *PARTS)
    part = app.centres.space("raqqa-hall-b")
    retire(app, "raqqa-hall-a", retired=False)
    with pytest.raises(errors.Conflict, match="parts_retired") as refusal:
        retire(app, "raqqa-hall", retired=False)
    assert refusal.value.extra == {"parts": [{"space_id": part.id, "name": dict(part.name)}]}
    assert retired(app, "raqqa-hall") == [True]
    retire(app, "raqqa-hall-b", "raqqa-hall", retired=False)
    assert book(app, space_id="raqqa-hall")


def test_a_booking_brings_its_hall_back_with_all_parts(app: App) -> None:
    def on_its_way() -> Booking:
        with app.database.client.start_session() as session:
            session.start_transaction(read_concern=ReadConcern("snapshot"))
            here, centre = reservation.space_and_centre(app, "raqqa-hall", session)
            retire(app, "raqqa-hall", "raqqa-hall-b")
            wish = reservation.ReservationRequest(
                space=here,
                centre=centre,
                party=reservation.eligible_organisation(app, session, "amal"),
                period=period(10, 11),
                title="Planning",
                purpose="meeting",
            )
            booking = reservation.reserve(app, call(MEMBER), session, wish)
            session.commit_transaction()
        return booking

    on_its_way()
    app.clock.advance(spaces.SETTLED_AFTER)  # type: ignore[attr-defined]
    let_worker_work(app)
    assert retired(app, "raqqa-hall", *PARTS) == [False, False, False]
    events = app.database.collection("outbox").find({"event.type": "bookings.space.changed"})
    told = [(each["event"]["subject"], each["event"]["data"]["retired"]) for each in events]
    assert sorted(told[2:]) == [("raqqa-hall", False), ("raqqa-hall-b", False)]


@pytest.mark.parametrize("round_", range(4))
def test_of_a_hall_that_comes_and_a_part_that_goes_one_is_refused(app: App, round_: int) -> None:
    def build() -> Space:
        name = {"ar": "قاعة كبيرة", "en": "Large hall"}
        command = AddSpace("raqqa", name, 30, parts=("raqqa-meeting", "raqqa-training"))
        return spaces.add(app, call(MANAGER), command)

    jobs = [build, lambda: retire(app, "raqqa-meeting")]
    given = contend(*jobs[round_ % 2 :], *jobs[: round_ % 2])
    (refusal,) = [each for each in given if isinstance(each, errors.MasahaError)]
    assert refusal.code in {"bookings.part_in_use", "bookings.no_such_parts"}
    built = any(isinstance(each, Space) for each in given)
    assert retired(app, "raqqa-meeting") == [not built]
