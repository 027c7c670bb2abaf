"""Hours and closures of centres, as the events of bookings tell them."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError

from services.common.contracts.bookings.closure_facts import Closure
from services.common.contracts.bookings.events import HoursChanged
from services.common.contracts.hours import SeasonsAndExceptions
from services.common.errors import MasahaError, Permanent
from services.common.events.envelope import CloudEvent
from services.common.time.opening_hours import Timetable, parse_exceptions, parse_seasons
from services.common.time.weekly_hours import WeeklyHours
from services.consultations.domain.centre_hours import CentreClosure, HoursEdition

_hours_changed = HoursChanged()
_closure = Closure()
_dates = SeasonsAndExceptions()


def edition_of(event: CloudEvent) -> tuple[str, HoursEdition]:
    """The id of a centre, and the hours that it has from the event on.

    Raises:
        Permanent: if the data is not what the contract says.
    """
    try:
        data: dict[str, Any] = _hours_changed.load(dict(event.data))
        dates = _dates.load(
            {
                "seasons": event.data.get("seasons", []),
                "exceptions": event.data.get("exceptions", []),
            }
        )
        timetable = Timetable.of(
            WeeklyHours.parse(data["weekly_hours"]),
            parse_seasons(dates["seasons"]) or (),
            parse_exceptions(dates["exceptions"]) or (),
        )
    except (ValidationError, MasahaError, ValueError) as error:
        raise Permanent(f"{event.type} {event.id}: {error}") from error
    edition = HoursEdition(data["version"], event.time, data["time_zone"], timetable)
    return data["centre_id"], edition


def closure_of(event: CloudEvent) -> CentreClosure | None:
    """The closure of a whole centre; ``None`` where the event is about some spaces of it alone.

    Raises:
        Permanent: if the data is not what the contract says.
    """
    try:
        data: dict[str, Any] = _closure.load(dict(event.data))
    except ValidationError as error:
        raise Permanent(f"{event.type} {event.id}: {error}") from error
    if not data.get("all_spaces"):
        return None
    return CentreClosure(
        data["closure_id"], data["centre_id"], data["starts_at"], data["ends_at"], data["version"]
    )
