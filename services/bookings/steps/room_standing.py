"""The answer to a request for rooms, for the branch that made it.

``save_booking`` calls :func:`record_room_change` for every change of a booking that belongs to a
request, so that every cancellation and move reaches its requester.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.bookings.app import App
from services.bookings.domain.booking import Booking
from services.bookings.domain.booking_states import Status
from services.bookings.domain.room_requests import Outcome, RoomRow
from services.bookings.schemas.bookings import alternative
from services.bookings.steps.alternatives import WantedBooking, find_alternatives
from services.common import clock
from services.common.context import SYSTEM
from services.common.contracts.bookings import events
from services.common.contracts.bookings.errors import SPACE_CLOSED, SPACE_TAKEN
from services.common.contracts.registry import EventType
from services.common.storage.mongo import Session

_EVENT_OF_OUTCOME: Mapping[Outcome, EventType] = {
    Outcome.GRANTED: events.ROOM_GRANTED,
    Outcome.REFUSED: events.ROOM_REFUSED,
    Outcome.LOST: events.ROOM_LOST,
    Outcome.FREED: events.ROOM_FREED,
}


def record_room_change(
    app: App, session: Session, row_id: str, before: Booking, after: Booking
) -> None:
    """Answer the request anew where staff or a closure have taken a room of it away, or given it
    another one."""
    row = app.room_requests.get(row_id, session)
    if after.status is Status.CANCELLED:
        problem = _problem_of(app, session, after)
        record_room_answer(
            app, session, row, row.lost(after.id, after.cancellation_reason, problem)
        )
    elif after.space_id != before.space_id:
        record_room_answer(app, session, row, row.repeated(row.request_version))


def record_room_answer(app: App, session: Session, before: RoomRow | None, after: RoomRow) -> None:
    """Store the row with its new answer, and publish it: all that the request holds now.

    Raises:
        RetryTransaction: if another transaction has answered it since.
    """
    app.room_requests.put(session, after, before)
    requester, _, request_id = after.id.partition(":")
    held = app.bookings.of_ids(after.holds, session)
    names = {
        space_id: app.centres.space(space_id, session).name
        for space_id in {each.space_id for each in held}
    }
    app.outbox.record(
        session,
        _EVENT_OF_OUTCOME[after.outcome],
        subject=after.subject,
        version=after.version,
        data={
            "requester": requester,
            "request_id": request_id,
            "request_version": after.request_version,
            "places": [
                {
                    "item_id": each.own_use.item.item_id,
                    "booking_id": each.id,
                    "space_id": each.space_id,
                    "space_name": dict(names[each.space_id]),
                    "starts_at": clock.to_wire(each.period.starts_at),
                    "ends_at": clock.to_wire(each.period.ends_at),
                }
                for each in held
                if each.own_use is not None
            ],
            "code": after.code,
            "problems": [dict(each) for each in after.problems],
            "reason": after.reason,
        },
        caller=SYSTEM,
    )


def _problem_of(app: App, session: Session, lost: Booking) -> dict[str, Any] | None:
    """Why an item has no room any more, and what could be had in its place: staff of its branch
    choose from it."""
    if lost.own_use is None:
        return None
    item = lost.own_use.item
    space = app.centres.space(lost.space_id, session)
    wanted = WantedBooking(
        space=space,
        centre=app.centres.centre(lost.centre_id, session),
        period=lost.period,
        people=item.people,
        caller=SYSTEM,
        organisation_id=None,
        equipment=lost.equipment,
        features=item.features,
        taken_away=True,
    )
    closed = app.closures.standing(lost.centre_id, lost.period, space.leaves, session)
    ways = [alternative(each) for each in find_alternatives(app, wanted, session)]
    code = SPACE_CLOSED.code if closed else SPACE_TAKEN.code
    return {"item_id": item.item_id, "code": code, "alternatives": ways}
