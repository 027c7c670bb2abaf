"""Cohorts whose sessions take rooms of bookings: both branches, and the messages between them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from services.bookings.app import App as Bookings
from services.bookings.domain.booking import Booking
from services.bookings.domain.booking_states import Status as BookingStatus
from services.common.context import Caller
from services.common.events.envelope import CloudEvent
from services.common.rooms.requests import RoomRequest
from services.trainings.app import App
from services.trainings.domain.cohorts import Cohort
from services.trainings.domain.rooms import Room, room_of
from services.trainings.operations import cohorts, sessions
from services.trainings.operations.room_answers import apply_room_answer
from services.trainings.schemas.cohorts import (
    ActOnCohort,
    add_session,
    change_cohort,
    change_session,
    remove_session,
)
from tests.support.bookings import RAQQA_DESK, call
from tests.support.rooms import answers, deliver, said_by
from tests.support.trainings import prepare, session_request


def in_room(day: int = 7, hours: tuple[int, int] = (9, 13), **values: Any) -> dict[str, Any]:
    """What staff send for a session in the meeting room of the centre."""
    return session_request(day, hours, **{"elsewhere": None, "space_id": "raqqa-meeting", **values})


@dataclass
class Branches:
    """Trainings and bookings, each with its own database.

    Attributes:
        heard: ids of the events that have arrived.
    """

    app: App
    bookings: Bookings
    heard: set[str] = field(default_factory=set)

    # -- messages -------------------------------------------------------------------------------

    def requests(self) -> list[CloudEvent]:
        """All that trainings has said about rooms, in order."""
        return [e for e in said_by(self.app.database) if e.type.startswith("trainings.room.")]

    def deliver_requests(self) -> None:
        """Bookings hears and decides; trainings does not hear the answers yet."""
        for event in self.requests():
            if event.id not in self.heard:
                deliver(self.bookings, event)
                self.heard.add(event.id)

    def deliver_answers(self) -> None:
        for event in answers(self.bookings):
            if event.id not in self.heard:
                apply_room_answer(self.app, event)
                self.heard.add(event.id)

    def exchange(self) -> None:
        """Deliver until neither side has anything to say any more."""
        said = -1
        while said != len(self.heard):
            said = len(self.heard)
            self.deliver_requests()
            self.deliver_answers()

    # -- what staff do ---------------------------------------------------------------------------

    def prepare(self, *wanted: dict[str, Any], **values: Any) -> Cohort:
        """A draft with these sessions, whose rooms are answered for."""
        cohort = prepare(self.app, sessions=list(wanted or (in_room(7), in_room(8))), **values)
        self.exchange()
        return self.now(cohort)

    def announce(self, cohort: Cohort) -> Cohort:
        command = ActOnCohort(cohort.id, cohort.version)
        return cohorts.announce_cohort(self.app, call(RAQQA_DESK), command)

    def move(self, cohort: Cohort, number: int, **changes: Any) -> Cohort:
        request = {
            "id": cohort.id,
            "expected_version": cohort.version,
            "session_id": cohort.sessions[number].id,
            **changes,
        }
        return sessions.change_session(self.app, call(RAQQA_DESK), change_session(request))

    def move_to(self, cohort: Cohort, number: int, day: int, hours: tuple[int, int]) -> Cohort:
        times = in_room(day, hours)
        return self.move(cohort, number, starts_at=times["starts_at"], ends_at=times["ends_at"])

    def add(self, cohort: Cohort, **values: Any) -> Cohort:
        command = add_session({"cohort_id": cohort.id, **values})
        return sessions.add_session(self.app, call(RAQQA_DESK), command)

    def remove(self, cohort: Cohort, number: int) -> Cohort:
        request = {
            "id": cohort.id,
            "expected_version": cohort.version,
            "session_id": cohort.sessions[number].id,
        }
        return sessions.remove_session(self.app, call(RAQQA_DESK), remove_session(request))

    def change(self, cohort: Cohort, caller: Caller = RAQQA_DESK, **changes: Any) -> Cohort:
        command = change_cohort({"id": cohort.id, "expected_version": cohort.version, **changes})
        return cohorts.change_cohort(self.app, call(caller), command)

    # -- what there is ---------------------------------------------------------------------------

    def now(self, cohort: Cohort) -> Cohort:
        return self.app.cohorts.get(cohort.id)

    def request(self, cohort: Cohort) -> RoomRequest | None:
        return self.app.rooms.of(cohort.id)

    def rooms(self, cohort: Cohort) -> list[Room | None]:
        """The rooms of the sessions as they stand, by start."""
        request = self.request(cohort)
        return [room_of(each, request) for each in self.now(cohort).sessions]

    def statuses(self, cohort: Cohort) -> list[str]:
        return [each.status.value if each else "elsewhere" for each in self.rooms(cohort)]

    def held(self) -> list[Booking]:
        """All that bookings holds for requests."""
        found = self.bookings.bookings.find(visible=None, filters={}, after=None, limit=100)
        confirmed = [each for each in found if each.status is BookingStatus.CONFIRMED]
        return [each for each in confirmed if each.own_use is not None]

    def check_agreement(self, cohort: Cohort) -> None:
        """Each session is at the time at which its room is held, and bookings holds no other."""
        now = self.now(cohort)
        request = self.request(cohort)
        assert request is not None
        held = {(each.space_id, each.period) for each in self.held()}
        known = {
            (place.space_id, each.period)
            for each in now.sessions
            if (place := request.place_of(each.id)) is not None
            and (place.starts_at, place.ends_at) == (each.starts_at, each.ends_at)
        }
        assert held == known
