"""Situations of the calendars of advisers: Huda and Jamal, and a case that they are on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from services.bookings.app import App as Bookings
from services.common.clock import to_wire
from services.common.context import Caller
from services.common.events.envelope import CloudEvent
from services.consultations.app import App
from services.consultations.domain.absences import Absence
from services.consultations.domain.advisers import Adviser
from services.consultations.domain.appointments import Appointment, Room, room_of
from services.consultations.domain.case_states import CaseStatus
from services.consultations.domain.cases import Case
from services.consultations.domain.consulting_hours import ConsultingHours
from services.consultations.domain.trips import Trip
from services.consultations.domain.visits import Visit
from services.consultations.operations import (
    absences,
    advisers,
    appointments,
    consulting_hours,
    trips,
    visits,
)
from services.consultations.operations.room_answers import apply_room_answer
from services.consultations.schemas.absences import enter_absence
from services.consultations.schemas.advisers import add_adviser, list_slots
from services.consultations.schemas.appointments import (
    ActOnMeeting,
    EndMeeting,
    agree_appointment,
    move_appointment,
)
from services.consultations.schemas.consulting_hours import set_up_consulting_hours
from services.consultations.schemas.trips import plan_trip
from services.consultations.schemas.visits import request_visit
from tests.support.bookings import MANAGER, MEMBER, call, tomorrow
from tests.support.consultations import HUDA, know_adviser, submit
from tests.support.rooms import answers, deliver, said_by

WORKING_DAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday")


def at(clock: str, day: int = 0) -> datetime:
    """A moment by the clock of Raqqa: tomorrow, a Tuesday, or so many days after it."""
    hour, minute = map(int, clock.split(":"))
    return tomorrow(hour, minute) + timedelta(days=day)


def time(clock: str, day: int = 0, minutes: int = 60) -> dict[str, str]:
    """The time of a meeting, as people send it."""
    starts_at = at(clock, day)
    return {
        "starts_at": to_wire(starts_at),
        "ends_at": to_wire(starts_at + timedelta(minutes=minutes)),
    }


def adviser_request(person_id: str, **values: Any) -> dict[str, Any]:
    """What a manager sends of an adviser who works from 09:00 to 16:00, with a break at noon and
    10 minutes after each appointment."""
    return {
        "person_id": person_id,
        "centre_ids": ["raqqa"],
        "specialities": ["finance"],
        "languages": ["ar"],
        "working_hours": {day: [["09:00", "16:00"]] for day in WORKING_DAYS},
        "breaks": {day: [["12:00", "12:30"]] for day in WORKING_DAYS},
        "buffer_minutes": 10,
        **values,
    }


def make_adviser(app: App, person: Caller = HUDA, **values: Any) -> Adviser:
    """An adviser with a profile."""
    know_adviser(app, person.id)
    command = add_adviser(adviser_request(person.id, **values))
    return advisers.add_adviser(app, call(MANAGER), command)


def put_on_case(app: App, case: Case, *people: Caller) -> Case:
    """The case, with these advisers on it; the first one is responsible for it."""
    ids = frozenset(each.id for each in people)
    after = replace(
        case,
        status=CaseStatus.ASSIGNED,
        adviser_id=people[0].id,
        adviser_ids=case.adviser_ids | ids,
        people=case.people | ids,
        version=case.version + 1,
    )
    app.database.transact(lambda session: app.cases.save(session, after, case.version))
    return after


def open_case(app: App, *people: Caller, **values: Any) -> Case:
    """An open case with its advisers; Huda where nobody is named."""
    return put_on_case(app, submit(app, **values), *(people or (HUDA,)))


def agree(
    app: App, case: Case, clock: str = "10:00", day: int = 0, who: Caller = HUDA, **values: Any
) -> Appointment:
    """An appointment of an hour."""
    times = time(clock, day, values.pop("minutes", 60))
    request = {"case_id": case.id, "mode": "remote", **times, **values}
    return appointments.agree_appointment(app, call(who), agree_appointment(request))


def move(app: App, value: Appointment, clock: str, day: int = 0, who: Caller = HUDA) -> Appointment:
    request = {"id": value.id, "expected_version": value.version, **time(clock, day)}
    return appointments.move_appointment(app, call(who), move_appointment(request))


def cancel(app: App, value: Appointment, who: Caller = HUDA) -> Appointment:
    command = EndMeeting(value.id, value.version, "ظرف طارئ")
    return appointments.cancel_appointment(app, call(who), command)


def ask_visit(
    app: App, case: Case, clock: str = "10:00", day: int = 0, who: Caller = HUDA, **values: Any
) -> Visit:
    """A visit of an hour that a person asks for."""
    times = time(clock, day, values.pop("minutes", 60))
    request = {"case_id": case.id, "place": "حي المشلب", **times, **values}
    return visits.request_visit(app, call(who), request_visit(request))


def accept(app: App, value: Visit, who: Caller = MEMBER) -> Visit:
    return visits.accept_visit(app, call(who), ActOnMeeting(value.id, value.version))


def plan_trip_of(app: App, *visits: Visit, who: Caller = HUDA, ways: Sequence[int] = ()) -> Trip:
    """A trip of these visits, with no time between them unless it is said."""
    request = {
        "visit_ids": [each.id for each in visits],
        "ways_minutes": list(ways) or [0] * (len(visits) + 1),
    }
    return trips.plan_trip(app, call(who), plan_trip(request))


def be_absent(
    app: App, begin: tuple[str, int], end: tuple[str, int], person: Caller = HUDA
) -> Absence:
    """An absence from one moment until another."""
    request = {
        "adviser_id": person.id,
        "starts_at": to_wire(at(*begin)),
        "ends_at": to_wire(at(*end)),
    }
    return absences.enter_absence(app, call(person), enter_absence(request))


def slots(
    app: App, person: Caller = HUDA, day: int = 0, who: Caller | None = None, **values: Any
) -> list[str]:
    """The clock times of a day, in Raqqa, at which an adviser can be met for an hour."""
    request = {
        "adviser_id": person.id,
        "starts_at": to_wire(at("00:00", day)),
        "ends_at": to_wire(at("00:00", day + 1)),
        "limit": 200,
        **values,
    }
    found, _ = advisers.find_slots(app, call(who or person), list_slots(request))
    return [f"{each.starts_at + timedelta(hours=3):%H:%M}" for each in found]


def set_up_hours(app: App, *hours: dict[str, str], person: Caller = HUDA) -> ConsultingHours:
    """Consulting hours of this month at Raqqa."""
    request = {
        "adviser_id": person.id,
        "centre_id": "raqqa",
        "month": "2026-11",
        "hours": list(hours),
    }
    command = set_up_consulting_hours(request)
    return consulting_hours.set_up_consulting_hours(app, call(person), command)


@dataclass
class WithBookings:
    """Consultations and bookings, each with its own database, and the messages between them.

    Attributes:
        heard: ids of the events that have arrived.
    """

    app: App
    bookings: Bookings
    heard: set[str] = field(default_factory=set)

    def requests(self) -> list[CloudEvent]:
        """All that consultations has said about rooms, in order."""
        said = said_by(self.app.database)
        return [each for each in said if each.type.startswith("consultations.room.")]

    def exchange(self) -> None:
        """Deliver until neither side has anything to say any more."""
        said = -1
        while said != len(self.heard):
            said = len(self.heard)
            for event in self.requests():
                if event.id not in self.heard:
                    deliver(self.bookings, event)
                    self.heard.add(event.id)
            for event in answers(self.bookings):
                if event.id not in self.heard:
                    apply_room_answer(self.app, event)
                    self.heard.add(event.id)

    def now(self, value: Appointment) -> Appointment:
        return self.app.appointments.get(value.id)

    def room(self, value: Appointment) -> Room | None:
        return room_of(self.now(value), self.app.rooms.of(value.id))
