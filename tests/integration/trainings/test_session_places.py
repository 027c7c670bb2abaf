"""Where a session is, when its time stays: another room is news for its people and its trainers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from services.bookings.operations import bookings as booking_operations
from services.bookings.schemas.bookings import CancelBooking
from services.common.context import Caller
from services.trainings.app import App
from services.trainings.domain.cohorts import Cohort
from services.trainings.operations import assignments, cohorts
from services.trainings.schemas.assignments import assign_trainer
from services.trainings.schemas.cohorts import ActOnCohort
from tests.support import bookings as rooms
from tests.support.bookings import RAQQA_DESK, call, open_centre
from tests.support.cohort_rooms import Branches, in_room
from tests.support.stack import Server
from tests.support.trainings import events_of, register, seat, session_request

RIM = Caller(id="rim", roles=frozenset({"trainer"}))


@pytest.fixture
def both(app: App, database: Server) -> Iterator[Branches]:
    for bookings in open_centre(database.uri):
        yield Branches(app, bookings)


@pytest.fixture
def cohort(both: Branches) -> Cohort:
    """An announced cohort of one session in a room, in which Sara has a seat and which Rim is asked
    to teach."""
    announced = both.announce(both.prepare(in_room(7)))
    command = assign_trainer({"cohort_id": announced.id, "trainer_id": RIM.id})
    assignments.assign_trainer(both.app, call(RAQQA_DESK), command)
    register(both.app, "سارة", id="sara", has_account=True)
    seat(both.app, announced, "sara")
    return both.now(announced)


def moves(both: Branches, cohort: Cohort) -> list[dict[str, Any]]:
    said = events_of(both.app, cohort.sessions[0].id)
    return [each["data"] for each in said if each["type"] == "trainings.session.moved"]


def booking_of(both: Branches, cohort: Cohort) -> Any:
    request = both.request(cohort)
    assert request is not None
    place = request.place_of(cohort.sessions[0].id)
    assert place is not None
    return both.bookings.bookings.get(place.booking_id)


def test_people_and_trainers_hear_of_another_room_at_the_same_time(
    both: Branches, cohort: Cohort
) -> None:
    booking = booking_of(both, cohort)
    rooms.move(both.bookings, booking, booking.period, RAQQA_DESK, "raqqa-hall")
    both.exchange()
    [said] = moves(both, cohort)
    request = both.request(cohort)
    assert request is not None
    place = request.place_of(cohort.sessions[0].id)
    assert place is not None
    assert place.space_id == "raqqa-hall"
    # In this centre every room has the same name.
    assert said["room"] == said["previous_room"] == place.space_name
    assert (said["people"], said["trainers"]) == (["sara"], [RIM.id])
    assert said["starts_at"] == said["previous_starts_at"]


def test_of_another_time_trainers_hear_by_their_assignment(both: Branches, cohort: Cohort) -> None:
    both.move_to(cohort, 0, 9, (10, 12))
    both.exchange()
    [said] = moves(both, cohort)
    assert (said["people"], said["trainers"]) == (["sara"], [])
    # To both times while the move is awaited, then to the new one.
    [asked] = both.app.assignments.live_of(cohort.id)
    told = [each["type"].rpartition(".")[2] for each in events_of(both.app, asked.id)]
    assert told == ["offered", "changed", "changed"]


def test_another_place_at_the_same_time_names_the_room_that_was(
    both: Branches, cohort: Cohort
) -> None:
    both.move(cohort, 0, elsewhere=session_request()["elsewhere"])
    [said] = moves(both, cohort)
    assert said["trainers"] == [RIM.id]
    assert (said["room"], said["previous_room"]["ar"]) == (None, "غرفة")


def test_a_room_that_is_lost_is_no_news_until_there_is_another(
    both: Branches, cohort: Cohort
) -> None:
    booking = booking_of(both, cohort)
    command = CancelBooking(booking.id, booking.version, "Burst pipe")
    booking_operations.cancel(both.bookings, call(RAQQA_DESK), command)
    both.exchange()
    assert moves(both, cohort) == []
    now = both.now(cohort)
    cohorts.request_rooms_again(both.app, call(RAQQA_DESK), ActOnCohort(now.id, now.version))
    both.exchange()
    [said] = moves(both, cohort)
    assert (said["previous_room"], said["trainers"]) == (None, [RIM.id])
