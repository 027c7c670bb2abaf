"""Situations of the bookings branch, named for what they are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from services.bookings.app import App, build
from services.bookings.deadlines import handlers
from services.bookings.domain.booking import Booking
from services.bookings.domain.budgets import NO_LIMITS, Limits
from services.bookings.domain.centre import Centre, Space
from services.bookings.domain.deadlines import DeadlineKind
from services.bookings.operations import availability, booking_deadlines, bookings
from services.bookings.operations.identity_events import apply_events
from services.bookings.schemas.availability import FindAvailability
from services.bookings.schemas.bookings import CancelBooking, ChangeBooking, CreateBooking
from services.bookings.schemas.waitlist import JoinWaitlist
from services.common.clock import FixedClock
from services.common.config import Settings
from services.common.context import Call, Caller
from services.common.contracts.identity import events as identity
from services.common.contracts.registry import EventType
from services.common.events.envelope import CloudEvent
from services.common.ids import new_id
from services.common.storage.deadlines import Deadline, DeadlineRunner
from services.common.time.opening_hours import Timetable
from services.common.time.period import Period
from services.common.time.weekly_hours import WeeklyHours
from tests.support.ids import in_order
from tests.support.mongo import PREFIX, clear

# A Monday, nine in the morning in Raqqa.
NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
WORKING_WEEK = {
    day: [["09:00", "17:00"]] for day in ("sunday", "monday", "tuesday", "wednesday", "thursday")
}

MANAGER = Caller(id="manager", roles=frozenset({"manager"}))
RAQQA_DESK = Caller(id="desk", roles=frozenset({"front_desk"}), centres=frozenset({"raqqa"}))
TABQA_DESK = Caller(id="desk-t", roles=frozenset({"front_desk"}), centres=frozenset({"tabqa"}))
REPRESENTATIVE = Caller(id="rana", organisations={"amal": "representative"})
MEMBER = Caller(id="omar", organisations={"amal": "member"})
OTHER_MEMBER = Caller(id="sara", organisations={"amal": "member"})
STRANGER = Caller(id="ziad", organisations={"furat": "representative"})


def raqqa() -> Centre:
    return Centre(
        "raqqa",
        {"ar": "مركز الرقة", "en": "Raqqa centre"},
        "Asia/Damascus",
        Timetable(WeeklyHours.parse(WORKING_WEEK)),
    )


def tabqa() -> Centre:
    return Centre(
        "tabqa",
        {"ar": "مركز الطبقة", "en": "Tabqa centre"},
        "Asia/Damascus",
        Timetable(WeeklyHours.parse(WORKING_WEEK)),
    )


def space(space_id: str = "raqqa-meeting", **values: Any) -> Space:
    return Space(
        **{
            "id": space_id,
            "centre_id": "raqqa",
            "name": {"ar": "غرفة", "en": "Room"},
            "capacity": 12,
            **values,
        }
    )


def tomorrow(hour: int, minute: int = 0) -> datetime:
    """Tomorrow at this wall-clock time in Raqqa (UTC+3)."""
    midnight = NOW.replace(hour=0) + timedelta(days=1)
    return midnight + timedelta(hours=hour - 3, minutes=minute)


def period(from_hour: int, to_hour: int) -> Period:
    return Period(tomorrow(from_hour), tomorrow(to_hour))


def a_day_later(when: Period) -> Period:
    return _later(when, timedelta(days=1))


def a_week_later(when: Period) -> Period:
    return _later(when, timedelta(days=7))


def _later(when: Period, by: timedelta) -> Period:
    return Period(when.starts_at + by, when.ends_at + by)


def call(caller: Caller, key: str | None = None) -> Call:
    """A call with a key of its own, so that two of them are two requests."""
    return Call(caller=caller, language="en", idempotency_key=key or new_id())


def booking_command(**values: Any) -> CreateBooking:
    return CreateBooking(
        **{
            "space_id": "raqqa-meeting",
            "organisation_id": "amal",
            "period": period(10, 11),
            "title": "Planning",
            "purpose": "meeting",
            "people": None,
            **values,
        }
    )


def wish(**values: Any) -> JoinWaitlist:
    """What it takes to wait in line: an hour of the meeting room, for an organisation that did not
    book it."""
    return JoinWaitlist(
        **{
            "space_id": "raqqa-meeting",
            "centre_id": None,
            "organisation_id": "furat",
            "window": period(10, 11),
            "duration": timedelta(hours=1),
            "title": "Waiting",
            "purpose": "meeting",
            "people": None,
            "features": (),
            **values,
        }
    )


def book(app: App, caller: Caller = MEMBER, **values: Any) -> Booking:
    return bookings.create(app, call(caller), booking_command(**values))


def move(
    app: App, booking: Booking, to: Period, caller: Caller = MEMBER, space_id: str | None = None
) -> Booking:
    command = ChangeBooking(
        booking.id, booking.version, space_id, to.starts_at, to.ends_at, details={}
    )
    return bookings.change(app, call(caller), command)


def cancel(app: App, booking: Booking, caller: Caller = MEMBER) -> Booking:
    """Call it off as it stands now."""
    now = stored(app, booking)
    return bookings.cancel(app, call(caller), CancelBooking(now.id, now.version, None))


def changed_so_often(app: App, booking: Booking, version: int) -> None:
    """The booking is of this version."""
    app.database.collection("bookings").update_one(
        {"_id": booking.id}, {"$set": {"version": version}}
    )


def stored(app: App, booking: Booking) -> Booking:
    return app.bookings.get(booking.id)


def told(app: App, booking: Booking) -> list[str]:
    """What has been said of a booking, such as ``["requested", "confirmed"]``."""
    rows = app.database.collection("outbox").find({"event.subject": booking.id})
    return [row["event"]["type"].removeprefix("bookings.booking.") for row in rows.sort("version")]


def events(app: App) -> list[dict[str, Any]]:
    """All that has been said and not yet been sent, in order."""
    return [row["event"] for row in app.database.collection("outbox").find().sort("_id", 1)]


def free(app: App, space_id: str = "raqqa-meeting") -> list[Period]:
    """What can be had of a space tomorrow."""
    query = FindAvailability(None, space_id, Period(tomorrow(0), tomorrow(24)), 15, None)
    ((_, found),) = availability.find(app, query)
    return found


def advance(app: App, by: timedelta) -> None:
    """Move the app's clock forward."""
    app.clock.advance(by)  # type: ignore[attr-defined]


def now_is(app: App, instant: datetime) -> None:
    """Move the app's clock forward to an instant."""
    advance(app, instant - app.clock.now())


def work(app: App) -> int:
    """Let the worker do all that is due for bookings; how much it did."""
    done: list[Deadline] = []

    def do(deadline: Deadline) -> None:
        if deadline.kind == DeadlineKind.BOOKING:
            booking_deadlines.run_deadline(app, deadline)
            done.append(deadline)

    runner = DeadlineRunner("bookings", app.deadlines, defaultdict(lambda: do), app.clock)
    while runner.step():
        pass
    return len(done)


_EVENT_OF_STATUS: dict[str, EventType] = {
    "pending": identity.ORGANISATION_REGISTERED,
    "approved": identity.ORGANISATION_APPROVED,
    "suspended": identity.ORGANISATION_SUSPENDED,
}


def organisation(
    organisation_id: str = "amal", status: str = "approved", version: int = 2
) -> CloudEvent:
    """An event of an organisation."""
    data = {
        "organisation_id": organisation_id,
        "version": version,
        "name": {"ar": "جمعية الأمل", "en": "Hope Association"},
        "status": status,
    }
    event_type = _EVENT_OF_STATUS[status]
    event_type.check(data)
    return CloudEvent(
        id=new_id(),
        source="/masaha/identity",
        type=event_type.name,
        subject=organisation_id,
        time=NOW,
        dataschema=event_type.dataschema,
        data=data,
        aggregate_version=version,
        actor_kind="person",
    )


def arrive(app: App, *events: CloudEvent) -> None:
    """What the subscriber does with a batch."""
    apply_events(app, events)


def suspend(app: App, organisation_id: str = "amal", version: int = 3) -> None:
    """The identity's news that the organisation may not use the centre any more has arrived."""
    arrive(app, organisation(organisation_id, "suspended", version))


def let_worker_work(app: App) -> None:
    """Everything that is due, of every kind, as the worker does it."""
    runner = DeadlineRunner("bookings", app.deadlines, handlers(app), app.clock)
    while runner.step():
        pass


def open_centre(mongo_uri: str, limits: Limits = NO_LIMITS) -> Iterator[App]:
    """The app on an empty database with two centres and five spaces, that knows three organisations
    as approved; emptied afterwards.

    Args:
        limits: of an organisation's week; without them nothing is counted.
    """
    settings = Settings("amqp://unused", mongo_uri, database_prefix=PREFIX)
    app = build(settings, clock=FixedClock(NOW), new_id=in_order(), limits=limits)
    app.centres.seed(
        [raqqa(), tabqa()],
        [
            space("raqqa-meeting"),
            space("raqqa-training", capacity=24, buffer_after=timedelta(minutes=15)),
            space("raqqa-hall", capacity=60, parts=("raqqa-hall-a", "raqqa-hall-b")),
            space("raqqa-hall-a", capacity=30),
            space("tabqa-meeting", centre_id="tabqa", capacity=10),
        ],
    )
    arrive(app, *map(organisation, ("amal", "furat", "jisr")))
    yield app
    clear(app.database, settings.database("bookings"))
    app.close()
