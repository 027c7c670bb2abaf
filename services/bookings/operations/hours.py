"""When centres and spaces are open: what a manager decides."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from services.bookings.app import App
from services.bookings.domain import permissions
from services.bookings.domain.centre import Centre, Space
from services.bookings.domain.rules import bookable
from services.bookings.schemas.hours import SetHours, SetSpaceHours
from services.bookings.steps.offer_checks import schedule_offer_check
from services.bookings.steps.releases import time_released
from services.common import errors
from services.common.context import Call
from services.common.contracts.bookings import events
from services.common.history.steps import record_change
from services.common.storage.mongo import Session
from services.common.time.opening_hours import Timetable
from services.common.time.weekly_hours import WeeklyHours

_NO_HOURS = Timetable(WeeklyHours({}))


def set_hours(app: App, call: Call, command: SetHours) -> Centre:
    """Open a centre at other hours from now on. Bookings made before stay as they are until staff
    decide on those outside (``outside_hours.py``). A dry run gives the centre as it would be.

    Raises:
        errors.Unauthenticated, errors.Forbidden: for anybody but a manager.
        errors.NotFound: if there is no such centre.
        errors.Stale: the centre is not at the expected version any more.
        errors.Invalid: seasons overlap or end early, or a date has two exceptions.
    """
    permissions.check_may_set_up(call.caller)

    def reopen(session: Session) -> Centre:
        before = app.centres.centre(command.id, session)
        if before.version != command.expected_version:
            raise errors.Stale()
        timetable = before.timetable.changed(
            command.weekly_hours, command.seasons, command.exceptions
        )
        zone = command.time_zone or before.time_zone
        if (timetable, zone) == (before.timetable, before.time_zone):
            return before
        after = before.opened_at(timetable, zone)
        if command.dry_run:
            return replace(after, version=before.version)
        app.centres.save_centre(session, after, before.version)
        cause = f"{after.id}@{after.version}"
        time_released(app, session, after.id, bookable(app.clock.now()), cause)
        schedule_offer_check(app, session, cause, centre_id=after.id)
        app.outbox.record(
            session,
            events.CENTRE_HOURS_CHANGED,
            subject=after.id,
            version=after.version,
            data={
                "centre_id": after.id,
                "version": after.version,
                "time_zone": after.time_zone,
                **after.timetable.to_wire(),
            },
            caller=call.caller,
        )
        return after

    return app.database.transact(reopen)


def set_space_hours(app: App, call: Call, command: SetSpaceHours) -> Space:
    """Give a space hours of its own within the centre's, or take them away; a dry run as above.

    Raises:
        errors.Unauthenticated, errors.Forbidden, errors.NotFound, errors.Stale, errors.Invalid:
            as :func:`set_hours`.
    """
    permissions.check_may_set_up(call.caller)

    def reopen(session: Session) -> Space:
        before = app.centres.space(command.id, session)
        if before.version != command.expected_version:
            raise errors.Stale()
        timetable = None
        if command.weekly_hours is not None:
            timetable = (before.timetable or _NO_HOURS).changed(
                command.weekly_hours, command.seasons, command.exceptions
            )
        if timetable == before.timetable:
            return before
        after = before.opened_at(timetable)
        if command.dry_run:
            return replace(after, version=before.version)
        app.centres.save_space(session, after, before.version)
        cause = f"{after.id}@{after.version}"
        time_released(app, session, after.centre_id, bookable(app.clock.now()), cause)
        schedule_offer_check(app, session, cause, centre_id=after.centre_id)
        app.outbox.record(
            session,
            events.SPACE_HOURS_CHANGED,
            subject=after.id,
            version=after.version,
            data={
                "space_id": after.id,
                "centre_id": after.centre_id,
                "version": after.version,
                "time_zone": app.centres.centre(after.centre_id, session).time_zone,
                "weekly_hours": None,
                "seasons": [],
                "exceptions": [],
                **({} if timetable is None else timetable.to_wire()),
            },
            caller=call.caller,
        )
        was, now = _fact(before), _fact(after)
        record_change(app, call.caller, session, after, was, now)
        return after

    return app.database.transact(reopen)


def _fact(space: Space) -> dict[str, Any]:
    """What the history of a space says of its hours."""
    hours = None if space.timetable is None else space.timetable.to_wire()
    return {"hours": hours}
