"""Limits what is sent to addresses that people choose."""

from __future__ import annotations

import math

from services.bookings.app import App
from services.bookings.domain.booking import Booking
from services.bookings.domain.guest_mail import Counted, mailbox_of
from services.bookings.domain.invitations import FOLLOWS, Invitation, guests_notice
from services.bookings.store.guest_mail import Keys
from services.common import authorisation, clock
from services.common.context import Call
from services.common.contracts.bookings.errors import GUEST_MAIL_LIMITED
from services.common.storage.mongo import Session


def count_invitation(
    app: App, call: Call, session: Session, booking: Booking, invitation: Invitation
) -> None:
    """Count an invitation for its caller, its organisation and its address.

    Raises:
        errors.TooManyRequests: ``bookings.guest_mail_limited``; nothing is counted then.
    """
    guest = invitation.guest
    invitee = invitation.invitee if guest is None else mailbox_of(guest.email)
    _count(
        app,
        session,
        {
            Counted.CALLER: call.caller.id,
            Counted.ORGANISATION: booking.owner,
            Counted.ADDRESS: invitee,
        },
    )


def count_news(app: App, call: Call, session: Session, before: Booking, after: Booking) -> None:
    """Count a change that the guests of a meeting get a mail about, where its own people made it.

    Raises:
        errors.TooManyRequests: ``bookings.guest_mail_limited``.
    """
    if authorisation.is_staff_of(call.caller, before.centre_id) or not guests_notice(before, after):
        return
    if app.invitations.of_booking(before.id, session, FOLLOWS):
        _count(app, session, {Counted.MEETING: before.id})


def _count(app: App, session: Session, keys: Keys) -> None:
    now = app.clock.now()
    free_at = app.guest_mail.count(session, keys, now)
    if free_at > now:
        seconds = math.ceil((free_at - now).total_seconds())
        raise GUEST_MAIL_LIMITED(
            minutes=math.ceil(seconds / 60),
            extra={"retry_after": seconds, "again_at": clock.to_wire(free_at)},
        )
