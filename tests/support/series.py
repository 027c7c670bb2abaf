"""Situations of series, named for what they are."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from services.bookings.app import App
from services.bookings.domain.booking import Booking
from services.bookings.domain.series import OnConflict, Schedule, Scope
from services.bookings.operations import bookings, series, series_changes
from services.bookings.schemas.series import CancelSeries, ChangeSeries, CreateSeries, RetrySeries
from services.common.context import Caller
from services.common.time.period import Period
from tests.support.bookings import MEMBER, STRANGER, booking_command, call, period, tomorrow

WEEK = timedelta(days=7)


def weekly(**values: Any) -> CreateSeries:
    """Four Tuesdays, ten to eleven."""
    return CreateSeries(
        **{
            "space_id": "raqqa-meeting",
            "organisation_id": "amal",
            "period": period(10, 11),
            "rule": "FREQ=WEEKLY;COUNT=4",
            "title": "Weekly",
            "purpose": "meeting",
            "people": None,
            "on_conflict": OnConflict.REFUSE,
            **values,
        }
    )


def made(app: App, caller: Caller = MEMBER, **values: Any) -> Schedule:
    return series.create(app, call(caller), weekly(**values))


def change(
    app: App, found: Schedule, scope: Scope = Scope.ALL, caller: Caller = MEMBER, **values: Any
) -> Schedule:
    command = ChangeSeries(
        **{
            "id": found.series.id,
            "expected_version": found.series.version,
            "scope": scope,
            "booking_id": None,
            "shift": timedelta(0),
            "length": None,
            "space_id": None,
            "details": {},
            "on_conflict": OnConflict.REFUSE,
            **values,
        }
    )
    return series_changes.change(app, call(caller), command)


def cancel(app: App, found: Schedule, scope: Scope = Scope.ALL, **values: Any) -> Schedule:
    command = CancelSeries(
        **{
            "id": found.series.id,
            "expected_version": found.series.version,
            "scope": scope,
            "booking_id": None,
            "reason": None,
            **values,
        }
    )
    return series_changes.cancel(app, call(MEMBER), command)


def retry(app: App, found: Schedule) -> Schedule:
    return series_changes.retry(
        app, call(MEMBER), RetrySeries(found.series.id, found.series.version)
    )


def in_the_way(app: App, week: int, **values: Any) -> Booking:
    when = Period(tomorrow(10) + week * WEEK, tomorrow(11) + week * WEEK)
    return bookings.create(
        app, call(STRANGER), booking_command(organisation_id="furat", period=when, **values)
    )


def starts(found: Schedule) -> list[datetime]:
    return [each.period.starts_at for each in found.occurrences]


def stored(app: App, collection: str = "bookings") -> int:
    return app.database.collection(collection).count_documents({})


def events(app: App) -> list[str]:
    rows = app.database.collection("outbox").find().sort("_id", 1)
    return [row["event"]["type"].removeprefix("bookings.") for row in rows]


def news(app: App) -> list[tuple[int, bool, bool]]:
    """What the events of series say: of how many occurrences, whether they are all, and whether
    people get a message about it by this event.
    """
    rows = app.database.collection("outbox").find({"event.data.rrule": {"$exists": True}})
    told = [row["event"]["data"] for row in rows.sort("_id", 1)]
    return [(each["occurrences"], each["whole"], "part_of" not in each) for each in told]


def pending_counts(app: App) -> list[int]:
    """How many occurrences wait for approval, by each event of a series."""
    rows = app.database.collection("outbox").find({"event.data.rrule": {"$exists": True}})
    return [row["event"]["data"]["pending"] for row in rows.sort("_id", 1)]


def overlaps(app: App) -> int:
    """Slots that two bookings hold."""
    claims = [
        (document["centre_id"], slot)
        for document in app.database.collection("bookings").find({"claims": {"$exists": True}})
        for slot in document["claims"]
    ]
    return len(claims) - len(set(claims))
