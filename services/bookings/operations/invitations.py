"""Joint meetings: the host invites, the holder of the link answers."""

from __future__ import annotations

from dataclasses import asdict

from services.bookings.app import App
from services.bookings.domain import invitations as domain
from services.bookings.domain import permissions
from services.bookings.domain.booking import Booking
from services.bookings.domain.invitations import Invitation, Standing
from services.bookings.domain.rules import check_headcount, check_may_change_again
from services.bookings.operations.guests import put_guest_states
from services.bookings.schemas.invitations import (
    CountHeads,
    Invite,
    Meeting,
    Reply,
    RevokeInvitation,
)
from services.bookings.steps.booking_events import record_booking_event
from services.bookings.steps.guest_mail import count_invitation
from services.bookings.steps.guest_updates import record_invitation_event
from services.bookings.steps.reservation import space_and_centre
from services.bookings.steps.save_booking import save_booking
from services.bookings.store.invitations import (
    AlreadyInvited,
    ListFull,
    NoRoom,
)
from services.common import authorisation, errors
from services.common.context import Call
from services.common.contracts.bookings import events
from services.common.contracts.bookings.errors import (
    ALREADY_INVITED,
    INVITATION_REVOKED,
    INVITATION_UNKNOWN,
    MEETING_CALLED_OFF,
    NO_ROOM_FOR_GUESTS,
    TOO_MANY_INVITATIONS,
)
from services.common.links import INVITATION
from services.common.storage.idempotency import Request
from services.common.storage.mongo import Session


def invite(app: App, call: Call, command: Invite) -> Invitation:
    """Ask an organisation or an outside guest to a joint meeting; the link goes out by e-mail.

    Raises:
        errors.NotFound, errors.Forbidden: the caller may not change the booking.
        errors.Conflict: no joint meeting, not confirmed, begun, asked before, or too many; the
            host or the invited organisation is not approved.
        errors.TooManyRequests: ``bookings.guest_mail_limited``.
        errors.Invalid: ``bookings.unknown_organisation``.
        errors.KeyReused: the key came with another request before.
    """
    _hosted(app, call, command.booking_id)
    request = Request.of(call, "bookings.invite", asdict(command))

    def ask(session: Session) -> Invitation:
        booking = _hosted(app, call, command.booking_id, session)
        now = app.clock.now()
        domain.check_can_invite(booking, now)
        if command.organisation_id == booking.organisation_id:
            raise ALREADY_INVITED()
        app.organisations.check_still_may(session, booking.owner)
        if command.organisation_id is not None:
            app.organisations.check_may_use(session, call.caller, command.organisation_id)
        app.invitations.lock_guest_list(session, booking)
        invitation = Invitation(
            id=app.new_id(),
            booking_id=booking.id,
            organisation_id=command.organisation_id,
            guest=command.guest,
            nonce=app.new_id(),
            status=Standing.INVITED,
            people=0,
            invited_by=call.caller.id,
            invited_at=now,
            updated_at=now,
            until=None if command.guest is None else booking.period.ends_at + domain.GUEST_KEPT,
        )
        try:
            app.invitations.invite(session, invitation)
        except AlreadyInvited as error:
            raise ALREADY_INVITED() from error
        except ListFull as error:
            raise TOO_MANY_INVITATIONS(most=domain.MOST_INVITATIONS) from error
        if invitation.guest is not None:
            put_guest_states(app, session, [invitation], call.caller)
        count_invitation(app, call, session, booking, invitation)
        record_invitation_event(
            app,
            session,
            events.INVITATION_ISSUED,
            invitation,
            booking,
            by=call.caller.id,
            caller=call.caller,
            # The log keeps it for ever, so of the link it has only what is of no use without our
            # secret.
            link_nonce=invitation.nonce,
        )
        return invitation

    return app.keys.once(
        request, ask, save=app.invitations.document_of, load=app.invitations.aggregate_of
    )


def find(app: App, call: Call, booking_id: str) -> tuple[list[Invitation], int]:
    """The invitations to a meeting, and how many guests may still accept.

    Raises:
        errors.NotFound, errors.Forbidden: the caller may not change the booking; the list holds
            addresses of outside people, so not everybody who may see the meeting may see it.
    """
    booking = app.bookings.get(booking_id)
    permissions.check_may_change(call.caller, booking)
    room = domain.room_for_guests(booking, app.centres.space(booking.space_id))
    return app.invitations.of_booking(booking.id), max(0, room - app.invitations.coming(booking.id))


def revoke(app: App, call: Call, command: RevokeInvitation) -> Invitation:
    """Take an invitation back; its link is void at once, and its places are free.

    Raises:
        errors.NotFound, errors.Forbidden: there is none, or the caller may not.
        errors.Stale: the invitation is not at the expected version any more.
        errors.Conflict: it was revoked before, the meeting is off, or has begun.
    """

    def take_back(session: Session) -> Invitation:
        booking = _hosted(app, call, command.booking_id, session)
        before = app.invitations.get(command.id, session)
        if before.booking_id != booking.id:
            raise errors.NotFound()
        if before.version != command.expected_version:
            raise errors.Stale()
        now = app.clock.now()
        after = before.revoked(now)
        domain.check_not_begun(booking, now)
        app.invitations.save_reply(session, before, after, room=0)
        record_invitation_event(
            app,
            session,
            events.INVITATION_REVOKED,
            after,
            booking,
            by=call.caller.id,
            caller=call.caller,
        )
        return after

    return app.database.transact(take_back)


def meeting(app: App, token: str) -> Meeting:
    """What the link shows.

    Raises:
        errors.NotFound: ``bookings.invitation_unknown`` for a link that we never made.
        errors.Conflict: revoked, called off or over.
    """
    invitation, booking = _opened(app, token, None)
    space = app.centres.space(booking.space_id)
    return Meeting(invitation, booking, space, app.centres.centre(space.centre_id))


def reply(app: App, call: Call, command: Reply) -> Invitation:
    """Answer an invitation; another answer later takes the place of this one, until it begins.

    Raises:
        errors.NotFound, errors.Conflict: as :func:`meeting`; or ``bookings.no_room_for_guests``.
    """

    def answer(session: Session) -> Invitation:
        before, booking = _opened(app, command.token, session)
        after = before.answered(command.answer, command.people, app.clock.now())
        if (after.status, after.people) == (before.status, before.people):
            return before
        # Neither the space nor the host's people can change while the guests are counted.
        app.invitations.lock_guest_list(session, booking)
        room = domain.room_for_guests(booking, app.centres.space(booking.space_id, session))
        try:
            app.invitations.save_reply(session, before, after, room)
        except NoRoom as error:
            raise NO_ROOM_FOR_GUESTS(left=error.left) from error
        record_invitation_event(
            app,
            session,
            events.INVITATION_REPLIED,
            after,
            booking,
            by=call.caller.id,
            caller=call.caller,
            answer=command.answer,
            people=after.people,
        )
        return after

    return app.database.transact(answer)


def count_heads(app: App, call: Call, command: CountHeads) -> Booking:
    """Note how many women and men were there; a later count corrects an earlier one.

    Raises:
        errors.NotFound, errors.Forbidden: the caller may not change the booking.
        errors.Stale: the booking is not at the expected version any more.
        errors.Conflict: nobody was checked in, or ``bookings.headcount_too_large``.
    """

    def note(session: Session) -> Booking:
        before = _hosted(app, call, command.id, session)
        if before.version != command.expected_version:
            raise errors.Stale()
        after = before.counted(
            women=command.women, men=command.men, by=call.caller.id, now=app.clock.now()
        )
        if after.headcount == before.headcount:
            return before
        by_staff = authorisation.is_staff_of(call.caller, before.centre_id)
        check_may_change_again(before.version, by_staff=by_staff)
        check_headcount(app.centres.space(after.space_id, session), command.women + command.men)
        save_booking(app, session, before, after)
        place = space_and_centre(app, after.space_id, session)
        counted = {"women": command.women, "men": command.men}
        record_booking_event(
            app, call.caller, session, events.BOOKING_COUNTED, after, place, **counted
        )
        return after

    return app.database.transact(note)


def _hosted(app: App, call: Call, booking_id: str, session: Session | None = None) -> Booking:
    booking = app.bookings.get(booking_id, session)
    permissions.check_may_change(call.caller, booking)
    return booking


def _opened(app: App, token: str, session: Session | None) -> tuple[Invitation, Booking]:
    invitation_id = app.links.subject_of(token)
    try:
        invitation = app.invitations.get(invitation_id or "", session)
    except errors.NotFound as error:
        raise INVITATION_UNKNOWN() from error
    if not app.links.opens(token, INVITATION, invitation.id, invitation.nonce):
        raise INVITATION_UNKNOWN()
    if invitation.status is Standing.REVOKED:
        raise INVITATION_REVOKED()
    if invitation.status is Standing.CALLED_OFF:
        raise MEETING_CALLED_OFF()
    booking = app.bookings.get(invitation.booking_id, session)
    domain.check_not_begun(booking, app.clock.now())
    return invitation, booking
