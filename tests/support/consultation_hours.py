"""Hours and closures of centres as bookings tells consultations of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from services.common.clock import FixedClock, to_wire
from services.common.contracts.bookings import events
from services.common.contracts.registry import EventType
from services.common.events.envelope import CloudEvent
from services.consultations.app import App
from services.consultations.domain.time_limits import Limited, TimeLimit
from services.consultations.operations.bookings_events import apply_hours_events
from tests.support.consultations import run_due_deadlines

DAMASCUS = ZoneInfo("Asia/Damascus")
DAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday")
_ids = count(1)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of November 2026 in Damascus; the 26th is a Thursday."""
    month = datetime(2026, 11, 1, tzinfo=DAMASCUS)
    return month + timedelta(days=day - 1, hours=hour, minutes=minute)


def week(opens: str = "09:00", closes: str = "16:00") -> dict[str, list[list[str]]]:
    """The same hours from Sunday to Thursday."""
    return {day: [[opens, closes]] for day in DAYS}


def hours_changed(version: int, entered: datetime, **values: Any) -> CloudEvent:
    """That a manager has entered other hours of Raqqa."""
    data = {
        "centre_id": "raqqa",
        "version": version,
        "time_zone": "Asia/Damascus",
        "weekly_hours": week(),
        "seasons": [],
        "exceptions": [],
        **values,
    }
    return _event(events.CENTRE_HOURS_CHANGED, "raqqa", version, entered, data)


def closure(
    event_type: EventType,
    version: int,
    entered: datetime,
    starts_at: datetime,
    ends_at: datetime,
    *,
    all_spaces: bool = True,
    **values: Any,
) -> CloudEvent:
    """That Raqqa is closed for a time, or some of its spaces."""
    data = {
        "closure_id": "closure-1",
        "centre_id": "raqqa",
        "space_ids": ["raqqa-hall"],
        "all_spaces": all_spaces,
        "kind": "security",
        "starts_at": to_wire(starts_at),
        "ends_at": to_wire(ends_at),
        "time_zone": "Asia/Damascus",
        "version": version,
        "changed_by": "nadia",
        **values,
    }
    return _event(event_type, "closure-1", version, entered, data)


def _event(
    event_type: EventType, subject: str, version: int, time: datetime, data: Mapping[str, Any]
) -> CloudEvent:
    event_type.check(data)
    return CloudEvent(
        id=f"event-of-hours-{next(_ids)}",
        source="/masaha/bookings",
        type=event_type.name,
        subject=subject,
        time=time,
        dataschema=event_type.dataschema,
        data=data,
        aggregate_version=version,
        actor_kind="person",
    )


def clock_to(app: App, instant: datetime) -> None:
    """Set the app's clock forward, and let the worker do what is due by then."""
    assert isinstance(app.clock, FixedClock)
    app.clock.advance(instant - app.clock.now())
    run_due_deadlines(app)


def hear(app: App, *heard: CloudEvent) -> None:
    """Take events of bookings in, and let the worker do what follows."""
    apply_hours_events(app, heard)
    run_due_deadlines(app)


def limit_of(app: App, case_id: str, what: Limited = Limited.RESOLUTION) -> TimeLimit:
    """The last limit of a case of this kind."""
    return [each for each in app.time_limits.of_case(case_id) if each.what is what][-1]
