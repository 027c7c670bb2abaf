"""What becomes of a joint meeting's invitations when its booking changes.

Called by ``save_booking``, in the transaction of the change, so that there is no way to move or
cancel a meeting behind its guests' backs, nor to make it too small for those who have accepted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from services.bookings.app import App
from services.bookings.domain import invitations as domain
from services.bookings.domain.booking import Booking
from services.bookings.domain.centre import Centre, Space
from services.bookings.domain.invitations import FOLLOWS, OPEN, Invitation
from services.common import clock
from services.common.context import SYSTEM, Caller
from services.common.contracts.bookings import events
from services.common.contracts.bookings.errors import GUESTS_DO_NOT_FIT
from services.common.contracts.registry import EventType
from services.common.events.outbox import Fact
from services.common.storage.mongo import Session


def update_guests(app: App, session: Session, before: Booking, after: Booking) -> None:
    """Update the invitations of a meeting that has changed or is off.

    Raises:
        errors.Conflict: ``bookings.guests_do_not_fit``.
    """
    if before.purpose != domain.JOINT_MEETING:
        return
    if not domain.takes_guests(after):
        _call_off(app, session, before, after)
        return
    check_guests_fit(app, session, before, after)
    if domain.guests_notice(before, after):
        _update_moved_guests(app, session, before, after)


def check_guests_fit(app: App, session: Session, before: Booking, after: Booking) -> None:
    """Whether a meeting as it is to be has room for those who have accepted; also for callers that
    must know before anything is written.

    Raises:
        errors.Conflict: ``bookings.guests_do_not_fit``.
    """
    if before.purpose != domain.JOINT_MEETING or not domain.takes_guests(after):
        return
    if (before.people, before.space_id) == (after.people, after.space_id):
        return
    space = app.centres.space(after.space_id, session)
    coming = app.invitations.coming(after.id, session)
    # Nobody can accept meanwhile: a reply writes to the booking too, and one of both begins again.
    if coming > domain.room_for_guests(after, space):
        raise GUESTS_DO_NOT_FIT(coming=coming)


def _call_off(app: App, session: Session, before: Booking, after: Booking) -> None:
    """Of the meeting as the guests know it: what it turns into without them is not their affair."""
    now, cause = app.clock.now(), after.history[-1]
    invitations = app.invitations.of_booking(after.id, session, OPEN)
    if domain.is_off(after):
        off = [each.called_off(now) for each in invitations]
    else:
        off = [each.left_out(now) for each in invitations]
        app.invitations.empty(session, after.id)
    app.invitations.save_all(session, invitations, off)
    data = {"changed_by": cause.by, "reason": cause.reason}
    more = [data | {"notifies_guest": each.status in FOLLOWS} for each in invitations]
    _record_invitation_events(app, session, events.INVITATION_CALLED_OFF, off, before, more)


def _update_moved_guests(app: App, session: Session, before: Booking, after: Booking) -> None:
    now = app.clock.now()
    invitations = app.invitations.of_booking(after.id, session, FOLLOWS)
    moved = [each.moved(now) for each in invitations]
    app.invitations.save_all(session, invitations, moved)
    data = {
        "changed_by": after.history[-1].by,
        "previous_space_name": dict(app.centres.space(before.space_id, session).name),
        "previous_starts_at": clock.to_wire(before.period.starts_at),
        "previous_ends_at": clock.to_wire(before.period.ends_at),
    }
    more = [{**data, "link_nonce": each.nonce} for each in moved]
    _record_invitation_events(app, session, events.INVITATION_CHANGED, moved, after, more)


def _record_invitation_events(
    app: App,
    session: Session,
    event_type: EventType,
    invitations: Sequence[Invitation],
    booking: Booking,
    more: Sequence[Mapping[str, Any]],
) -> None:
    """Record the events of the invitations' present versions, in one go: there may be a hundred.

    Args:
        more: for each, what its event has beside the invitation itself, in wire form.
    """
    if not invitations:
        return
    space = app.centres.space(booking.space_id, session)
    centre = app.centres.centre(space.centre_id, session)
    app.outbox.record_many(
        session,
        event_type,
        [
            Fact(each.id, each.version, {**_fact(each, booking, space, centre), **its})
            for each, its in zip(invitations, more, strict=True)
        ],
        caller=SYSTEM,
    )


def record_invitation_event(
    app: App,
    session: Session,
    event_type: EventType,
    invitation: Invitation,
    booking: Booking,
    *,
    by: str,
    caller: Caller,
    **more: Any,
) -> None:
    """Record the event of the invitation's present version.

    Args:
        by: who caused it.
        more: what this event has beside the invitation itself, in wire form.
    """
    space = app.centres.space(booking.space_id, session)
    centre = app.centres.centre(space.centre_id, session)
    app.outbox.record(
        session,
        event_type,
        subject=invitation.id,
        version=invitation.version,
        data=_fact(invitation, booking, space, centre) | {"changed_by": by} | more,
        caller=caller,
    )


def _fact(invitation: Invitation, booking: Booking, space: Space, centre: Centre) -> dict[str, Any]:
    return {
        "invitation_id": invitation.id,
        "booking_id": booking.id,
        "organisation_id": booking.organisation_id,
        "invited_organisation_id": invitation.organisation_id,
        "centre_id": booking.centre_id,
        "space_id": booking.space_id,
        "centre_name": dict(centre.name),
        "space_name": dict(space.name),
        "time_zone": booking.time_zone,
        "starts_at": clock.to_wire(booking.period.starts_at),
        "ends_at": clock.to_wire(booking.period.ends_at),
        "title": booking.title,
        "version": invitation.version,
    }
