"""What people do with centres, spaces and their hours."""

from __future__ import annotations

from services.bookings.app import App
from services.bookings.domain import permissions
from services.bookings.domain.centre import Centre, Space
from services.bookings.schemas.centres import ListSpaces, SetHours
from services.common import errors
from services.common.context import Call
from services.common.contracts.bookings import events
from services.common.storage.mongo import Session


def find(app: App) -> list[Centre]:
    """All centres, by id."""
    return app.centres.centres()


def get(app: App, centre_id: str) -> Centre:
    """Raises:
    errors.NotFound: if there is none.
    """
    return app.centres.centre(centre_id)


def find_spaces(app: App, query: ListSpaces) -> list[Space]:
    """Spaces by id, one more than a page where there are more."""
    return app.centres.spaces(
        centre_id=query.centre_id,
        minimum_capacity=query.minimum_capacity,
        after=query.after,
        limit=query.limit + 1,
    )


def get_space(app: App, space_id: str) -> Space:
    """Raises:
    errors.NotFound: if there is none.
    """
    return app.centres.space(space_id)


def set_hours(app: App, call: Call, command: SetHours) -> Centre:
    """Open a centre at other hours from now on. Bookings made before stay as they are.

    Raises:
        errors.Forbidden: for anybody but a manager.
        errors.NotFound: if there is no such centre.
        errors.Stale: the centre is not at the expected version any more.
    """
    permissions.check_may_set_hours(call.caller)

    def reopen(session: Session) -> Centre:
        before = app.centres.centre(command.id, session)
        if before.version != command.expected_version:
            raise errors.Stale()
        if before.weekly_hours.to_wire() == command.weekly_hours.to_wire():
            return before
        after = before.opened_at(command.weekly_hours)
        app.centres.save_centre(session, after, before.version)
        app.outbox.record(
            session,
            events.CENTRE_HOURS_CHANGED,
            subject=after.id,
            version=after.version,
            data={
                "centre_id": after.id,
                "version": after.version,
                "time_zone": after.time_zone,
                "weekly_hours": after.weekly_hours.to_wire(),
            },
            caller=call.caller,
        )
        return after

    return app.database.transact(reopen)
